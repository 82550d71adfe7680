import { DetailedError, Upload } from 'tus-js-client';
import { type Answer, failureOf } from './failures.ts';
import type { Cause, Why } from './queue.ts';

const ENDPOINT = '/api/v1/uploads';

export interface Listener {
  readonly progressed: (sentBytes: number) => void;
  readonly uploaded: () => void;
  readonly failed: (failure: Cause | Why) => void;
}

/** One file on its way, by tus 1.0.0. Tries are made by the queue: this one tries once. */
export class Sending {
  readonly #upload: Upload;
  #looked = false;
  #isWanted = false;

  constructor(file: File, { progressed, uploaded, failed }: Listener) {
    this.#upload = new Upload(file, {
      endpoint: ENDPOINT,
      retryDelays: null,
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name, filetype: file.type, lastModified: String(file.lastModified) },
      onProgress: (sent) => progressed(sent),
      onSuccess: uploaded,
      onError: (error) => failed(failureOf(answerOf(error), isUnreadable(error))),
    });
  }

  /** Goes on where it was, also before the page was loaded anew. */
  async start(): Promise<void> {
    this.#isWanted = true;
    if (!this.#looked) {
      this.#looked = true;
      const [newest] = (await this.#upload.findPreviousUploads().catch(() => [])).sort((a, b) =>
        b.creationTime.localeCompare(a.creationTime),
      );
      if (newest !== undefined) this.#upload.resumeFromPreviousUpload(newest);
    }
    // It may have been paused while it looked.
    if (this.#isWanted) this.#upload.start();
  }

  /** What arrived is kept. */
  async pause(): Promise<void> {
    this.#isWanted = false;
    await this.#upload.abort();
  }

  /** What arrived is thrown away. Never rejects: the box gives it up by itself after a while. */
  async cancel(): Promise<void> {
    this.#isWanted = false;
    await this.#upload.abort(true).catch(() => undefined);
  }
}

function answerOf(error: Error | DetailedError): Answer | null {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  return response === null ? null : { status: response.getStatus(), body: response.getBody() };
}

/** Phones take back the right to a file that was moved or deleted, or when they were asleep. */
function isUnreadable(error: Error | DetailedError): boolean {
  if (error instanceof DetailedError && error.originalRequest !== null) return false;
  return error.name === 'NotReadableError' || error.name === 'NotFoundError';
}
