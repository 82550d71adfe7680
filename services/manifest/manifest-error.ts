/** A manifest or chain that cannot be used. The message names what is wrong, the caller adds which file it was. */
export class ManifestError extends Error {
  /** `damaged`: no well-formed ASC MHL v2; `limit`: one of the named limits was hit. */
  readonly code: 'damaged' | 'limit';

  constructor(code: ManifestError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ManifestError';
    this.code = code;
  }
}

export const isManifestError = (error: unknown): error is ManifestError => error instanceof ManifestError;
