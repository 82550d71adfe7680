import { beforeEach, describe, expect, test } from 'vitest';
import type { BackupId } from '../../machines/ids.ts';
import { ADVICE } from '../../machines/reasons.ts';
import { PLAIN_CHECK } from '../../services/appliance.ts';
import { healthShape } from '../../services/health/shape.ts';
import { DriveStatus, HistoryLine, Status } from '../../services/shapes.ts';
import { BEING_VERIFIED } from '../cli/scripted-appliance.ts';
import { backupFailed, backupFinished, backupPlanned, card, drive, power } from '../machines/story.ts';
import { flush } from '../runtime/kit.ts';
import { controlKit, folder } from './kit.ts';

let kit: ReturnType<typeof controlKit>;
/** As it is, held against its shape. */
const status = async () => {
  const now = await kit.control.status();
  expect(Status.parse(now)).toEqual(now);
  return now;
};
const begin = async (...labels: readonly string[]) => {
  for (const label of labels) kit.devices.insert(card(label), 'manual');
  await kit.control.backup({ card: null, to: null, fit: false, wait: false });
  await flush();
};

beforeEach(async () => {
  kit = controlKit();
  await kit.started();
  kit.devices.plug(drive('D'));
  await flush();
});

describe('status', () => {
  test('with nothing to do', async () => {
    expect(await status()).toEqual({
      ...{ state: 'ready', signal: 'ready', code: null, leds: { red: 'off', amber: 'off', green: 'on' } },
      drives: [
        {
          ...{ id: 'drive-D', label: 'D', uuid: 'UUID-D', adopted: true, mounted: true, path: '/media/D' },
          ...{ sizeBytes: 1_000_000_000_000, freeBytes: 1000 },
        },
      ],
      ...{ cards: [], backups: [], verifications: [], problems: [] },
      ...{ health: null, address: null, ending: null },
    });
  });

  test('tells where the network reaches the box, as it is told', async () => {
    const address = { urls: ['http://192.168.1.7:8080'], fingerprint: null };
    kit = controlKit({ address: () => address });
    expect((await status()).address).toEqual(address);
  });

  test.each([
    'poweroff',
    'reboot',
  ] as const)('tells other phones what an asked-for end is: %s', async (action) => {
    await kit.started();
    await kit.control.power(action);
    expect((await status()).ending).toBe(action);
  });

  test('of running verifications, as they tell of themselves', async () => {
    const running = [BEING_VERIFIED, { ...BEING_VERIFIED, target: '/films', drives: [], waiting: true }];
    kit = controlKit({ verifications: () => running });
    await kit.started();
    expect((await status()).verifications).toEqual(running);
  });

  test('of what is wrong with inboxes, as they tell of themselves', async () => {
    const problem = { code: 'inbox', blinks: 0, message: 'inbox of D: it is a link', since: 'today' };
    kit = controlKit({ inboxProblems: () => [problem] });
    await kit.started();
    expect((await status()).problems).toEqual([problem]);
  });

  test('of a running backup: how far, how fast, how long', async () => {
    await begin('A');
    const { run, hooks } = kit.engine.at(0);
    await hooks.emit({
      ...backupPlanned(run.backupId, 'A'),
      ...{ files: 4, bytes: 9000, drives: [{ driveId: drive('D').id, files: 4, bytes: 9000 }] },
    } as never);
    kit.clock.advance(2000);
    hooks.progress({ filesDone: 1, filesTotal: 4, bytesDone: 3000, bytesTotal: 9000, drives: [] });
    await hooks.emit({
      type: 'FilesSettled',
      backupId: run.backupId,
      cardId: run.card.id,
      driveId: drive('D').id,
      verifiedFrom: 'medium',
      copied: [
        { path: 'a', sizeBytes: 700, mtimeMs: 1, xxh64: '1', headXxh64: '1', to: 'Photos/a', toMtimeMs: 1 },
      ],
      duplicates: [],
      failed: [],
      secondReading: 'medium',
    } as never);
    const { backups, cards } = await status();
    expect(cards).toEqual([
      {
        id: 'card-A',
        label: 'A',
        uuid: 'UUID-A',
        path: '/media/A',
        readOnly: true,
        backedUp: false,
        insertion: expect.any(Number),
      },
    ]);
    expect(backups).toMatchObject([
      {
        ...{ id: run.backupId, card: 'A', phase: 'copying', outcome: null, finishedAt: null },
        ...{ filesDone: 1, filesTotal: 4, bytesDone: 3000, bytesTotal: 9000 },
        secondReading: 'medium',
        ...{ rateBytesPerSecond: 1500, secondsLeft: expect.closeTo(4.86, 2) },
        drives: [{ id: 'drive-D', phase: 'copying', outcome: null, reason: null, files: 1, bytes: 700 }],
      },
    ]);
    const others = [{ id: drive('E').id, filesDone: 4, bytesDone: 9001 }];
    hooks.progress({ filesDone: 4, filesTotal: 4, bytesDone: 9001, bytesTotal: 9000, drives: others });
    expect((await status()).backups[0]?.drives[0]?.phase).toBe('failed');
    expect((await status()).backups[0]?.secondsLeft).toBe(0);
  });

  test('of what the last backup had to say, each with the card once', async () => {
    await begin('A');
    const { run, hooks } = kit.engine.at(0);
    const notes = ['two files are odd', 'A: its files are larger than itself', 'A2: no room'];
    await hooks.emit({ ...backupPlanned(run.backupId, 'A'), notes } as never);
    expect((await status()).problems).toMatchObject(
      ['A: two files are odd', 'A: its files are larger than itself', 'A: A2: no room'].map((message) => ({
        code: 'note',
        message,
      })),
    );
  });

  test('of a queued backup', async () => {
    await begin('A', 'B', 'C');
    const { backups } = await status();
    expect(backups.map((one) => [one.card, one.phase, one.outcome, one.drives.length])).toEqual([
      ['A', 'planned', null, 1],
      ['B', 'planned', null, 1],
      ['C', 'planned', null, 0],
    ]);
  });

  test('of backups that have ended: running ones first, then the last ten, oldest first', async () => {
    await begin('A');
    await kit.engine.tell(0, backupPlanned(kit.engine.at(0).run.backupId, 'A'));
    for (let nth = 1; nth <= 12; nth += 1) {
      const id = `20261120-${nth}` as BackupId;
      await kit.runtime.submit(backupPlanned(id, `old-${nth}`));
      await kit.runtime.submit({
        ...backupFinished(id, `old-${nth}`),
        totals: { files: 3, bytes: 30, copied: 1, duplicates: 1, failed: 1 },
        drives: [
          {
            ...{ driveId: drive('D').id, files: 3, bytes: 30, outcome: 'done', reason: null },
            verifiedFrom: 'medium',
          },
        ],
      } as never);
    }
    const { backups } = await status();
    expect(new Set(backups.map(({ secondReading }) => secondReading))).toEqual(new Set([null]));
    const expected = Array.from({ length: 10 }, (_, at) => `old-${at + 3}`);
    expect(backups.map((one) => one.card)).toEqual(['A', ...expected]);
    expect(backups.at(-1)).toMatchObject({
      ...{ phase: 'done', outcome: 'done', filesDone: 3, filesTotal: 3, bytesDone: 30, bytesTotal: 30 },
      drives: [{ id: 'drive-D', phase: 'done', outcome: 'done', verifiedFrom: 'medium' }],
    });
    for (const line of kit.control.history()) expect(HistoryLine.parse(line)).toEqual(line);
    expect(kit.control.history({ last: 1 })).toMatchObject([
      { card: 'old-12', drives: [{ id: 'drive-D', label: 'D' }] },
    ]);
  });

  test('of a card that is backed up', async () => {
    await begin('A');
    await kit.engine.end(0, backupFinished(kit.engine.at(0).run.backupId, 'A'));
    expect(await status()).toMatchObject({ signal: 'ready', cards: [{ backedUp: true }] });
  });

  test('of a failed backup: the code, and what to do', async () => {
    await begin('A');
    const fact = {
      ...backupFailed(kit.engine.at(0).run.backupId, 'A', 'drive-full'),
      detail: '3 GB too much',
      drives: [
        ...(['done', 'failed'] as const).map((outcome) => ({
          ...{ driveId: drive(outcome === 'done' ? 'D' : 'E').id, files: 1, bytes: 1, outcome },
          ...{ reason: outcome === 'done' ? null : 'drive-full', verifiedFrom: 'medium' },
        })),
      ],
    };
    await kit.engine.end(0, fact as never);
    const now = await status();
    expect(now).toMatchObject({ state: 'error', signal: 'error', code: 3, cards: [{ backedUp: false }] });
    expect(now.backups).toMatchObject([
      {
        ...{ phase: 'failed', outcome: 'failed', bytesDone: 1 },
        drives: [
          { label: 'D', phase: 'done', outcome: 'done' },
          { label: 'drive-E', phase: 'failed', outcome: 'failed' },
        ],
      },
    ]);
    expect(now.problems).toEqual([
      {
        ...{ code: 'drive-full', blinks: 3, since: expect.stringMatching(/Z$/) },
        message: `A: 3 GB too much. ${ADVICE['drive-full']}`,
      },
    ]);
  });

  test('of an error without detail', async () => {
    kit.devices.facts$.next({ type: 'CardRefused', device: 'sdb1', reason: 'mount-failed', detail: '' });
    await flush();
    expect((await status()).problems[0]?.message).toBe(`sdb1: ${ADVICE['mount-failed']}`);
  });

  test('of low space: a problem that does not blink, until there is room or the drive goes', async () => {
    const low = { type: 'SpaceChanged', driveId: drive('D').id, freeBytes: 1, low: true } as const;
    await kit.runtime.submit(low);
    await kit.runtime.submit(low);
    const now = await status();
    expect(now.signal).toBe('ready');
    expect(now.problems).toMatchObject([
      { code: 'low-space', blinks: 0, message: 'D: little space left, have another drive ready.' },
    ]);
    await kit.runtime.submit({ ...low, low: false });
    expect((await status()).problems).toEqual([]);
    await kit.runtime.submit(low);
    kit.devices.drives.length = 0;
    expect((await status()).problems[0]?.message).toMatch(/^drive-D: /);
    await kit.runtime.submit({ type: 'DriveDetached', driveId: drive('D').id });
    expect((await status()).problems).toEqual([]);
  });

  test('of a card that somebody else mounted writable, but not of a folder', async () => {
    kit.devices.insert({ ...card('A'), readOnly: false }, 'manual');
    kit.devices.insert(folder('/photos'), 'manual');
    await flush();
    expect((await status()).problems).toMatchObject([
      { code: 'card-writable', blinks: 0, message: expect.stringMatching(/^A: mounted writable/) },
    ]);
  });

  test('what is wrong with the machine: nothing blinks, each says what to do, and goes when it is over', async () => {
    const about = { check: 'temperature', subject: null, level: 'warning', reading: '81.2 °C' } as const;
    await kit.runtime.submit({ type: 'HealthChanged', ...about });
    await kit.runtime.submit({
      ...{
        type: 'HealthChanged',
        check: 'disk',
        subject: 'D (/dev/sda1)',
        level: 'bad',
        reading: 'SMART failing',
      },
    });
    const { problems, signal } = await status();
    expect(signal).toBe('ready');
    expect(problems).toEqual([
      {
        ...{ code: 'temperature', blinks: 0, since: '2026-11-21T00:00:00.000Z' },
        message: expect.stringMatching(/^Temperature: 81\.2 °C\. The processor is hot: give the box air/),
      },
      {
        ...{ code: 'disk', blinks: 0, since: '2026-11-21T00:00:00.000Z' },
        message: expect.stringMatching(
          /^D \(\/dev\/sda1\): SMART failing\. The disk reports that it is failing/,
        ),
      },
    ]);
    await kit.runtime.submit({ type: 'HealthChanged', ...about, level: 'good' });
    expect((await status()).problems).toMatchObject([{ code: 'disk' }]);
  });

  test('weak power: the error while it is latched, then a problem that does not blink, then none', async () => {
    await kit.runtime.submit(power('bad'));
    expect((await status()).problems).toMatchObject([
      { code: 'weak-power', blinks: 8, message: `power supply: under-voltage now. ${ADVICE['weak-power']}` },
    ]);
    await kit.runtime.submit({ type: 'Acknowledged' });
    expect(await status()).toMatchObject({
      signal: 'attention',
      problems: [
        { code: 'weak-power', blinks: 0, message: `Power: under-voltage now. ${ADVICE['weak-power']}` },
      ],
    });
    await kit.runtime.submit(power('warning'));
    expect((await status()).problems).toMatchObject([
      { code: 'weak-power', blinks: 0, message: expect.stringContaining('too weak at times') },
    ]);
    await kit.runtime.submit(power('good'));
    expect(await status()).toMatchObject({ signal: 'ready', problems: [] });
  });

  test.each([
    ['damaged', /drive\.json is damaged.*photos are untouched; update imagetank.*move that file aside/],
    ['unreadable', /drive\.json cannot be read.*check its cable/],
  ] as const)('of a drive whose drive.json is %s: what it is, and what to do', async (identityTrouble, words) => {
    kit.devices.plug({ ...drive('N'), id: null, adopted: false, identityTrouble });
    const { drives } = await status();
    expect(drives.find(({ label }) => label === 'N')?.trouble).toMatch(words);
  });

  test('of a drive that nobody adopted and that does not answer', async () => {
    kit = controlKit({
      freeBytes: async () => null,
      health: () => ({ rssBytes: 1, uptimeSeconds: 0.5, version: '1', ...healthShape([]) }),
    });
    await kit.started();
    kit.devices.plug({ ...drive('N'), id: null, adopted: false });
    const now = await status();
    expect(now).toMatchObject({ signal: 'waiting', drives: [{ id: null, adopted: false, freeBytes: null }] });
    expect(now.drives[0]).not.toHaveProperty('trouble');
    const unknown = { level: null, reading: null, since: null };
    expect(now.health).toEqual({
      ...{ rssBytes: 1, uptimeSeconds: 0.5, version: '1', disks: [] },
      ...{ temperature: unknown, power: unknown, throttling: unknown, memory: unknown, stateDisk: unknown },
    });
  });
});

describe('drives', () => {
  test('are listed, adopted and forgotten', async () => {
    const [listed] = await kit.control.drives();
    expect(DriveStatus.parse(listed)).toEqual(listed);
    expect(await kit.control.adopt('/media/D', true)).toMatchObject({ id: 'drive-D', freeBytes: 1000 });
    expect(await kit.control.forget('D')).toMatchObject({ adopted: false });
    expect(kit.devices.calls).toEqual(['adopt /media/D true', 'forget D']);
  });

  test('are synced before they are let go', async () => {
    kit.devices.detachDrive = async () => {
      expect(kit.synced).toEqual(['eject D']);
      return drive('D');
    };
    expect(await kit.control.eject('D')).toMatchObject({ id: 'drive-D', mounted: false });
  });

  test('that nobody knows are not ejected', async () => {
    await expect(kit.control.eject('X')).rejects.toMatchObject({ exitCode: 66, code: 'unknown-drive' });
  });

  test.each(['eject', 'forget'] as const)('that are being written: %s is refused', async (verb) => {
    await begin('A');
    const asked = verb === 'eject' ? kit.control.eject('D') : kit.control.forget('D');
    await expect(asked).rejects.toMatchObject({ exitCode: 75, code: 'busy' });
    expect(kit.devices.calls).toEqual([]);
    expect(kit.synced).toEqual([]);
  });

  test('that are written since the sync began are not let go', async () => {
    kit = controlKit({
      letGo: async (_, detach) => {
        await begin('A');
        await detach();
      },
    });
    await kit.started();
    kit.devices.plug(drive('D'));
    await flush();
    await expect(kit.control.eject('D')).rejects.toMatchObject({ exitCode: 75 });
    expect(kit.devices.calls).toEqual([]);
  });
});

describe('check and verify', () => {
  const asked: unknown[] = [];
  beforeEach(async () => {
    asked.length = 0;
    const ask = (...question: unknown[]) => {
      asked.push(question);
      return (async function* () {})() as never;
    };
    kit = controlKit({ check: ask, verify: ask });
    await kit.started();
    kit.devices.insert(card('A'), 'manual');
    await flush();
  });

  test('an attached card by its label, a folder by its path, nothing else', async () => {
    kit.control.check('A');
    for await (const _ of kit.control.check('/photos'));
    const options = { copies: 2, offsite: true };
    kit.control.check('A', options);
    expect(asked).toEqual([
      [card('A'), PLAIN_CHECK],
      [folder('/photos'), PLAIN_CHECK],
      [card('A'), options],
    ]);
    expect(() => kit.control.check('X')).toThrow(expect.objectContaining({ exitCode: 66 }));
  });

  test('a target is handed on', () => {
    kit.control.verify('D');
    kit.control.verify(null);
    expect(asked).toEqual([
      ['D', undefined],
      [null, undefined],
    ]);
  });
});

describe('one backup', () => {
  test('that runs, that waits and that has ended is as the status has it', async () => {
    await begin('A', 'B', 'C');
    const running = (await status()).backups;
    expect(running).toHaveLength(3);
    for (const backup of running) expect(kit.control.backupStatus(backup.id)).toEqual(backup);
    const [first] = running;
    await kit.runtime.submit(backupFailed(first?.id as BackupId, 'A', 'drive-full'));
    const ended = (await status()).backups.find(({ id }) => id === first?.id);
    expect(ended?.outcome).toBe('failed');
    expect(kit.control.backupStatus(first?.id ?? '')).toEqual(ended);
  });

  test('of an unknown id is none: 66', () => {
    expect(() => kit.control.backupStatus('nothing')).toThrow(expect.objectContaining({ exitCode: 66 }));
  });

  test('the history goes back from it', async () => {
    for (const id of ['b1', 'b2', 'b3'] as const) {
      await kit.runtime.submit(backupPlanned(id as BackupId, 'A'));
      await kit.runtime.submit(backupFailed(id as BackupId, 'A', 'drive-full'));
    }
    const earlier = (id: string, last: number) =>
      kit.control.history({ before: id, last }).map((row) => row.id);
    expect([earlier('b3', 5), earlier('b3', 1), earlier('b1', 5)]).toEqual([['b1', 'b2'], ['b2'], []]);
  });
});

test('the charts are where the light says', async () => {
  expect(kit.control.chartStates()).toContain('appliance.life.ready.clear');
  await begin('A');
  expect(kit.control.chartStates()).toEqual(
    expect.arrayContaining(['appliance.life.copying', 'backup.planned']),
  );
});
