import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import type { Capture } from '../../machines/media.ts';
import type { Style } from '../../services/library/layout.ts';
import type { MediaFile } from '../../services/media-ports.ts';
import { preview } from '../../services/preview/preview.ts';
import type { PreviewFile } from '../../services/work-shapes.ts';
import { CARD, fill, LAYOUTS, SHOTS } from '../backup/shots-of-all-kinds.ts';
import { NOON, type Order, type World, world } from '../backup/world.ts';

const HOUR_MS = 3_600_000;
const SAID: readonly (Capture | null)[] = [
  null,
  {},
  { at: '2026-11-20T23:59:59', make: 'Canon', model: 'EOS R5', serial: '012' },
  { at: '2026-11-21T01:30:00' },
  { model: 'HERO9' },
  { serial: '77' },
];

/** By its name on the card: what lies in `incoming/` says the same as what lies on the card. */
const metadataSaying = (said: readonly number[]) => ({
  captures: async (files: readonly MediaFile[]) =>
    files.map(({ name }) => {
      const at = CARD.findIndex((path) => path.endsWith(`/${name}`));
      return SAID[said[at % said.length] ?? 0] ?? null;
    }),
});

type Metadata = NonNullable<Order['metadata']>;

async function said(box: World, style: Style, metadata: Metadata, on: 'empty' | 'attached' = 'empty') {
  const { catalogue } = box.journal;
  const stores = on === 'empty' ? [] : box.drives;
  const known = box.drives.map(({ drive }) => drive.id);
  const files: PreviewFile[] = [];
  for await (const message of preview(box.card, style, {
    cards: box.cards,
    metadata,
    openPlan: memoryPlan,
    highestNumber: () => catalogue.highestNumber(),
    drives: async () => ({ stores, catalogue, known, reserveBytes: 0 }),
  })) {
    if ('file' in message) files.push(message.file);
  }
  return files;
}

const pathsOf = (files: readonly PreviewFile[]) =>
  Object.fromEntries(files.map(({ path, to }) => [path, to]));

const done = (box: World) =>
  Object.fromEntries(
    box.journal.of('FilesSettled').flatMap(({ copied }) => copied.map(({ path, to }) => [path, to])),
  );

const STYLES = Object.entries(LAYOUTS).flatMap(([name, layout]) =>
  // The second lies between two chapters of a video.
  ['00:00', '10:11'].map((dayStarts) => [name, { ...layout, dayStarts }] as const),
);

describe.each(STYLES)('%s %j', (_name, style) => {
  test('of every kind of shot, on an empty drive', async () => {
    const box = await world();
    await fill(box);
    const metadata = metadataSaying([0]);
    const expected = pathsOf(await said(box, style, metadata));
    await box.backup({ ...style, metadata });
    expect(done(box)).toEqual(expected);
    expect(Object.keys(expected).sort()).toEqual([...CARD].sort());
  });

  test('on a drive that has some of the shots already: they stay, and the others come to them', async () => {
    const isCounting = style.template.includes('{seq}') || style.layout === 'numbered';
    const box = await world();
    const metadata = metadataSaying([0, 2, 3]);
    await fill(box, SHOTS.filter((_, at) => at % 2 === 0).flat());
    await box.backup({ ...style, metadata });
    const before = done(box);
    await fill(box);
    const expected = pathsOf(await said(box, style, metadata));
    await box.backup({ ...style, metadata });
    const after = done(box);
    expect(after).toMatchObject(isCounting ? {} : before);
    const folderOf = (path = '') => path.slice(0, path.lastIndexOf('/'));
    for (const path of CARD) {
      // Numbers are counted on: the preview gives each shot one, the backup none to what has one.
      if (isCounting) expect(folderOf(after[path])).toBe(folderOf(expected[path]));
      else expect(after[path]).toBe(expected[path]);
    }
  });
});

/** Folders in which cameras use the same names, so that they clash. */
const FOLDERS = ['DCIM/100MEDIA', 'DCIM/101MEDIA', 'PRIVATE/M4ROOT/CLIP'];
const NAMES = CARD.map((path) => path.slice(path.lastIndexOf('/') + 1));

const cards = fc.uniqueArray(
  fc.record({
    folder: fc.constantFrom(...FOLDERS),
    name: fc.constantFrom(...NAMES),
    hour: fc.integer({ min: 0, max: 40 }),
  }),
  { minLength: 1, maxLength: 14, selector: ({ folder, name }) => `${folder}/${name}` },
);

test('of any card, in any layout, the paths of a preview are those of the backup', async () => {
  const styles = fc.constantFrom(...STYLES.map(([, style]) => style));
  const answers = fc.array(fc.nat(SAID.length - 1), { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(cards, styles, answers, async (card, style, answered) => {
      const box = await world();
      for (const { folder, name, hour } of card)
        await box.put(`${folder}/${name}`, `${folder} ${name}`, NOON + hour * HOUR_MS);
      const metadata = metadataSaying(answered);
      const expected = pathsOf(await said(box, style, metadata));
      await box.backup({ ...style, metadata });
      expect(done(box)).toEqual(expected);
      expect(Object.keys(expected)).toHaveLength(card.length);
    }),
    { numRuns: 60 },
  );
});
