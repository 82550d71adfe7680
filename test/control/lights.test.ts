import { beforeEach, describe, expect, test } from 'vitest';
import { LightLine } from '../../services/shapes.ts';
import { backupFinished, card, drive } from '../machines/story.ts';
import { flush } from '../runtime/kit.ts';
import { controlKit } from './kit.ts';

let kit: ReturnType<typeof controlKit>;
let lines: LightLine[];
const signals = () => lines.map((line) => line.signal);
const watch = () => {
  const mine: LightLine[] = [];
  lines = mine;
  kit.control.lights$.subscribe((line) => mine.push(LightLine.parse(line)));
};

beforeEach(() => {
  kit = controlKit();
});

describe('lights', () => {
  test('begin with the present light, even before the daemon has started', () => {
    watch();
    expect(lines).toEqual([
      {
        ...{ seq: 0, at: '2026-11-21T00:00:00.000Z', monoMs: 12_345.678 },
        ...{ state: 'boot', signal: 'booting', code: null },
        leds: { red: 'blink 200/200', amber: 'off', green: 'off' },
      },
    ]);
  });

  test('give one line a change and none for facts that change nothing', async () => {
    watch();
    await kit.started();
    kit.devices.plug(drive('D'));
    kit.devices.insert(card('A'));
    await flush();
    kit.clock.advance(1000);
    await flush();
    await kit.runtime.submit({ type: 'ButtonPressed' });
    const { backupId } = kit.engine.at(0).run;
    await kit.engine.tell(0, { type: 'CardRead', backupId }, { type: 'BackupFlushed', backupId });
    await kit.engine.end(0, backupFinished(backupId, 'A'));
    expect(signals()).toEqual(['booting', 'waiting', 'ready', 'attention', 'copying', 'verifying', 'ready']);
    const seqs = lines.map((line) => line.seq);
    expect(seqs).toEqual(seqs.toSorted((one, other) => one - other));
    expect(lines.at(-1)?.leds.green).toBe('on');
  });

  test('tell a change of the code too', async () => {
    await kit.started();
    watch();
    kit.devices.facts$.next({ type: 'CardRefused', device: 'sdb1', reason: 'mount-failed', detail: '' });
    kit.devices.facts$.next({ type: 'CardRefused', device: 'sdc1', reason: 'drive-failing', detail: '' });
    kit.devices.facts$.next({ type: 'CardRefused', device: 'sdd1', reason: 'mount-failed', detail: '' });
    await flush();
    expect(lines.map(({ signal, code, leds }) => [signal, code, leds.red])).toEqual([
      ['waiting', null, 'off'],
      ['error', 8, 'code 8'],
      ['error', 7, 'code 7'],
    ]);
  });

  test('a late watcher begins with the light of that moment', async () => {
    await kit.started();
    kit.devices.plug(drive('D'));
    await flush();
    watch();
    expect(lines).toMatchObject([{ signal: 'ready', seq: 3 }]);
  });

  test('show a journal that cannot be written, to early and late watchers and in the status', async () => {
    await kit.started();
    kit.devices.plug(drive('D'));
    await flush();
    watch();
    const early = lines;
    kit.log.failures = 2;
    kit.devices.insert(card('A'));
    await flush();
    watch();
    expect(signals()).toEqual(['error']);
    const status = await kit.control.status();
    expect(status).toMatchObject({ signal: 'error', code: 9, leds: { red: 'code 9', green: 'off' } });
    expect(status.problems).toMatchObject([{ code: 'state-disk-full', blinks: 9 }]);
    kit.clock.advance(5000);
    await flush();
    kit.clock.advance(5000);
    await flush();
    expect(early.map((line) => [line.signal, line.code])).toEqual([
      ['ready', null],
      ['error', 9],
    ]);
  });

  test('never show the green of the run before while the start is not recorded', async () => {
    await kit.started();
    kit.devices.plug(drive('D'));
    await flush();
    expect((await kit.control.status()).signal).toBe('ready');
    const lines = [...kit.log.lines()];
    const next = controlKit({}, kit.store);
    kit = next;
    expect(lines).toHaveLength(3);
    watch();
    next.runtime.restore();
    expect(signals()).toEqual(['booting']);
    expect((await next.control.status()).leds.green).toBe('off');
  });
});

describe('the journal seen from outside', () => {
  test('lines after a number, as many as asked', async () => {
    await kit.started();
    expect(kit.control.journal({ after: 1, limit: 10 })).toHaveLength(1);
    expect(kit.control.journal({ after: 0, limit: 1 })).toEqual([...kit.log.lines({ limit: 1 })]);
  });

  test('its head at once, then whenever it grows', async () => {
    await kit.started();
    const heads: number[] = [];
    kit.control.head$.subscribe((seq) => heads.push(seq));
    await kit.runtime.submit({ type: 'ButtonPressed' });
    await kit.runtime.submit({ type: 'ButtonReleased' });
    expect(heads).toEqual([2, 3, 4]);
  });
});

describe('power and acknowledging', () => {
  test('the lights go off only after the drives are released, then the power ends', async () => {
    await kit.started();
    kit.devices.plug(drive('D'));
    await flush();
    watch();
    await kit.control.power('reboot');
    await flush();
    expect(signals()).toEqual(['ready', 'shutting-down', 'off']);
    expect(kit.synced).toEqual(['quiet', 'D']);
    expect(kit.ended).toEqual(['reboot']);
  });

  test('an acknowledged error is gone from the light', async () => {
    await kit.started();
    kit.devices.facts$.next({ type: 'CardRefused', device: 'sdb1', reason: 'mount-failed', detail: '' });
    await flush();
    watch();
    await kit.control.acknowledge();
    // What was refused is still attached, and backed up nowhere.
    expect(signals()).toEqual(['error', 'attention']);
  });

  test('the board answers only when it is simulated', () => {
    expect(() => kit.control.sim).toThrow(expect.objectContaining({ exitCode: 77, code: 'not-simulated' }));
    const sim = { insert: async () => ({ id: '' }) } as never;
    expect(controlKit({ sim }).control.sim).toBe(sim);
  });
});
