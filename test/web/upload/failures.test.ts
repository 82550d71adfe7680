import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../adapters/web/upload/failures.ts';

const problem = (code: unknown, detail: unknown) => JSON.stringify({ code, detail });

describe('is tried again by itself', () => {
  test.each([
    ['no answer', null, 'lost'],
    ['a broken connection', 0, 'lost'],
    ['a slow request', 408, 'busy'],
    ['another request has it', 409, 'busy'],
    ['locked', 423, 'busy'],
    ['too many questions', 429, 'busy'],
    ['an internal error', 500, 'busy'],
    ['on its way down', 503, 'busy'],
    ['the drive is full', 507, 'full'],
  ])('%s', (_what, status, cause) => {
    expect(failureOf(status === null ? null : { status, body: '' })).toBe(cause);
  });
});

describe('is refused', () => {
  test('with what the box said', () => {
    const answer = { status: 413, body: problem('upload-too-large', 'an upload may have 5 bytes now') };
    expect(failureOf(answer)).toEqual({ code: 'upload-too-large', detail: 'an upload may have 5 bytes now' });
  });

  test.each([
    '',
    'plain text',
    'null',
    '[]',
    '7',
    problem(7, null),
  ])('with its number where it said %j', (body) => {
    expect(failureOf({ status: 403, body })).toEqual({ code: 'unknown', detail: '403' });
  });

  test('when the phone does not give the file', () => {
    expect(failureOf(null, true)).toEqual({ code: 'unreadable', detail: '' });
  });
});
