import { cpSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Composition } from '../../bin/composition.ts';
import type { PreviewFile } from '../../services/work-shapes.ts';
import { filesBelow } from '../backup/world.ts';
import { Box, until } from '../recordings/box.ts';

const CARDS = fileURLToPath(new URL('../cards/', import.meta.url));
const SHOT_AT = new Date('2026-11-21T14:03:59Z');
const NUMBERED = { layout: 'numbered' };

let box: Box;
let drives: readonly string[];
beforeEach(() => {
  box = new Box();
  drives = [box.drive('drive'), box.drive('second')];
});
afterEach(async () => {
  await box.stop();
  box.remove();
});

/** The real box with both drives. */
async function started(config: Readonly<Record<string, unknown>>): Promise<Composition> {
  const running = await box.start(drives[0] ?? null, {}, config);
  await running.control.adopt(drives[1] ?? '', false);
  return running;
}

/** Backs up a folder as a card; resolves with the row of its history. */
async function backedUp(running: Composition, card: string) {
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  await running.control.sim.remove(card);
  return running.control.history().at(-1);
}

function closeJournal(): void {
  box.store?.log.close();
  box.store = null;
}

/** Photos of one day, in the order of their names, a second each. */
function put(card: string, names: readonly string[]): string {
  const folder = join(box.root, card, 'DCIM/100TEST');
  mkdirSync(folder, { recursive: true });
  for (const [at, name] of names.entries()) {
    writeFileSync(join(folder, name), `${card} ${name}`);
    const time = new Date(SHOT_AT.getTime() + 1000 * at);
    utimesSync(join(folder, name), time, time);
  }
  return join(box.root, card);
}

const photos = async (drive = drives[0] ?? ''): Promise<string[]> =>
  (await filesBelow(join(drive, 'Photos'))).filter((path) => !path.startsWith('ascmhl/'));

const GROUP = ['IMG_0001.JPG', 'IMG_0002.CR3', 'IMG_0002.CR3.xmp', 'IMG_0002.JPG', 'IMG_0003.JPG'];
const NUMBERS = ['1.jpg', '2.cr3', '2.cr3.xmp', '2.jpg', '3.jpg'].map((name) => `20261121/pimg_00000${name}`);

describe('numbered', () => {
  test('one number a shot, the same on both drives; journal and manifest keep the names of the card', async () => {
    const running = await started(NUMBERED);
    expect(await backedUp(running, put('A', GROUP))).toMatchObject({ outcome: 'done', copied: 5 });
    for (const drive of drives) {
      expect(await photos(drive)).toEqual(NUMBERS);
      const [manifest = ''] = (await filesBelow(join(drive, 'Photos/ascmhl'))).filter((name) =>
        name.endsWith('.mhl'),
      );
      const text = readFileSync(join(drive, 'Photos/ascmhl', manifest), 'utf8');
      const original = Buffer.from('DCIM/100TEST/IMG_0002.CR3.xmp').toString('base64');
      expect(text).toMatch(new RegExp(`<path [^>]*>20261121/pimg_000002.cr3.xmp</path>[^]*?${original}`));
      const journal = readFileSync(join(drive, '.imagetank/journal.jsonl'), 'utf8');
      expect(journal).toContain('"path":"DCIM/100TEST/IMG_0002.CR3.xmp"');
    }
    expect(await backedUp(running, join(box.root, 'A'))).toMatchObject({ copied: 0, duplicates: 5 });
    expect(await photos()).toEqual(NUMBERS);
  });

  test('what is deleted from a drive gives its number to nobody', async () => {
    const running = await started(NUMBERED);
    await backedUp(running, put('A', GROUP));
    for (const drive of drives) rmSync(join(drive, 'Photos/20261121/pimg_000003.jpg'));
    await backedUp(running, put('B', ['IMG_0003.JPG']));
    for (const drive of drives) {
      expect(await photos(drive)).toEqual([...NUMBERS.slice(0, 4), '20261121/pimg_000004.jpg']);
    }
  });

  test('a journal that was lost does not bring numbers back: drives and their manifests know them', async () => {
    const first = await started(NUMBERED);
    await backedUp(first, put('A', GROUP));
    await box.stop();
    closeJournal();
    rmSync(join(box.root, 'state'), { recursive: true });
    // Of the last one the manifest alone knows; of this one no manifest does.
    for (const drive of drives) rmSync(join(drive, 'Photos/20261121/pimg_000003.jpg'));
    mkdirSync(join(drives[1] ?? '', 'Photos/20250101'));
    writeFileSync(join(drives[1] ?? '', 'Photos/20250101/pimg_999999.jpg'), 'of another box');
    const second = await started(NUMBERED);
    expect(await backedUp(second, put('B', ['IMG_0009.JPG']))).toMatchObject({ outcome: 'done', copied: 1 });
    expect(await photos()).toEqual([...NUMBERS.slice(0, 4), '20261121/pimg_1000000.jpg']);
    // What the manifests claim and is there is read, and not copied again; what was deleted is, with a new number.
    const again = await backedUp(second, join(box.root, 'A'));
    expect(again).toMatchObject({ copied: 1, duplicates: 4 });
    for (const drive of drives) expect(await photos(drive)).toContain('20261121/pimg_1000001.jpg');
  });

  test('with one drive alone the counter goes on behind its manifest, too', async () => {
    const first = await box.start(drives[0] ?? '', {}, NUMBERED);
    await backedUp(first, put('A', GROUP));
    await box.stop();
    closeJournal();
    rmSync(join(box.root, 'state'), { recursive: true });
    rmSync(join(drives[0] ?? '', 'Photos/20261121'), { recursive: true });
    const second = await box.start(drives[0] ?? '', {}, NUMBERED);
    await backedUp(second, put('B', ['IMG_0009.JPG']));
    expect(await photos()).toEqual(['20261121/pimg_000004.jpg']);
  });
});

describe('custom', () => {
  const CUSTOM = { layout: 'custom', template: '{year}/{date}/{name}-{time}.{ext}', day_starts: '15:00' };

  test('both drives, one suffix for a whole group, and nights that belong to the day before', async () => {
    const running = await started(CUSTOM);
    await backedUp(running, put('A', ['IMG_0001.CR3', 'IMG_0001.JPG'].sort()));
    await backedUp(running, put('B', ['IMG_0001.CR3', 'IMG_0001.JPG'].sort()));
    const names = ['-140359.CR3', '-140359.JPG', '-140359_2.CR3', '-140359_2.JPG'];
    for (const drive of drives) {
      expect(await photos(drive)).toEqual(names.map((name) => `2026/2026-11-20/IMG_0001${name}`));
    }
  });

  test('a preview says what the backup then does, of real photos', async () => {
    const card = join(box.root, 'NIKON');
    cpSync(join(CARDS, 'NIKON'), card, { recursive: true, preserveTimestamps: true });
    const template = '{camera}/{date}/{serial}_{name}.{ext}';
    const running = await started({ layout: 'custom', template });
    const said = async (target: string) => {
      const files: PreviewFile[] = [];
      for await (const message of running.control.preview(target, {}))
        if ('file' in message) files.push(message.file);
      return files;
    };
    const before = await said(card);
    expect(await running.control.status()).toMatchObject({ cards: [], backups: [] });
    await running.control.sim.insert(card, null);
    await until(running, 'copying');
    await until(running, 'ready');
    const after = await said('NIKON');
    for (const drive of drives) {
      const placed = (await photos(drive)).map((path) => `Photos/${path}`);
      expect(placed).toHaveLength(4);
      for (const [files, there] of [
        [before, false],
        [after, true],
      ] as const) {
        const its = files.filter((file) => file.drive === basename(drive) && file.there === there);
        expect(its.map(({ to }) => to).sort()).toEqual(placed);
      }
    }
    await expect(said(join(card, 'nowhere'))).rejects.toMatchObject({ exitCode: 66 });
    await expect(said('nobody')).rejects.toMatchObject({ exitCode: 66 });
    await expect(said(drives[0] ?? '')).rejects.toMatchObject({ exitCode: 64 });
  });
});

test('another layout copies nothing twice, but mirror, where the path is what counts', async () => {
  const card = put('A', GROUP);
  const layouts = [
    { layout: 'dated' },
    NUMBERED,
    { layout: 'custom', template: '{card}/{name}_{seq}.{ext}' },
    { layout: 'dated', day_starts: '15:00' },
  ];
  const counts: unknown[] = [];
  for (const config of [...layouts, { layout: 'mirror' }, { layout: 'mirror' }, NUMBERED]) {
    const running = await started(config);
    const row = await backedUp(running, card);
    counts.push([row?.outcome, row?.copied]);
    await box.stop();
    closeJournal();
  }
  expect(counts.map((count) => JSON.stringify(count))).toEqual([
    '["done",5]',
    ...Array.from({ length: 3 }, () => '["done",0]'),
    '["done",5]',
    '["done",0]',
    '["done",0]',
  ]);
  expect(await photos()).toEqual([
    ...GROUP.map((name) => `2026/2026-11-21/${name}`),
    ...GROUP.map((name) => `A/DCIM/100TEST/${name}`),
  ]);
});
