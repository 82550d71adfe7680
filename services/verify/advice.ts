import type { Work } from '../appliance.ts';
import { isDriveError, UserError } from '../errors.ts';
import { isManifestError } from '../manifest/manifest-error.ts';
import type { VerifyProgress, VerifyResult } from '../work-shapes.ts';

export type VerifyWork = Work<VerifyResult, VerifyProgress>;

/** A pulled or failing medium as the one line that a person can act on. */
export async function* withAdvice<Message>(
  work: AsyncIterable<Message>,
  again = 'verify once more',
  smaller = 'Verify a folder with a smaller history.',
): AsyncGenerator<Message> {
  try {
    yield* work;
  } catch (error) {
    if (isManifestError(error)) {
      throw new UserError('manifest-limit', 65, error.message, smaller, error);
    }
    if (!isDriveError(error)) throw error;
    throw new UserError(error.reason, 74, error.message, `Attach it again and ${again}.`, error);
  }
}
