import { describe, expect, test } from 'vitest';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import { driveId, inboxCardId } from '../../machines/ids.ts';
import type { Style } from '../../services/library/layout.ts';
import { preview } from '../../services/preview/preview.ts';
import type { PreviewFile, PreviewMessage } from '../../services/work-shapes.ts';
import { filesBelow, NOON, type World, world } from '../backup/world.ts';
import { dayInContent } from '../metadata/day-in-content.ts';

const DATED = { layout: 'dated', template: '', dayStarts: '00:00' } as const;

async function previewed(
  box: World,
  style: Partial<Style> = {},
  highest = 0,
  asked: string[] = [],
): Promise<PreviewMessage[]> {
  const messages: PreviewMessage[] = [];
  const metadata = dayInContent();
  const captures: typeof metadata.captures = (files) => {
    asked.push(...files.map(({ path }) => path));
    return metadata.captures(files);
  };
  const parts = {
    cards: box.cards,
    metadata: { captures },
    openPlan: memoryPlan,
    highestNumber: () => highest,
    drives: async () => null,
  };
  for await (const message of preview(box.card, { ...DATED, ...style }, parts)) messages.push(message);
  return messages;
}

const filesOf = (messages: readonly PreviewMessage[]): PreviewFile[] =>
  messages.flatMap((message) => ('file' in message ? [message.file] : []));

async function shot(): Promise<World> {
  const box = await world();
  for (const name of ['IMG_1.JPG', 'IMG_1.CR3', 'IMG_1.CR3.xmp']) {
    await box.put(`DCIM/100/${name}`, `day:2026-11-20 of ${name}`, NOON);
  }
  await box.put('DCIM/101/IMG_1.JPG', 'day:2026-11-20 another', NOON - 2000);
  await box.put('DCIM/101/IMG_2.JPG', 'of an unknown day', NOON - 4000);
  await box.put('MISC/A.MRK', 'print order', NOON - 6000);
  return box;
}

describe('a preview', () => {
  test.each([
    ['dated', {}],
    ['mirror', { layout: 'mirror' }],
    ['numbered', { layout: 'numbered' }],
    ['custom', { layout: 'custom', template: '{card}/{camera}/{date}/{name}.{ext}' }],
    [
      'custom, with a counter and nights',
      { layout: 'custom', template: '{date}_{seq}.{ext}', dayStarts: '13:00' },
    ],
  ] as const)('%s: says what a backup then does', async (_name, style) => {
    const box = await shot();
    const before = await filesBelow(box.root);
    const said = Object.fromEntries(filesOf(await previewed(box, style)).map(({ path, to }) => [path, to]));
    expect(await filesBelow(box.root)).toEqual(before);
    await box.backup({ ...DATED, ...style });
    const done = box.journal.of('FilesSettled').flatMap(({ copied }) => copied);
    expect(said).toEqual(Object.fromEntries(done.map(({ path, to }) => [path, to])));
    expect(done).toHaveLength(6);
  });

  test('says which names clash, and counts', async () => {
    const box = await shot();
    const messages = await previewed(box);
    const renamed = filesOf(messages).filter((file) => file.renamed);
    expect(renamed).toEqual([
      { path: 'DCIM/101/IMG_1.JPG', to: 'Photos/2026/2026-11-20/IMG_1_2.JPG', renamed: true },
    ]);
    expect(messages.at(-1)).toEqual({ result: { files: 6, renamed: 1, ignored: 0, unreadable: 0 } });
    expect(messages.at(-2)).toEqual({ progress: { filesDone: 6, filesTotal: 6 } });
  });

  test('counts on from the number that was given last, and no file is renamed', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'a', NOON);
    await box.put('IMG_2.JPG', 'b', NOON + 2000);
    const files = filesOf(await previewed(box, { layout: 'numbered' }, 999_999));
    expect(files.map(({ to, renamed }) => [to, renamed])).toEqual([
      ['Photos/20261121/pimg_1000000.jpg', false],
      ['Photos/20261121/pimg_1000001.jpg', false],
    ]);
  });

  test('of many files tells how far it is', async () => {
    const box = await world();
    for (let n = 0; n < 130; n += 1) await box.put(`DCIM/IMG_${1000 + n}.JPG`, `${n}`);
    const progress = (await previewed(box)).flatMap((message) =>
      'progress' in message ? [message.progress] : [],
    );
    expect(progress.map(({ filesDone }) => filesDone)).toEqual([64, 128, 130]);
  });

  test('of a name that is not UTF-8 gives its bytes', async () => {
    const box = await world();
    const raw = Buffer.concat([Buffer.from('caf'), Buffer.from([0xe9]), Buffer.from('.JPG')]);
    await box.put(raw, 'day:2026-11-20');
    const asked: string[] = [];
    const files = filesOf(await previewed(box, {}, 0, asked));
    // Its path cannot be told to anybody: another file may have the one that it looks like.
    expect(asked).toEqual([]);
    expect(files).toEqual([
      {
        path: 'caf\ufffd.JPG',
        pathBase64: raw.toString('base64'),
        to: 'Photos/2026/2026-11-21/caf%E9.JPG',
        renamed: false,
      },
    ]);
  });

  test('of an inbox is refused: a backup takes other files of it than lie there', async () => {
    const box = await shot();
    box.card = { ...box.card, id: inboxCardId(driveId('TANK')), label: 'inbox of TANK' };
    await expect(previewed(box)).rejects.toMatchObject({
      exitCode: 65,
      message: 'inbox of TANK: of an inbox there is no preview',
    });
  });

  test('of a card that cannot be read is an error with exit code 74', async () => {
    const box = await world();
    box.card = { ...box.card, path: `${box.card.path}-gone` };
    await expect(previewed(box)).rejects.toMatchObject({ exitCode: 74 });
  });
});
