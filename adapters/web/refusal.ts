/** What the server refused, in its own words (RFC 9457). */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  /** Null: nothing was said about it. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number, { detail, code, hint, retryAfterSeconds = null }: Refused) {
    super(detail);
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface Refused {
  readonly detail: string;
  readonly code: string;
  readonly hint: string;
  readonly retryAfterSeconds?: number | null;
}
