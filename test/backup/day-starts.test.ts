import { describe, expect, test } from 'vitest';
import type { Capture } from '../../machines/media.ts';
import { type Order, type World, world } from './world.ts';

const HOUR_MS = 3_600_000;
const MIDNIGHT = Date.UTC(2026, 10, 21);
const CUSTOM = { layout: 'custom', template: '{camera}/{year}{month}{day}-{name}.{ext}' } as const;
const SAID: Readonly<Record<string, Capture | null>> = {
  'NIGHT.CR3': { at: '2026-11-21T01:30:00', make: 'Canon', model: 'Canon EOS R5' },
  'LATER.JPG': { at: '2026-11-21T03:00:00' },
  'LIVE.HEIC': { at: '2026-11-21T03:00:01' },
  // It began before its picture was taken.
  'LIVE.MOV': { at: '2026-11-21T02:59:59' },
};
const metadata: NonNullable<Order['metadata']> = {
  captures: async (files) => files.map(({ name }) => SAID[name] ?? null),
};

/** Photos around 03:00, of which some say their time and of the others the file does. */
async function night(): Promise<World> {
  const box = await world();
  const put = (name: string, hours: number) => box.put(`DCIM/${name}`, name, MIDNIGHT + hours * HOUR_MS);
  for (const name of Object.keys(SAID)) await put(name, 20);
  await put('NIGHT.JPG', 20);
  await put('NIGHT.xmp', 200);
  await put('SILENT.JPG', 1.5);
  await put('SILENT.WAV', 5);
  await put('GX010007.MP4', 2.9);
  await put('GX020007.MP4', 3.1);
  return box;
}

const backUp = (box: World, order: Order = {}) => box.backup({ metadata, dayStarts: '03:00', ...order });

/** Day by name on the card, as `library list` has it. */
function shown(box: World): Record<string, string | null> {
  const { shelf } = box.journal;
  const photos = shelf.groups('day').flatMap(({ key }) => shelf.photos({ day: key }).photos);
  return Object.fromEntries(photos.map(({ name, day }) => [name, day]));
}

const DAYS = {
  'NIGHT.CR3': '2026-11-20',
  'NIGHT.JPG': '2026-11-20',
  'LATER.JPG': '2026-11-21',
  'LIVE.HEIC': '2026-11-21',
  'LIVE.MOV': '2026-11-21',
  'SILENT.JPG': '2026-11-20',
  'SILENT.WAV': '2026-11-20',
  'GX010007.MP4': '2026-11-20',
  'GX020007.MP4': '2026-11-20',
};

describe('with day_starts = "03:00"', () => {
  test.each<[what: string, order: Order]>([
    ['dated', {}],
    ['numbered', { layout: 'numbered' }],
    ['custom', CUSTOM],
    ['mirror', { layout: 'mirror' }],
    ['custom without a day', { layout: 'custom', template: '{card}/{name}.{ext}' }],
  ])('%s: every photo is shown under the day of its shot', async (_what, order) => {
    const box = await night();
    await backUp(box, order);
    expect(shown(box)).toEqual(DAYS);
  });

  test('that is the day of its folder', async () => {
    const box = await night();
    await backUp(box);
    const copied = box.journal.of('FilesSettled').flatMap((fact) => fact.copied);
    for (const { path, to } of copied) {
      const name = path.slice('DCIM/'.length) as keyof typeof DAYS;
      if (name in DAYS) expect(to).toBe(`Photos/2026/${DAYS[name]}/${name}`);
    }
    expect(copied).toHaveLength(10);
  });

  test('the day is recorded only where the file itself does not say it', async () => {
    const box = await night();
    await backUp(box);
    const copied = box.journal.of('FilesSettled').flatMap((fact) => fact.copied);
    const recorded = copied.flatMap(({ path, day }) =>
      day === undefined ? [] : [path.slice('DCIM/'.length)],
    );
    expect(recorded.sort()).toEqual([
      'GX010007.MP4',
      'GX020007.MP4',
      'NIGHT.CR3',
      'NIGHT.JPG',
      'NIGHT.xmp',
      'SILENT.JPG',
      'SILENT.WAV',
    ]);
  });

  test('what was backed up keeps its day when the setting changes, also on another drive', async () => {
    const box = await night();
    await backUp(box);
    await box.addDrive('SECOND');
    await backUp(box, { dayStarts: '00:00' });
    expect(Object.keys(await box.onDrive(box.drives[1]))).toContain('Photos/2026/2026-11-21/NIGHT.CR3');
    expect(shown(box)).toEqual(DAYS);
  });
});

test('without it nothing is recorded but what another member or chapter dates', async () => {
  const box = await night();
  await backUp(box, { dayStarts: '00:00' });
  const copied = box.journal.of('FilesSettled').flatMap((fact) => fact.copied);
  expect(copied.filter(({ day }) => day !== undefined).map(({ path }) => path)).toEqual(['DCIM/NIGHT.xmp']);
});
