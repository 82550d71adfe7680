import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Style } from '../../services/library/layout.ts';
import { type TreeFile, tree } from './trees.ts';
import { NOON, type World, world } from './world.ts';

const style = fc.constantFrom<Partial<Style>>(
  { layout: 'dated' },
  { layout: 'dated', dayStarts: '11:30' },
  { layout: 'mirror' },
  { layout: 'numbered' },
  { layout: 'custom', template: '{camera}/{name}/{time}.{name}.{ext}' },
  { layout: 'custom', template: '{card} {seq}-{name}.{ext}' },
);

async function fill(box: World, files: readonly TreeFile[]): Promise<Map<string, string>> {
  const onCard = new Map<string, string>();
  for (const { folder, stem, end, content, hour } of files) {
    const path = `${folder}${stem}${end}`;
    await box.put(path, content, NOON + hour * 3_600_000);
    onCard.set(path, content);
  }
  return onCard;
}

const empty = async (box: World): Promise<void> => {
  await rm(join(box.root, 'card'), { recursive: true });
};

const { IMAGETANK_FULL } = process.env;
const RUNS = IMAGETANK_FULL === undefined ? 200 : 10_000;

test('any tree: everything is on the drive, nothing that existed changed, a second run copies nothing', async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, style, async (first, second, style) => {
      const box = await world();
      const { drive } = box;
      const order = { drives: [drive], ...style };
      let before: Record<string, string> = {};
      for (const files of [first, second]) {
        await box.insert('card', { label: 'SD1' });
        const onCard = await fill(box, files);
        expect(await box.backup(order)).toMatchObject({
          type: 'BackupFinished',
          totals: { files: onCard.size, failed: 0 },
        });
        const after = await box.onDrive(drive);
        expect(after).toMatchObject(before);
        const contents = new Set(Object.values(after));
        for (const content of onCard.values()) expect(contents).toContain(content);
        expect(await box.backup(order)).toMatchObject({
          type: 'BackupFinished',
          totals: { copied: 0, duplicates: onCard.size },
        });
        expect(await box.onDrive(drive)).toEqual(after);
        expect(await box.incoming(drive)).toEqual([]);
        before = after;
        await empty(box);
      }
      await rm(box.root, { recursive: true });
    }),
    { numRuns: RUNS },
  );
});
