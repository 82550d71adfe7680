import { beforeEach, describe, expect, test } from 'vitest';
import type { Command } from '../../machines/commands.ts';
import { backupId } from '../../machines/ids.ts';
import { backupFinished, card, drive } from '../machines/story.ts';
import { flush } from '../runtime/kit.ts';
import { controlKit } from './kit.ts';

let kit: ReturnType<typeof controlKit>;
const ID = backupId('20261121-9');
const last = () => [...kit.log.read()].at(-1)?.fact;
const faults = () =>
  [...kit.log.read()]
    .map(({ fact }) => (fact.type === 'InternalErrorOccurred' ? fact.detail : null))
    .filter(Boolean);
const run = async (command: Command) => {
  kit.execute(command);
  await flush();
};

beforeEach(async () => {
  kit = controlKit();
  await kit.started();
  kit.devices.plug(drive('D'));
  kit.devices.plug(drive('E'));
  await flush();
});

describe('a command reaches its target:', () => {
  test('timer.arm and timer.disarm', async () => {
    await run({ type: 'timer.arm', timer: 'settleDelay', delayMs: 500 });
    await run({ type: 'timer.arm', timer: 'stopDelay', delayMs: 500 });
    await run({ type: 'timer.disarm', timer: 'settleDelay' });
    kit.clock.advance(500);
    await flush();
    expect(last()).toEqual({ type: 'TimerElapsed', timer: 'stopDelay' });
    expect([...kit.log.read()].filter(({ fact }) => fact.type === 'TimerElapsed')).toHaveLength(1);
  });

  test('backup.start, with the drives it names', async () => {
    await run({
      type: 'backup.start',
      backupId: ID,
      card: card('A'),
      driveIds: [drive('E').id],
      attached: 1,
      fit: true,
    });
    const { run: started } = kit.engine.at(0);
    expect(started).toMatchObject({ backupId: ID, card: card('A'), fit: true });
    expect(started.drives.map((store) => store.drive)).toEqual([drive('E')]);
  });

  test('backup.stop, with its reason', async () => {
    await run({ type: 'backup.start', backupId: ID, card: card('A'), driveIds: [], attached: 0, fit: false });
    await run({ type: 'backup.stop', backupId: ID, why: 'drive-lost' });
    expect(kit.engine.at(0).hooks.stop.reason).toBe('drive-lost');
  });

  test('drive.adoptCandidate', async () => {
    await run({ type: 'drive.adoptCandidate' });
    expect(kit.devices.calls).toContain('adopt candidate');
  });

  test('pairing.open', async () => {
    await run({ type: 'pairing.open' });
    expect(kit.opened).toEqual(['pairing']);
  });

  test('power.end', async () => {
    await run({ type: 'power.end', action: 'reboot' });
    expect(kit.ended).toEqual(['reboot']);
  });
});

describe('drives.release', () => {
  test('syncs every drive before it says so', async () => {
    const syncedBefore: (readonly string[])[] = [];
    kit.runtime.decided$.subscribe(({ record }) => {
      if (record.fact.type === 'DrivesReleased') syncedBefore.push([...kit.synced]);
    });
    await run({ type: 'drives.release' });
    expect(syncedBefore).toEqual([['quiet', 'D', 'E']]);
  });

  test('unmounts what the helper mounted, after the sync, and tells what is busy', async () => {
    const order: string[] = [];
    kit.runtime.decided$.subscribe(({ record }) => order.push(record.fact.type));
    kit.devices.letGo = async () => {
      order.push(`letGo after ${kit.synced.join(' ')}`);
      return ['D could not be unmounted: busy'];
    };
    await run({ type: 'drives.release' });
    expect(order).toEqual(['letGo after quiet D E', 'DrivesReleased']);
    expect(kit.warnings).toContain('D could not be unmounted: busy');
  });

  test.each([
    'open',
    'sync',
  ] as const)('records a drive that does not %s, and still lets the machine end', async (step) => {
    kit.failing[step].add('D');
    await kit.control.power('poweroff');
    await flush();
    expect(faults()).toEqual([`releasing D: D does not ${step}`]);
    expect(kit.synced).toEqual(['quiet', 'E']);
    expect(kit.ended).toEqual(['poweroff']);
    const types = [...kit.log.read()].map(({ fact }) => fact.type);
    expect(types.slice(-2)).toEqual(['InternalErrorOccurred', 'DrivesReleased']);
  });
});

test('what does not end in time is told, and every drive is synced and let go all the same', async () => {
  kit.failing.quiet = 'a drive does not answer for 10 s';
  await run({ type: 'drives.release' });
  expect(kit.warnings).toEqual(['a drive does not answer for 10 s']);
  expect(kit.synced).toEqual(['quiet', 'D', 'E']);
  expect(last()).toEqual({ type: 'DrivesReleased' });
});

describe('a drive whose thread never answers', () => {
  test('is given up after 60 s, not before: the others are synced, the fact says it, the machine ends', async () => {
    kit.failing.hang.add('D');
    await kit.control.power('poweroff');
    await flush();
    expect(kit.synced).toEqual(['quiet', 'E']);
    kit.clock.advance(59_999);
    await flush();
    expect(kit.ended).toEqual([]);
    expect((await kit.control.status()).signal).toBe('shutting-down');
    kit.clock.advance(1);
    await flush();
    expect(faults()).toEqual(['releasing D: D does not answer for 60 s']);
    expect(kit.ended).toEqual(['poweroff']);
  });

  test('that answers leaves no timer behind', async () => {
    await run({ type: 'drives.release' });
    expect(kit.synced).toEqual(['quiet', 'D', 'E']);
    expect(kit.clock.armed).toBe(0);
  });
});

describe('a command that fails becomes a fact:', () => {
  test('adopting', async () => {
    kit.devices.adoptCandidate = () => Promise.reject(new Error('it holds camera folders'));
    await run({ type: 'drive.adoptCandidate' });
    expect(faults()).toEqual(['adopting the drive: it holds camera folders']);
    expect((await kit.control.status()).signal).toBe('error');
  });

  test('ending', async () => {
    kit.power.end = () => Promise.reject(new Error('no permission'));
    await run({ type: 'power.end', action: 'poweroff' });
    expect(faults()).toEqual(['poweroff: no permission']);
  });

  test('even when it cannot be recorded any more, nothing is thrown', async () => {
    kit.power.end = () => Promise.reject(new Error('no permission'));
    await kit.runtime.stop();
    await run({ type: 'power.end', action: 'poweroff' });
    expect(kit.warnings).toEqual([
      'poweroff: no permission',
      'InternalErrorOccurred was not recorded: the runtime has stopped',
    ]);
  });
});

describe('a backup', () => {
  const begin = async () => {
    kit.devices.insert(card('A'));
    await flush();
    kit.clock.advance(1000);
    await flush();
  };

  test('whose drive does not open fails before the engine begins, and the light says so', async () => {
    kit.failing.open.add('E');
    await begin();
    expect(kit.engine.runs).toEqual([]);
    expect(last()).toMatchObject({ type: 'BackupFailed', reason: 'internal', detail: 'E does not open' });
    const status = await kit.control.status();
    expect(status).toMatchObject({ signal: 'error', code: 9, backups: [{ outcome: 'failed' }] });
    await kit.control.acknowledge();
    expect((await kit.control.status()).signal).toBe('attention');
  });

  test('that ends well is green only after its end is durable', async () => {
    await begin();
    const { backupId: id } = kit.engine.at(0).run;
    kit.log.failures = 1;
    const end = kit.engine.end(0, backupFinished(id, 'A'));
    await flush();
    expect((await kit.control.status()).signal).toBe('error');
    kit.clock.advance(5000);
    await end;
    await flush();
    await kit.control.acknowledge();
    expect((await kit.control.status()).signal).toBe('ready');
  });
});
