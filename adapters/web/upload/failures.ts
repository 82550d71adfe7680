import type { Cause, Why } from './queue.ts';

/** What an answer to an upload means. Null: nobody answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A cause: it is tried again by itself. Otherwise why it is not. */
export function failureOf(answer: Answer | null, isFileError = false): Cause | Why {
  if (isFileError) return { code: 'unreadable', detail: '' };
  if (answer === null || answer.status === 0) return 'lost';
  if (answer.status === INSUFFICIENT_STORAGE) return 'full';
  if (isPassing(answer.status)) return 'busy';
  return problemIn(answer);
}

/** RFC 4918, section 11.5. What arrived is kept, and it goes on when somebody has made room. */
const INSUFFICIENT_STORAGE = 507;

/**
 * Busy, in another request's hands, or on its way down: what arrived is kept, and there is nothing for anybody to do.
 * RFC 9110 and 4918.
 */
const isPassing = (status: number): boolean =>
  status === 408 || status === 409 || status === 423 || status === 429 || status >= 500;

function problemIn({ status, body }: Answer): Why {
  const unknown = { code: 'unknown', detail: String(status) };
  try {
    const said: unknown = JSON.parse(body);
    if (typeof said !== 'object' || said === null) return unknown;
    const { code, detail } = said as Record<string, unknown>;
    return {
      code: typeof code === 'string' ? code : unknown.code,
      detail: typeof detail === 'string' ? detail : unknown.detail,
    };
  } catch {
    return unknown;
  }
}
