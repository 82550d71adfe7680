import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Fact } from '../../machines/facts.ts';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { OpenVerification } from '../../services/verify/book.ts';
import type { Expected } from '../../services/verify/expected.ts';
import { Journey } from '../../services/verify/journey.ts';
import { drive } from '../machines/story.ts';

const D = drive('D').id;
const HASH = { format: 'xxh64', value: '0123456789abcdef' } as const;

let clock: VirtualClock;
let facts: Fact[];
beforeEach(() => {
  clock = new VirtualClock();
  facts = [];
});

const manifest = (name: string): RelativePath => relativePath(`Photos/ascmhl/${name}.mhl`);

/** `3:a` is file a of manifest 3, `3?:a` of a manifest that no chain names, `:a` known to the journal alone. */
function file(text: string): Expected {
  const [name = '', path = ''] = text.replace('!', '').split(':');
  const generation =
    name === '' ? null : { path: manifest(name.replace('?', '')), c4: name.endsWith('?') ? null : 'c4…' };
  // `3:a!`: nothing vouches for it.
  return { path: relativePath(path), sizeBytes: 1, hash: text.endsWith('!') ? null : HASH, generation };
}

const files = (text: string): Expected[] => text.split(' ').map(file);

/** An earlier part that reached a file, finished manifests, and found files bad. */
function reached(
  place: string,
  finished: readonly string[] = [],
  bad: readonly string[] = [],
): OpenVerification {
  const { path, generation } = file(place);
  return {
    files: 1,
    bytes: 1,
    reached: { generation: generation?.path ?? null, path },
    generations: new Set(finished.map(manifest)),
    bad: new Map(bad.map((name) => [relativePath(name), 'altered'])),
    at: '2026-11-21T09:00:00.000Z',
    startedSeq: 1,
  };
}

function journey(from: OpenVerification | null = null): Journey {
  return new Journey({ driveId: D, from, clock, emit: async (fact) => void facts.push(fact) });
}

/** What is read, in order; every file is told to the journey as read. */
async function read(way: Journey, list: readonly Expected[]): Promise<string> {
  const paths: string[] = [];
  for await (const one of way.unread(list)) {
    paths.push(one.path);
    way.read(one);
  }
  return paths.join(' ');
}

const LIST = '3:a 3:b 2:c 2:d 2:e 1:f';

describe('what is still to be read', () => {
  it.each<[name: string, from: OpenVerification | null, list: string, left: string]>([
    ['all of it, when nothing was', null, LIST, 'a b c d e f'],
    ['what follows the place', reached('2:d', ['3']), LIST, 'e f'],
    ['what follows the last file of a manifest', reached('3:b'), LIST, 'c d e f'],
    ['a manifest that came since', reached('2:d', ['3']), '4:x 4:y 3:a 2:c 2:d 2:e 1:f', 'x y e f'],
    ['the whole manifest when its place is not met', reached('2:gone', ['3']), LIST, 'c d e f'],
    ['the whole manifest, when it is the last one', reached('1:gone', ['3', '2']), LIST, 'f'],
    ['nothing of a finished manifest, whatever its place', reached('2:gone', ['3', '2']), LIST, 'f'],
    [
      'what was bad, in its order, before the place and after',
      reached('2:d', ['3'], ['a', 'c', 'd']),
      LIST,
      'a c d e f',
    ],
    ['a manifest that no chain names', reached('2:d', ['3']), '3?:a 3?:b 2:c 2:d 2:e', 'a b e'],
    ['all of a manifest that has left its chain', reached('2:d', ['3']), '3:a 2?:c 2?:d 2?:e 1:f', 'c d e f'],
    ['what nothing vouches for, wherever it stands', reached('2:d', ['3']), '3:a 2:c! 2:d 2:e 3:z!', 'c e z'],
    ['what nothing vouches for, at the place itself', reached('2:d', ['3']), '2:c 2:d! 2:e', 'd c e'],
    [
      'what the journal alone knows, when manifests were not done',
      reached('1:f', ['3', '2']),
      `${LIST} :g :h`,
      'g h',
    ],
    ['what the journal alone knows, behind the place', reached(':g', ['3', '2', '1']), `${LIST} :g :h`, 'h'],
    [
      'what the journal alone knows, when the file of the place is gone',
      reached(':g', ['3', '2', '1']),
      `${LIST} :f0 :h`,
      'h',
    ],
    // U+FF21 before U+1F4F7 in bytes; the other way round in JavaScript's own order.
    [
      'what the journal alone knows, in byte order',
      reached(':\uff21', ['3', '2', '1']),
      `${LIST} :\uff20 :\uff21 :\u{1f4f7}`,
      '\u{1f4f7}',
    ],
    [
      'a bad one that the journal alone knows',
      reached(':g', ['3', '2', '1'], ['e0']),
      `${LIST} :e0 :g :h`,
      'e0 h',
    ],
  ])('%s', async (_name, from, list, left) => {
    expect(await read(journey(from), files(list))).toBe(left);
  });
});

describe('how far it came', () => {
  const progress = (index = -1) => facts.at(index);

  it('is the last file that was read, with the manifests that are done', async () => {
    const way = journey();
    await read(way, files(LIST));
    await way.record({ files: 6, bytes: 60 });
    expect(facts).toEqual([
      {
        type: 'VerificationProgressed',
        driveId: D,
        files: 6,
        bytes: 60,
        reached: { generation: manifest('1'), path: 'f' },
        generations: [manifest('3'), manifest('2')],
        altered: [],
        missing: [],
      },
    ]);
  });

  it('does not go back for what was bad before', async () => {
    const way = journey(reached('2:d', ['3'], ['a', 'd']));
    for await (const one of way.unread(files(LIST))) {
      way.read(one);
      // Of a manifest that was done long before the place.
      if (one.path === 'a') break;
    }
    way.found(relativePath('a'), 'altered');
    await way.record({ files: 4, bytes: 4 });
    expect(progress()).toMatchObject({ reached: { generation: manifest('2'), path: 'd' } });
  });

  it('is no place that nothing vouches for, and no manifest that no chain names', async () => {
    const way = journey();
    await read(way, files('3?:a 2:b 2:c 1:d!'));
    await way.record({ files: 4, bytes: 4 });
    expect(progress()).toMatchObject({ reached: { generation: manifest('2'), path: 'c' }, generations: [] });
  });

  it('counts a manifest as done although all of it was passed over', async () => {
    const way = journey(reached('2:e', ['3']));
    await read(way, files(LIST));
    await way.record({ files: 6, bytes: 6 });
    expect(progress()).toMatchObject({ generations: [manifest('3'), manifest('2')] });
  });

  it('is told once: what each fact tells is new', async () => {
    const way = journey();
    await way.record({ files: 0, bytes: 0 });
    expect(facts).toEqual([]);
    const list = way.unread(files(LIST));
    for (let n = 0; n < 3; n += 1) {
      const { value } = await list.next();
      way.read(value as Expected);
    }
    way.found(relativePath('b'), 'altered');
    way.found(relativePath('c'), 'missing');
    await way.record({ files: 3, bytes: 3 });
    await way.record({ files: 3, bytes: 3 });
    expect(facts).toHaveLength(1);
    expect(progress()).toMatchObject({ generations: [manifest('3')], altered: ['b'], missing: ['c'] });
    for await (const one of list) way.read(one);
    await way.record({ files: 6, bytes: 6 });
    expect(progress()).toMatchObject({ generations: [manifest('2')], altered: [], missing: [] });
  });

  it('is due every half minute, and when there is much to tell', async () => {
    const way = journey();
    clock.advance(29_999);
    expect(way.isDue).toBe(false);
    clock.advance(1);
    expect(way.isDue).toBe(true);
    way.read(file('3:a'));
    await way.record({ files: 1, bytes: 1 });
    expect(way.isDue).toBe(false);
    for (let n = 0; n < 256; n += 1) {
      expect(way.isDue).toBe(false);
      way.found(relativePath(`${n}`), n % 2 === 0 ? 'altered' : 'missing');
    }
    expect(way.isDue).toBe(true);
  });

  it('begins with a fact only when it begins anew', async () => {
    await journey(reached('2:d')).begin();
    expect(facts).toEqual([]);
    await journey().begin();
    expect(facts).toEqual([{ type: 'VerificationStarted', driveId: D }]);
  });

  it('after the end is not told any more', async () => {
    const way = journey();
    await read(way, files(LIST));
    await way.finish({ files: 6, altered: 1, missing: 2 });
    await way.record({ files: 6, bytes: 6 });
    expect(facts).toEqual([{ type: 'VerificationFinished', driveId: D, files: 6, altered: 1, missing: 2 }]);
  });
});

describe('what an earlier part found bad', () => {
  it('and nothing lists any more is not forgotten', async () => {
    const way = journey(reached('2:d', ['3'], ['c', 'gone']));
    await read(way, files(LIST));
    expect([...way.lostBefore()]).toEqual([['gone', 'altered']]);
    expect(['c', 'gone', 'a'].map((path) => way.knows(relativePath(path)))).toEqual([true, true, false]);
  });
});
