import * as z from 'zod';

/** What the shapes of `contract.md` section 2 are made of. */
export const time = z.string().describe('ISO 8601 UTC, ends in Z');
export const bytes = z.number().int().nonnegative();
export const count = z.number().int().nonnegative();
