import { beforeEach, describe, expect, test } from 'vitest';
import { contextOf } from '../../machines/decide.ts';
import type { Fact } from '../../machines/facts.ts';
import { cardId } from '../../machines/ids.ts';
import type { BackupOrder } from '../../services/appliance.ts';
import { backupFailed, backupFinished, backupInterrupted, card, drive, power } from '../machines/story.ts';
import { flush } from '../runtime/kit.ts';
import { controlKit, folder } from './kit.ts';

const order = (change: Partial<BackupOrder> = {}): BackupOrder => ({
  card: null,
  to: null,
  fit: false,
  wait: false,
  ...change,
});

let kit: ReturnType<typeof controlKit>;
const backup = (change: Partial<BackupOrder> = {}) => kit.control.backup(order(change));
const fails = (change: Partial<BackupOrder>, exitCode: number, code: string) =>
  expect(backup(change)).rejects.toMatchObject({ exitCode, code });
const requests = () => [...kit.log.read()].filter(({ fact }) => fact.type === 'BackupRequested');
const runs = () => kit.engine.runs.map(({ run }) => run.card.label);

beforeEach(async () => {
  kit = controlKit();
  await kit.started();
  kit.devices.plug(drive('D'));
});

describe('an order names its card', () => {
  beforeEach(() => {
    kit.devices.insert(card('A'), 'manual');
    kit.devices.insert(card('B'), 'manual');
  });

  test.each([
    ['label', 'B'],
    ['UUID', 'UUID-B'],
    ['id', 'card-B'],
    ['path', '/media/B'],
  ])('by %s', async (_, word) => {
    expect(await backup({ card: word })).toEqual([
      { id: expect.stringMatching(/^20261121-\d+$/), card: 'B' },
    ]);
    await flush();
    expect(runs()).toEqual(['B']);
    expect(requests()).toHaveLength(1);
    expect(requests()[0]?.fact).toMatchObject({ by: 'person', driveId: null, fit: false });
  });

  test('not at all: each attached card, in order', async () => {
    const started = await backup({ fit: true });
    expect(started.map((one) => one.card)).toEqual(['A', 'B']);
    expect(new Set(started.map((one) => one.id)).size).toBe(2);
    await flush();
    expect(kit.engine.runs.map(({ run }) => [run.card.label, run.fit])).toEqual([
      ['A', true],
      ['B', true],
    ]);
  });

  test('by a label of two cards: refused, with what tells them apart', async () => {
    kit.devices.insert({ ...card('A'), id: cardId('other'), uuid: 'UUID-2', path: '/media/A1' });
    await expect(backup({ card: 'A' })).rejects.toMatchObject({
      exitCode: 65,
      code: 'ambiguous-label',
      hint: 'name one by UUID-A or UUID-2',
    });
    expect(requests()).toEqual([]);
  });

  test('by a word that fits none', () => fails({ card: 'X' }, 66, 'unknown-card'));
});

test('an order without a card, and none is attached', () => fails({}, 66, 'no-card'));

test('an order of a folder that is not there', async () => {
  kit.devices.missing.add('/nowhere');
  await fails({ card: '/nowhere' }, 66, 'unknown');
  expect(requests()).toEqual([]);
});

describe('an order names its drive', () => {
  beforeEach(() => {
    kit.devices.insert(card('A'), 'manual');
    kit.devices.plug(drive('E'));
    kit.devices.plug({ ...drive('New'), id: null, adopted: false });
  });

  test('and only that one is written', async () => {
    await backup({ to: 'E' });
    await flush();
    expect(kit.engine.at(0).run.drives.map((store) => store.drive.label)).toEqual(['E']);
  });

  test('all adopted ones without a word', async () => {
    await backup();
    await flush();
    expect(kit.engine.at(0).run.drives.map((store) => store.drive.label)).toEqual(['D', 'E']);
  });

  test('unknown', () => fails({ to: 'X' }, 66, 'unknown-drive'));

  test('not adopted', async () => {
    await fails({ to: 'New' }, 77, 'not-adopted');
    expect(requests()).toEqual([]);
  });
});

describe('an order that waits', () => {
  beforeEach(() => {
    kit = controlKit();
  });

  test('is refused while no drive is there', async () => {
    await kit.started();
    kit.devices.insert(card('A'), 'manual');
    await fails({ wait: true }, 66, 'no-drive');
    expect(requests()).toEqual([]);
  });

  test('that does not wait is queued until one comes', async () => {
    await kit.started();
    kit.devices.insert(card('A'), 'manual');
    const [started] = await backup();
    expect(kit.engine.runs).toEqual([]);
    kit.devices.plug(drive('D'));
    await flush();
    expect(kit.engine.at(0).run.backupId).toBe(started?.id);
  });
});

describe('a second order of the same card', () => {
  test('gives the id of the backup that runs', async () => {
    kit.devices.insert(card('A'), 'manual');
    const first = await backup();
    expect(await backup({ card: 'A' })).toEqual(first);
    await flush();
    expect(kit.engine.runs).toHaveLength(1);
  });

  test('gives the id of the backup that is queued', async () => {
    for (const label of ['A', 'B', 'C']) kit.devices.insert(card(label), 'manual');
    const started = await backup();
    await flush();
    expect(runs()).toEqual(['A', 'B']);
    expect(await backup({ card: 'C' })).toEqual([started[2]]);
  });
});

describe('during shutdown', () => {
  test('an order is refused, and no folder is taken in', async () => {
    kit.devices.insert(card('A'), 'manual');
    await kit.control.power('poweroff');
    await fails({ card: 'A' }, 75, 'ending');
    await fails({ card: '/photos' }, 75, 'ending');
    expect(requests()).toEqual([]);
    expect(kit.devices.cards.size).toBe(1);
  });

  test('an order that comes behind the wish to end is refused too', async () => {
    kit.devices.insert(card('A'), 'manual');
    await flush();
    const ending = kit.control.power('poweroff');
    await fails({ card: 'A' }, 75, 'ending');
    await ending;
    expect(kit.engine.runs).toEqual([]);
  });
});

test('a card that goes before its turn comes: 66, and no backup of it', async () => {
  kit.devices.insert(card('A'), 'manual');
  kit.devices.insert(card('B'), 'manual');
  kit.runtime.decided$.subscribe(({ record }) => {
    if (record.fact.type === 'BackupRequested') kit.devices.pull(card('B').id);
  });
  await fails({}, 66, 'card-removed');
  expect(runs()).toEqual(['A']);
});

describe('a folder named by command', () => {
  const PHOTOS = folder('/photos');

  test('becomes a card and is let go when its backup has ended, well or not', async () => {
    for (const [at, end] of [
      [0, 'done'],
      [1, 'failed'],
    ] as const) {
      const [started] = await backup({ card: '/photos' });
      expect(started?.card).toBe('photos');
      await flush();
      const { backupId } = kit.engine.at(at).run;
      expect(backupId).toBe(started?.id);
      const fact = end === 'done' ? backupFinished(backupId, 'x') : backupFailed(backupId, 'x', 'drive-full');
      expect(kit.devices.cards.has(PHOTOS.id)).toBe(true);
      await kit.engine.end(at, { ...fact, cardId: PHOTOS.id } as typeof fact);
      await flush();
      expect(kit.devices.cards.size).toBe(0);
      expect(contextOf(kit.runtime.state).cards).toEqual([]);
    }
  });

  test('stays while its backup waits for power, and is let go when that has ended', async () => {
    await backup({ card: '/photos' });
    await flush();
    await kit.runtime.submit(power('bad'));
    const first = kit.engine.at(0).run.backupId;
    await kit.engine.end(0, { ...backupInterrupted(first, '', 'weak-power'), cardId: PHOTOS.id } as Fact);
    await flush();
    expect(kit.devices.cards.has(PHOTOS.id)).toBe(true);
    await kit.runtime.submit(power('good'));
    await flush();
    const second = kit.engine.at(1).run.backupId;
    await kit.engine.end(1, { ...backupInterrupted(second, '', 'shutdown'), cardId: PHOTOS.id } as Fact);
    await flush();
    expect(kit.devices.cards.has(PHOTOS.id)).toBe(false);
  });

  test('is the only one that is let go', async () => {
    kit.devices.insert(folder('/sim'), 'manual');
    kit.devices.insert(card('A'), 'manual');
    await flush();
    await backup({ card: '/sim' });
    await backup({ card: 'A' });
    await flush();
    const ends = kit.engine.runs.map(({ run }, at) =>
      kit.engine.end(at, { ...backupFinished(run.backupId, 'x'), cardId: run.card.id } as never),
    );
    await Promise.all(ends);
    await flush();
    expect(kit.devices.calls.filter((call) => call.startsWith('detach'))).toEqual([]);
    expect([...kit.devices.cards.keys()]).toEqual(['/sim', 'card-A']);
  });

  test('stays while its backup runs, whatever else ends', async () => {
    kit.devices.insert(card('A'), 'manual');
    await backup({ card: 'A' });
    await backup({ card: '/photos' });
    await flush();
    await kit.engine.end(0, backupFinished(kit.engine.at(0).run.backupId, 'A'));
    await flush();
    expect(kit.devices.cards.has(PHOTOS.id)).toBe(true);
  });

  test('a volume that was mounted this moment is not taken for one', async () => {
    const { attachFolderCard } = kit.devices;
    kit.devices.attachFolderCard = async (dir, label, start) => {
      if (dir !== '/media/A') return attachFolderCard.call(kit.devices, dir, label, start);
      kit.devices.insert(card('A'), 'auto');
      return card('A');
    };
    await backup({ card: '/media/A' });
    await flush();
    await kit.engine.end(0, backupFailed(kit.engine.at(0).run.backupId, 'A', 'card-unreadable'));
    await flush();
    expect(kit.devices.cards.has(card('A').id)).toBe(true);
    await kit.control.acknowledge();
    expect((await kit.control.status()).signal).toBe('attention');
  });

  test('ordered again while it is being let go comes in anew and is not interrupted', async () => {
    await backup({ card: '/photos' });
    await flush();
    let open = (): void => undefined;
    kit.devices.gate = new Promise((resolve) => {
      open = resolve;
    });
    const { backupId } = kit.engine.at(0).run;
    await kit.engine.end(0, { ...backupFinished(backupId, 'x'), cardId: PHOTOS.id } as never);
    const again = backup({ card: '/photos' });
    await flush();
    expect(kit.engine.runs).toHaveLength(1);
    open();
    await again;
    await flush();
    expect(kit.engine.runs).toHaveLength(2);
    expect(kit.engine.at(1).hooks.stop.aborted).toBe(false);
    expect((await kit.control.status()).signal).toBe('copying');
  });

  test('of an earlier run is attached again under its name', async () => {
    await kit.control.resumeFolder(folder('/photos', 'Holiday'));
    expect(kit.devices.calls).toContain('attach /photos Holiday manual');
    await backup({ card: 'Holiday' });
    await flush();
    const { backupId } = kit.engine.at(0).run;
    await kit.engine.end(0, { ...backupFinished(backupId, 'x'), cardId: PHOTOS.id } as never);
    await flush();
    expect(kit.devices.cards.size).toBe(0);
  });
});

test('an order that the journal does not take is refused, its card is not touched, and it is not done later', async () => {
  kit.log.failures = 1;
  kit.devices.insert(card('A'), 'manual');
  await flush();
  await fails({ card: '/photos' }, 74, 'state-disk-full');
  await expect(kit.control.acknowledge()).rejects.toMatchObject({ exitCode: 74 });
  await expect(kit.control.power('poweroff')).rejects.toMatchObject({ exitCode: 74 });
  await expect(kit.control.adopt('/drive', false)).rejects.toMatchObject({ exitCode: 74 });
  await expect(kit.control.forget('D')).rejects.toMatchObject({ exitCode: 74 });
  await expect(kit.control.eject('D')).rejects.toMatchObject({ exitCode: 74 });
  kit.clock.advance(5000);
  await flush();
  expect(kit.devices.calls).toEqual([]);
  expect(kit.synced).toEqual([]);
  expect(requests()).toEqual([]);
  await backup({ card: 'A' });
  expect(requests()).toHaveLength(1);
});

test('an order is refused that finds out itself that the journal takes nothing', async () => {
  kit.devices.insert(card('A'), 'manual');
  await flush();
  kit.log.failures = 1;
  await fails({ card: 'A' }, 74, 'state-disk-full');
  kit.clock.advance(5000);
  await flush();
  expect(requests()).toEqual([]);
});

describe('a folder whose order is refused', () => {
  test('is let go again: nobody else would', async () => {
    kit.log.failures = 1;
    await fails({ card: '/photos' }, 74, 'state-disk-full');
    await flush();
    expect(kit.devices.calls).toEqual(['attach /photos null manual', 'detach /photos']);
    kit.clock.advance(5000);
    await flush();
    expect(kit.devices.cards.size).toBe(0);
  });

  test('stays where an earlier order is backing it up', async () => {
    await backup({ card: '/photos' });
    await flush();
    kit.log.failures = 1;
    await fails({ card: '/photos' }, 74, 'state-disk-full');
    await flush();
    expect(kit.devices.calls).not.toContain('detach /photos');
  });
});
