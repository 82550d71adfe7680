import { describe, expect, test } from 'vitest';
import type { Capture } from '../../machines/media.ts';
import { leadingCapture, shotFields, shotOf } from '../../services/library/shot.ts';

const MTIME = Date.UTC(2026, 10, 21, 1, 2, 3);

describe('when a shot was taken', () => {
  test('is what the camera wrote', () => {
    expect(shotOf({ at: '2026-11-20T22:00:00.5' }, MTIME).at).toBe('2026-11-20T22:00:00');
  });

  test.each([
    null,
    {},
    { at: 'yesterday' },
    { at: '0000-00-00T00:00:00' },
  ])('else the time of the file: %j', (capture) => {
    expect(shotOf(capture, MTIME).at).toBe('2026-11-21T01:02:03');
  });
});

describe('what a group says of itself', () => {
  const A = { at: '2026-11-20T22:00:00' };
  const B = { at: '2026-11-21T22:00:00' };
  const CAMERA = { model: 'R5' };
  const member = (name: string, capture: Capture | null) => ({ name, capture });

  test.each([
    [
      'the first picture that is dated',
      [member('a.CR3', CAMERA), member('a.JPG', A)],
      { ...A, ...CAMERA },
      true,
    ],
    ['not its video, where a picture is dated', [member('a.MOV', B), member('a.HEIC', A)], A, true],
    [
      'its video, where no picture is',
      [member('a.HEIC', CAMERA), member('a.MOV', B)],
      { ...B, ...CAMERA },
      true,
    ],
    ['never its sound or its sidecar', [member('a.WAV', A), member('a.xmp', B)], null, false],
    ['the camera at least', [member('a.CR3', null), member('a.JPG', CAMERA)], CAMERA, false],
    ['nothing', [member('a.CR3', null)], null, false],
    ['not what is no time', [member('a.CR3', { at: '0000-00-00' }), member('a.JPG', A)], A, true],
  ] as const)('%s', (_what, members, capture, isDated) => {
    expect(leadingCapture(members)).toEqual({ capture, isDated });
  });
});

describe('fields of a template', () => {
  test('of a shot of which everything is known', () => {
    const capture = { at: '2026-11-21T14:03:59.12', make: 'Canon', model: 'Canon EOS R5', serial: '01 2/3' };
    expect(shotFields(shotOf(capture, MTIME), '00:00', 'SD1')).toEqual({
      year: '2026',
      month: '11',
      day: '21',
      date: '2026-11-21',
      time: '140359',
      camera: 'Canon-EOS-R5',
      serial: '01-2-3',
      card: 'SD1',
    });
  });

  test('of one of which nothing is known', () => {
    expect(shotFields(shotOf(null, MTIME), '00:00', 'SD1')).toMatchObject({
      date: '2026-11-21',
      time: '010203',
      camera: 'unknown-camera',
      serial: 'unknown-serial',
    });
  });

  test('a night belongs to the day before, with its own time', () => {
    expect(shotFields(shotOf(null, Date.UTC(2027, 0, 1, 1, 2, 3)), '03:00', 'SD1')).toMatchObject({
      year: '2026',
      month: '12',
      day: '31',
      date: '2026-12-31',
      time: '010203',
    });
  });
});
