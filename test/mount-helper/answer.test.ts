import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../adapters/mount-helper/answer.ts';

describe('an answer of the helper', () => {
  it.each([
    ['ok /media/imagetank/sda1', { ok: true, path: '/media/imagetank/sda1' }],
    ['ok /media/me/MY CARD ', { ok: true, path: '/media/me/MY CARD ' }],
    ['no gone it is not there', { ok: false, trouble: 'gone', detail: 'it is not there' }],
    ['no not-allowed file system btrfs', { ok: false, trouble: 'not-allowed', detail: 'file system btrfs' }],
    ['no read-only', { ok: false, trouble: 'read-only', detail: '' }],
    [
      'no needs-repair sudo fsck.fat -a /dev/sda1 ',
      { ok: false, trouble: 'needs-repair', detail: 'sudo fsck.fat -a /dev/sda1' },
    ],
    ['no busy /x is in use', { ok: false, trouble: 'busy', detail: '/x is in use' }],
    ['no failed mount: x', { ok: false, trouble: 'failed', detail: 'mount: x' }],
  ])('%j', (line, expected) => {
    expect(parseAnswer(line)).toEqual(expected);
  });

  it.each([
    '',
    'ok',
    'ok ',
    'ok media',
    'OK /media',
    'no',
    'no ',
    'no unavailable x',
    'no harm done',
    'yes',
  ])('that is not understood is a failure: %j', (line) => {
    expect(parseAnswer(line)).toEqual({
      ok: false,
      trouble: 'failed',
      detail: `the mount helper’s answer is not understood: ${JSON.stringify(line)}`,
    });
  });

  it('never throws, and never makes up a path', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        const answer = parseAnswer(line);
        expect(answer.ok ? answer.path.startsWith('/') : answer.trouble !== 'unavailable').toBe(true);
      }),
    );
  });
});
