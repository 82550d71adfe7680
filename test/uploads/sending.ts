import { Buffer } from 'node:buffer';
import { isUserError } from '../../services/errors.ts';
import type { Delivery } from '../../services/uploads/ports.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { b64 } from './kit.ts';

/** A body; an error is where it breaks off. */
export async function* pieces(...all: readonly (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const one of all) {
    if (one instanceof Error) throw one;
    yield Buffer.from(one);
  }
}

export const delivery = (body: AsyncIterable<Uint8Array>, more: Partial<Delivery> = {}): Delivery => ({
  ...{ offset: 0, length: null, body },
  ...{ cut: () => undefined, check: () => undefined },
  ...more,
});

/** Begins one of a phone; its id. */
export const beginIn = async (uploads: Uploads, sizeBytes: number, sender: string | null = 'phone') =>
  (await uploads.create(sender, sizeBytes, `filename ${b64('IMG_0001.JPG')}`)).id;

/** How it was refused; whatever else it came to. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.catch((thrown: unknown) => thrown);
  return isUserError(outcome) ? outcome.code : outcome;
}
