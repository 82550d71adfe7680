import { describe, expect, test } from 'vitest';
import { playedSlide, type Size, Slides, slideOf } from '../../../adapters/web/gallery/slides.ts';
import type { Loaded } from '../../../adapters/web/gallery/thumbs.ts';

const SIZE: Size = { width: 1600, height: 1067 };
const turn = async () => {
  for (let at = 0; at < 8; at += 1) await Promise.resolve();
};

function given(answers: Record<string, Loaded | 'fails'>, size: Size | null = SIZE) {
  const asked: string[] = [];
  const released: string[] = [];
  const timers: { ms: number; run: () => void }[] = [];
  const changed: string[] = [];
  const slides = new Slides({
    load: async (id) => {
      asked.push(id);
      const answer = answers[id] ?? { kind: 'ready', url: `blob:${id}` };
      if (answer === 'fails') throw new TypeError('no answer');
      return answer;
    },
    sizeOf: async () => size,
    release: (url) => released.push(url),
    setTimer: (ms, run) => {
      const timer = { ms, run };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  const get = (id: string, name = `${id}.CR3`) => slides.get({ id, name }, () => changed.push(id));
  return { slides, asked, released, timers, changed, get, answers };
}

test('films and sound are played, whatever the box could draw of them', () => {
  expect(playedSlide('C0001.MP4')).toEqual({ kind: 'film' });
  expect(playedSlide('DSC1.WAV')).toEqual({ kind: 'sound' });
  expect(playedSlide('DSC1.NEF')).toBeNull();
  const { get, asked } = given({});
  expect(get('a', 'a.mov')).toEqual({ kind: 'film' });
  expect(asked).toEqual([]);
});

describe('an answer is', () => {
  test.each<[Loaded, Size | null, object]>([
    [{ kind: 'ready', url: 'blob:1' }, SIZE, { kind: 'picture', url: 'blob:1', ...SIZE }],
    [{ kind: 'ready', url: 'blob:1' }, null, { kind: 'words', text: 'viewPictureNone', retryMs: null }],
    [{ kind: 'none' }, null, { kind: 'words', text: 'viewPictureNone', retryMs: null }],
    [{ kind: 'away' }, null, { kind: 'words', text: 'viewPictureAway', retryMs: null }],
    [{ kind: 'later', afterMs: 7 }, null, { kind: 'words', text: 'viewPictureLater', retryMs: 7 }],
  ])('%j of %j: %j', (loaded, size, slide) => {
    expect(slideOf(loaded, size)).toEqual(slide);
  });
});

describe('slides', () => {
  test('wait, and say once when there is something to show', async () => {
    const { get, changed, asked } = given({});
    expect(get('a')).toEqual({ kind: 'waiting' });
    expect(get('a')).toEqual({ kind: 'waiting' });
    await turn();
    expect(changed).toEqual(['a']);
    expect(asked).toEqual(['a']);
    expect(get('a')).toEqual({ kind: 'picture', url: 'blob:a', ...SIZE });
  });

  test('what comes and is no picture is released', async () => {
    const { get, released } = given({}, null);
    get('a');
    await turn();
    expect(get('a')).toMatchObject({ kind: 'words', text: 'viewPictureNone' });
    expect(released).toEqual(['blob:a']);
  });

  test('what comes later is asked for again, when the box said', async () => {
    const { get, timers, answers, changed } = given({ a: { kind: 'later', afterMs: 30_000 } });
    get('a');
    await turn();
    expect(get('a')).toMatchObject({ kind: 'words', text: 'viewPictureLater' });
    expect(timers.map(({ ms }) => ms)).toEqual([30_000]);
    answers['a'] = { kind: 'ready', url: 'blob:a' };
    timers[0]?.run();
    await turn();
    expect(get('a')).toMatchObject({ kind: 'picture' });
    expect(changed).toEqual(['a', 'a']);
  });

  test('a box that does not answer is said, and asked again', async () => {
    const { get, timers } = given({ a: 'fails' });
    get('a');
    await turn();
    expect(get('a')).toMatchObject({ kind: 'words', text: 'photoLost' });
    expect(timers.map(({ ms }) => ms)).toEqual([10_000]);
  });

  test('a dozen are kept, the one looked at last for longest', async () => {
    const { get, released } = given({});
    for (let at = 0; at < 12; at += 1) get(`p${at}`);
    await turn();
    get('p0');
    get('one more');
    await turn();
    expect(released).toEqual(['blob:p1']);
  });

  test('when it is closed, all is let go: what came, what comes and what waits', async () => {
    const { get, slides, released, timers, changed } = given({ b: { kind: 'later', afterMs: 30_000 } });
    get('a');
    get('b');
    await turn();
    get('c');
    slides.stop();
    await turn();
    expect(released.sort()).toEqual(['blob:a', 'blob:c']);
    expect(timers).toEqual([]);
    expect(changed.sort()).toEqual(['a', 'b']);
  });
});
