import { describe, expect, test } from 'vitest';
import { CardError } from '../../services/errors.ts';
import type { CardReader, ReadBack } from '../../services/media-ports.ts';
import { altered, DAY, type World, world } from './world.ts';

const twice = { verify: 'source-twice' } as const;
const BIG = 'b'.repeat(300 * 1024);

async function filled(): Promise<World> {
  const box = await world();
  await box.put('BIG.JPG', BIG);
  await box.put('SMALL.JPG', 'small');
  return box;
}

/** A card whose second reading goes through `change`. */
function second(box: World, change: (result: ReadBack, path: string) => ReadBack): CardReader {
  return altered(box.cards, {
    readBack: async (root, file) => change(await box.cards.readBack(root, file), file.path),
  });
}

describe('verify = "source-twice"', () => {
  test('reads every file a second time, and only then', async () => {
    const box = await filled();
    const again: string[] = [];
    const cards = second(box, (result, path) => {
      again.push(path);
      return result;
    });
    await box.backup({ cards });
    expect(again).toEqual([]);
    await box.insert('OTHER');
    await box.put('BIG.JPG', `${BIG}1`);
    await box.put('SMALL.JPG', 'smaller');
    expect(await box.backup({ cards, ...twice })).toMatchObject({ type: 'BackupFinished', trusted: true });
    expect(again.toSorted()).toEqual(['BIG.JPG', 'SMALL.JPG']);
  });

  test.each([
    ['medium', twice, ['medium']],
    ['cache', twice, ['cache']],
    ['medium', {}, [undefined]],
  ] as const)('the journal says that it was done, and from the %s', async (verifiedFrom, verify, expected) => {
    const box = await filled();
    const cards = second(box, (result) => ({ ...result, verifiedFrom }));
    await box.backup({ cards, ...verify });
    const said = () => box.journal.of('FilesSettled').map(({ secondReading }) => secondReading);
    expect(said()).toEqual(expected);
    await box.backup({ cards, ...verify });
    // The second time nothing is read: all is known or a duplicate.
    expect(
      said()
        .slice(1)
        .every((reading) => reading === undefined),
    ).toBe(true);
    expect(said().length).toBeGreaterThan(1);
  });

  test.each([
    'BIG.JPG',
    'SMALL.JPG',
  ])('%s that reads differently every time is not on the drive', async (name) => {
    const box = await filled();
    const cards = second(box, (result, path) =>
      path === name ? { ...result, xxh64: '0'.repeat(16) } : result,
    );
    expect(await box.backup({ cards, ...twice })).toMatchObject({
      type: 'BackupFailed',
      reason: 'card-unreadable',
      detail: expect.stringContaining(`${name}: two readings of the card differ`),
      totals: { copied: 1, failed: 1 },
    });
    expect(Object.keys(await box.onDrive())).toEqual(
      ['BIG.JPG', 'SMALL.JPG'].filter((each) => each !== name).map((each) => `${DAY}/${each}`),
    );
    expect(await box.incoming()).toEqual([]);
  });

  test('one slip of the reader is mended by reading again', async () => {
    const box = await filled();
    let slips = 1;
    const cards = second(box, (result) => (slips-- > 0 ? { ...result, sizeBytes: 1 } : result));
    expect(await box.backup({ cards, ...twice })).toMatchObject({ type: 'BackupFinished' });
    expect(await box.onDrive()).toEqual({ [`${DAY}/BIG.JPG`]: BIG, [`${DAY}/SMALL.JPG`]: 'small' });
  });

  test('a card pulled between the two readings is removed too early', async () => {
    const box = await filled();
    const cards = altered(box.cards, {
      readBack: async () => {
        throw new CardError('gone', 'no such device');
      },
    });
    expect(await box.backup({ cards, ...twice })).toMatchObject({
      type: 'BackupInterrupted',
      reason: 'card-removed',
    });
  });

  test('of a volume from the cache proves nothing: no green', async () => {
    const box = await filled();
    const cards = second(box, (result) => ({ ...result, verifiedFrom: 'cache' }));
    expect(await box.backup({ cards, ...twice })).toMatchObject({ trusted: true });
    box.asVolume();
    await box.put('NEW.JPG', 'new');
    expect(await box.backup({ cards, ...twice })).toMatchObject({ type: 'BackupFinished', trusted: false });
    await box.put('NEWER.JPG', 'newer');
    const fromMedium = second(box, (result) => ({ ...result, verifiedFrom: 'medium' }));
    expect(await box.backup({ cards: fromMedium, ...twice })).toMatchObject({ trusted: true });
  });
});
