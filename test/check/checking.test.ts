import { beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { cardId, type DriveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { PLAIN_CHECK } from '../../services/appliance.ts';
import { NOTHING_OFFSITE, type OffsiteCopies } from '../../services/check/offsite.ts';
import { Checking } from '../../services/checking.ts';
import { Library } from '../../services/library/library.ts';
import type { CheckOptions, CheckResult } from '../../services/work-shapes.ts';
import { daemonStarted, devicesKnown, drive } from '../machines/story.ts';
import { hashOf, MemoryDrive, rel } from '../manifest/memory-drive.ts';
import { flush, runtimeKit } from '../runtime/kit.ts';
import { MemoryCard } from './memory-card.ts';

const CARD = { id: cardId('card-A'), path: '/media/A', kind: 'volume' } as const;
const PHOTO = rel('DCIM/100CANON/IMG_0001.CR3');
const CONTENT = 'a photo';
const AT_MS = 1_700_000_000_000;
const [D, E] = [drive('D'), drive('E')];

/** A card of one photo that two adopted and attached drives hold. */
async function box(copies: 'all' | number = 'all', offsite: OffsiteCopies = NOTHING_OFFSITE) {
  const kit = runtimeKit();
  const card = new MemoryCard();
  card.put(PHOTO, CONTENT);
  let listed = 0;
  const { scan } = card;
  card.scan = () => {
    listed += 1;
    return scan.call(card);
  };
  const adopted = [D, E];
  const stores = new Map(adopted.map((one) => [one.id, new MemoryDrive(one)]));
  for (const store of stores.values()) store.put('Photos/a', CONTENT, AT_MS);
  const present = new Set<DriveId>();
  const failing = new Set<DriveId>();
  await kit.tell(
    daemonStarted(),
    ...adopted.map((one): Fact => ({ type: 'DriveAttached', drive: one })),
    devicesKnown(),
    ...adopted.map((one) => holds(one)),
  );
  const checking = new Checking({
    runtime: kit.runtime,
    store: kit.store,
    clock: kit.clock,
    cards: card,
    openDrive: async ({ id }) => {
      const found = stores.get(id);
      if (found === undefined) throw new Error('no such drive');
      return found;
    },
    drives: () => adopted,
    present: () => present,
    isFailing: (id) => failing.has(id),
    offsite,
    copies,
  });
  const check = async (
    options: CheckOptions = PLAIN_CHECK,
    each: (message: object) => unknown = () => undefined,
  ): Promise<CheckResult> => {
    let result: CheckResult | null = null;
    for await (const message of checking.check(CARD, options)) {
      await each(message);
      if ('result' in message) result = message.result;
    }
    if (result === null) throw new Error('no result');
    return result;
  };
  return { ...kit, card, stores, present, failing, check, listed: () => listed };
}

const holds = ({ id }: Drive): Fact => ({
  type: 'FilesSettled',
  backupId: 'b' as never,
  cardId: CARD.id,
  driveId: id,
  verifiedFrom: 'medium',
  copied: [
    {
      path: PHOTO,
      to: rel('Photos/a'),
      sizeBytes: CONTENT.length,
      mtimeMs: AT_MS,
      toMtimeMs: AT_MS,
      xxh64: hashOf(CONTENT),
      headXxh64: hashOf(CONTENT),
    },
  ],
  duplicates: [],
  failed: [],
});

let now: Awaited<ReturnType<typeof box>>;
beforeEach(async () => {
  now = await box();
});
const detach = (...drives: readonly Drive[]) =>
  now.tell(...drives.map(({ id: driveId }): Fact => ({ type: 'DriveDetached', driveId })));

describe('a no', () => {
  const drop = ({ id }: Drive) => now.stores.get(id)?.files.delete('Photos/a');

  test.each<[string, CheckOptions]>([
    ['more copies than the configuration does', { copies: 3, offsite: false }],
    ['an off-site one', { copies: null, offsite: true }],
  ])('to a question for %s says nothing to the light', async (_what, asked) => {
    expect((await now.check(asked)).safe).toBe(false);
    expect(now.recorded()).not.toContain('CardChecked');
  });

  test.each<[string, 'all' | number, CheckOptions]>([
    ['plain', 'all', PLAIN_CHECK],
    ['with more asked for', 'all', { copies: 3, offsite: false }],
    ['where so many are configured', 2, { copies: 3, offsite: false }],
    ['with an off-site one asked for', 2, { copies: null, offsite: true }],
  ])('because a configured copy is not there takes the light away: %s', async (_what, copies, asked) => {
    now = await box(copies);
    drop(E);
    expect((await now.check(asked)).safe).toBe(false);
    expect([...now.log.read()].at(-1)?.fact).toMatchObject({ type: 'CardChecked', safe: false });
  });
});

describe('the answer', () => {
  test('is in the journal before it is given', async () => {
    const { check, recorded } = now;
    await check(PLAIN_CHECK, (message) => {
      if ('result' in message) expect(recorded().at(-1)).toBe('CardChecked');
    });
    expect(recorded().at(-1)).toBe('CardChecked');
    expect([...now.log.read()].at(-1)?.fact).toEqual({ type: 'CardChecked', cardId: CARD.id, safe: true });
  });

  test('is not given while the journal takes nothing: said at once, before the card is read', async () => {
    const { check, log, runtime, listed } = now;
    log.failures = 1;
    runtime.submit({ type: 'Acknowledged' }).catch(() => undefined);
    await flush();
    await expect(check()).rejects.toMatchObject({ exitCode: 74, code: 'state-disk-full' });
    expect(listed()).toBe(0);
  });

  test('is not given, and not waited for, when the journal takes nothing at its end', async () => {
    const { check, log } = now;
    log.failures = 1;
    await expect(check()).rejects.toMatchObject({ exitCode: 74 });
  });
});

describe('what is asked for', () => {
  test('comes from the configuration, unless somebody says another number', async () => {
    now = await box(2);
    expect((await now.check()).copies).toMatchObject({ asked: 2, required: 2 });
    expect((await now.check({ copies: 'all', offsite: false })).copies).toMatchObject({ asked: 'all' });
    expect(await now.check({ copies: 3, offsite: false })).toMatchObject({
      safe: false,
      copies: { asked: 3, required: 3 },
    });
    now = await box('all');
    expect((await now.check()).copies).toEqual({ asked: 'all', required: 2, lookedAt: 2, onRecord: 0 });
  });

  test('off-site copies only when they are asked for', async () => {
    expect(await now.check({ copies: null, offsite: true })).toMatchObject({
      safe: false,
      offsite: { verified: 0 },
      missing: [{ why: 'not-offsite', copies: 2 }],
    });
    now = await box('all', { holders: () => ['cloud'] });
    expect(await now.check({ copies: null, offsite: true })).toMatchObject({ safe: true });
  });
});

describe('a drive that is not in use', () => {
  test('because it is away counts on record', async () => {
    await detach(E);
    expect(await now.check({ copies: 2, offsite: false })).toMatchObject({
      safe: true,
      copies: { lookedAt: 1, onRecord: 1 },
      drives: [
        { label: 'D', state: 'attached', files: 1 },
        { label: 'E', state: 'away', files: 1 },
      ],
    });
  });

  test.each(['present', 'failing'] as const)('although it is %s counts no more', async (which) => {
    await detach(E);
    now[which].add(E.id);
    expect(await now.check({ copies: 2, offsite: false })).toMatchObject({
      safe: false,
      drives: [{ state: 'attached' }, { label: 'E', state: 'unusable', files: 0 }],
      missing: [{ why: 'too-few-copies', drives: [D.id] }],
    });
    await detach(D);
    now[which].add(D.id);
    expect(await now.check()).toMatchObject({ safe: false, missing: [{ why: 'not-on-drive' }] });
  });

  test('is one that the chart put out, whatever else is said of it', async () => {
    await now.tell({ type: 'DriveFailed', driveId: E.id, reason: 'drive-failing', detail: '' });
    now.present.add(E.id).add(D.id);
    expect(await now.check()).toMatchObject({
      safe: true,
      copies: { required: 1 },
      drives: [{}, { state: 'unusable' }],
    });
  });
});

describe('what happens while the card is read', () => {
  const lost: Fact = {
    type: 'CopiesLost',
    backupId: null,
    driveId: D.id,
    files: [{ to: rel('Photos/a'), why: 'altered' }],
  };
  const during = (fact: Fact, options?: CheckOptions) => {
    let told = false;
    now.card.onRead = () => {
      if (!told) void now.runtime.submit(fact);
      told = true;
    };
    return now.check(options);
  };

  test.each<[string, Fact]>([
    ['a copy was found bad', lost],
    ['a drive was forgotten', { type: 'DriveForgotten', driveId: E.id }],
    ['a drive failed', { type: 'DriveFailed', driveId: E.id, reason: 'drive-lost', detail: '' }],
    ['a drive went away', { type: 'DriveDetached', driveId: E.id }],
    ['another drive came, and all are asked for', { type: 'DriveAttached', drive: drive('F') }],
  ])('%s: no answer', async (_, fact) => {
    await expect(during(fact)).rejects.toMatchObject({ exitCode: 75, code: 'drives-changed' });
    expect(now.recorded()).not.toContain('CardChecked');
  });

  test('the card went away: no answer', async () => {
    const gone: Fact = { type: 'CardDetached', cardId: CARD.id };
    await expect(during(gone)).rejects.toMatchObject({ exitCode: 74, code: 'card-removed' });
  });

  test('another card went away, another drive came where a number is asked for: the answer stands', async () => {
    expect(await during({ type: 'CardDetached', cardId: cardId('other') })).toMatchObject({ safe: true });
    const came: Fact = { type: 'DriveAttached', drive: drive('F') };
    expect(await during(came, { copies: 2, offsite: false })).toMatchObject({ safe: true });
  });

  test('a copy is found bad at the very end: the answer is not given, though it was recorded', async () => {
    const answered = now.check(PLAIN_CHECK, (message) => {
      // Its own fact is still to come.
      if ('progress' in message) void now.runtime.submit(lost);
    });
    await expect(answered).rejects.toMatchObject({ code: 'drives-changed' });
  });

  test('nobody listens any more once it is over', async () => {
    await now.check();
    await now.tell(lost);
    expect(await now.check()).toMatchObject({
      safe: false,
      missing: [{ why: 'too-few-copies', drives: [E.id] }],
    });
  });
});

test('a no is told although the journal takes nothing, and recorded when it does: green does not come back', async () => {
  const { card, check, log, clock, recorded } = now;
  card.put(PHOTO, 'a photo that is nowhere');
  log.failures = 1;
  expect(await check()).toMatchObject({ safe: false });
  expect(recorded()).not.toContain('CardChecked');
  clock.advance(5000);
  await flush();
  const no = { type: 'CardChecked', cardId: CARD.id, safe: false };
  expect([...log.read()].map(({ fact }) => fact)).toContainEqual(no);
});

describe('a copy that the check itself finds bad', () => {
  const lostFacts = () =>
    [...now.log.read()].flatMap(({ fact }) => (fact.type === 'CopiesLost' ? [fact] : []));
  const damage = () => now.stores.get(E.id)?.put('Photos/a', 'another', AT_MS + 60_000);

  test('is in the journal before the answer, which stands: it was worked out with it', async () => {
    damage();
    expect(await now.check()).toMatchObject({ safe: false, missing: [{ why: 'too-few-copies' }] });
    expect(lostFacts()).toEqual([
      {
        type: 'CopiesLost',
        backupId: null,
        by: 'check',
        driveId: E.id,
        files: [{ to: 'Photos/a', why: 'altered' }],
      },
    ]);
    expect(now.recorded().slice(-2)).toEqual(['CopiesLost', 'CardChecked']);
  });

  test('is told by explain, and has no verified mark any more', async () => {
    damage();
    await now.check({ copies: 1, offsite: false });
    const [life] = new Library(now.store).explain({ name: 'IMG_0001.CR3' }).lives;
    expect(life?.verifiedCopies).toBe(1);
    expect(life?.chapters.at(-1)).toMatchObject({
      what: 'lost',
      why: 'altered',
      by: 'check',
      to: 'Photos/a',
    });
  });

  test('is said to be altered by the next check as well', async () => {
    for (const store of now.stores.values()) store.put('Photos/a', 'another', AT_MS + 60_000);
    expect(await now.check()).toMatchObject({ missing: [{ why: 'altered' }] });
    expect(await now.check()).toMatchObject({ missing: [{ why: 'altered' }] });
    expect(lostFacts()).toHaveLength(2);
  });

  test('makes no other check’s answer stand', async () => {
    const other: Fact = {
      type: 'CopiesLost',
      backupId: null,
      by: 'check',
      driveId: E.id,
      files: [{ to: rel('Photos/a'), why: 'altered' }],
    };
    now.card.onRead = () => void now.runtime.submit(other);
    await expect(now.check()).rejects.toMatchObject({ code: 'drives-changed' });
  });

  test('is recorded though nobody waits for the answer', async () => {
    damage();
    const left = now.check(PLAIN_CHECK, () => {
      throw new Error('left');
    });
    await expect(left).rejects.toThrow('left');
    await flush();
    expect(now.recorded()).not.toContain('CardChecked');
    expect(lostFacts()).toHaveLength(1);
  });

  test('is told although the journal takes nothing, and recorded when it does; a yes is not given then', async () => {
    damage();
    const { log, clock } = now;
    now.card.onRead = () => {
      log.failures = 1;
      now.card.onRead = () => undefined;
    };
    await expect(now.check({ copies: 1, offsite: false })).rejects.toMatchObject({ exitCode: 74 });
    expect(lostFacts()).toEqual([]);
    clock.advance(5000);
    await flush();
    expect(lostFacts()).toHaveLength(1);
  });
});
