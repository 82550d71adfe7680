import { describe, expect, test } from 'vitest';
import { lightOf } from '../../machines/decide.ts';
import { driveId } from '../../machines/ids.ts';
import { JournalError } from '../../services/errors.ts';
import { cardAttached, daemonStarted, devicesKnown, driveAttached } from '../machines/story.ts';
import { flush, type RuntimeKit, runtimeKit, storeWith } from './kit.ts';

const RETRY_MS = 5000;

async function ready(): Promise<RuntimeKit> {
  const kit = runtimeKit();
  await kit.tell(daemonStarted(), driveAttached('D'), devicesKnown());
  expect(kit.signal()).toBe('ready');
  return kit;
}

describe('a journal that cannot be written', () => {
  test('shows error 9 at once, and nothing is decided nor executed', async () => {
    const kit = await ready();
    const shown: unknown[] = [];
    const decided: string[] = [];
    kit.runtime.shown$.subscribe((state) => shown.push(lightOf(state)));
    kit.runtime.decided$.subscribe(({ record }) => decided.push(record.fact.type));
    kit.log.failures = 1;
    kit.runtime.submit(cardAttached('A')).catch(() => undefined);
    await flush();
    expect(shown).toEqual([{ signal: 'error', code: 9, activity: null }]);
    expect(kit.signal()).toBe('error');
    expect(decided).toEqual([]);
    expect(kit.commands).toEqual([]);
    expect(kit.recorded()).toHaveLength(3);
    expect(kit.warnings).toEqual(['no space left']);
  });

  test('is tried again after 5 s, not before; then all is decided in order and the error is recorded', async () => {
    const kit = await ready();
    kit.log.failures = 1;
    const first = kit.runtime.submit(cardAttached('A'));
    await flush();
    const second = kit.runtime.submit(cardAttached('B'));
    kit.clock.advance(RETRY_MS - 1);
    await flush();
    expect(kit.log.tried).toEqual([1, 2, 1]);
    kit.clock.advance(1);
    await Promise.all([first, second]);
    await flush();
    expect(kit.recorded().slice(3)).toEqual(['CardAttached', 'InternalErrorOccurred', 'CardAttached']);
    expect([...kit.log.read({ after: 4 })][0]?.fact).toEqual({
      type: 'InternalErrorOccurred',
      reason: 'state-disk-full',
      detail: 'no space left',
    });
    expect(kit.commands.map((command) => command.type)).toEqual(['timer.arm', 'timer.disarm', 'timer.arm']);
    expect(lightOf(kit.runtime.state)).toEqual({ signal: 'error', code: 9, activity: null });
    expect(kit.clock.armed).toBe(0);
  });

  test('that fails again and again is recorded once, and shown each time', async () => {
    const kit = await ready();
    let shown = 0;
    kit.runtime.shown$.subscribe(() => {
      shown += 1;
    });
    kit.log.failures = 3;
    const fact = kit.runtime.submit(cardAttached('A'));
    for (let round = 0; round < 3; round += 1) {
      await flush();
      expect(kit.signal()).toBe('error');
      kit.clock.advance(RETRY_MS);
    }
    await fact;
    await kit.runtime.stop();
    expect(shown).toBe(3);
    expect(kit.recorded().slice(3)).toEqual(['CardAttached', 'InternalErrorOccurred']);
  });

  test('refuses what a person orders, at once and while it lasts, and does not do it later', async () => {
    const kit = await ready();
    kit.log.failures = 2;
    const refusal = {
      code: 'state-disk-full',
      exitCode: 74,
      message: expect.stringContaining('no space left'),
    };
    const fact = kit.runtime.submit(cardAttached('A'));
    await expect(kit.runtime.order({ type: 'Acknowledged' })).rejects.toMatchObject(refusal);
    await flush();
    expect(() => kit.runtime.expectToRecord()).toThrow('no space left');
    await expect(kit.runtime.order({ type: 'Acknowledged' })).rejects.toMatchObject(refusal);
    kit.clock.advance(RETRY_MS);
    await flush();
    kit.clock.advance(RETRY_MS);
    await fact;
    await flush();
    await kit.runtime.order({ type: 'Acknowledged' });
    expect(kit.recorded().slice(3)).toEqual(['CardAttached', 'InternalErrorOccurred', 'Acknowledged']);
  });

  test('shows error 9 until its record is there: what waited before it is not shown as if all were well', async () => {
    const kit = await ready();
    const shown: string[] = [];
    kit.runtime.decided$.subscribe(({ record }) => shown.push(`${record.fact.type} ${kit.signal()}`));
    kit.log.failures = 1;
    const facts = [
      kit.runtime.submit({ type: 'SpaceChanged', driveId: driveId('D'), freeBytes: 1, low: true }),
      kit.runtime.submit({ type: 'Acknowledged' }),
    ];
    await flush();
    kit.clock.advance(RETRY_MS);
    await Promise.all(facts);
    await flush();
    expect(shown).toEqual(['SpaceChanged error', 'Acknowledged error', 'InternalErrorOccurred error']);
    await kit.runtime.order({ type: 'Acknowledged' });
    expect(kit.signal()).toBe('ready');
  });

  test('says what kind of trouble it is', async () => {
    const kit = await ready();
    kit.log.error = new JournalError('io', null, 'input/output error');
    kit.log.failures = 1;
    const fact = kit.runtime.submit(cardAttached('A'));
    await flush();
    kit.clock.advance(RETRY_MS);
    await fact;
    await kit.runtime.stop();
    expect([...kit.log.read()].at(-1)?.fact).toMatchObject({
      reason: 'internal',
      detail: 'input/output error',
    });
  });

  test('shows the light of the facts again only after they are durable', async () => {
    const kit = await ready();
    kit.log.failures = 1;
    const acknowledged = kit.runtime.submit({ type: 'Acknowledged' });
    await flush();
    expect(kit.signal()).toBe('error');
    kit.clock.advance(RETRY_MS);
    await acknowledged;
    await kit.tell({ type: 'Acknowledged' });
    expect(kit.signal()).toBe('ready');
  });

  test('does not keep stop waiting: what is not durable is refused and lost', async () => {
    const kit = await ready();
    kit.log.failures = Number.POSITIVE_INFINITY;
    const lost = expect(kit.runtime.submit(cardAttached('A'))).rejects.toThrow('the runtime has stopped');
    await flush();
    await kit.runtime.stop();
    await lost;
    expect(kit.clock.armed).toBe(0);
    expect(kit.recorded()).toHaveLength(3);
  });

  test('that fails in the last append before the end neither waits nor shows anything', async () => {
    const kit = await ready();
    kit.log.failures = 1;
    let shown = 0;
    kit.runtime.shown$.subscribe(() => {
      shown += 1;
    });
    const lost = expect(kit.runtime.submit(cardAttached('A'))).rejects.toThrow('the runtime has stopped');
    await kit.runtime.stop();
    await lost;
    expect(shown).toBe(0);
    expect(kit.clock.armed).toBe(0);
  });

  test('at the start is not hidden by the green light of the run before', async () => {
    const store = await storeWith(daemonStarted(), driveAttached('D'), devicesKnown());
    const kit = runtimeKit({}, store);
    kit.runtime.restore();
    expect(lightOf(kit.runtime.state).signal).toBe('ready');
    expect(kit.signal()).toBe('booting');
    kit.log.failures = 1;
    const start = kit.runtime.submit(daemonStarted());
    await flush();
    expect(lightOf(kit.runtime.shown)).toEqual({ signal: 'error', code: 9, activity: null });
    expect(kit.runtime.shown.appliance.context.errors).toMatchObject([{ reason: 'state-disk-full' }]);
    kit.clock.advance(RETRY_MS);
    await start;
  });
});

describe('facts that were lost', () => {
  test('a full queue refuses the fact after 10,000', async () => {
    const kit = await ready();
    kit.log.failures = 1;
    const all = Array.from({ length: 10_000 }, () => kit.runtime.submit(devicesKnown()));
    await expect(kit.runtime.submit(cardAttached('A'))).rejects.toThrow('the fact queue is full');
    await flush();
    kit.clock.advance(RETRY_MS);
    await Promise.all(all);
    expect(kit.recorded().filter((type) => type === 'DevicesKnown')).toHaveLength(10_001);
  });

  test('no acknowledgement makes the light green after a card may have been lost', async () => {
    const kit = await ready();
    const all = Array.from({ length: 10_000 }, () => kit.runtime.submit(devicesKnown()));
    const refused = kit.runtime.submit(cardAttached('A')).catch(() => undefined);
    expect(kit.signal()).toBe('error');
    await Promise.all([...all, refused]);
    await kit.tell({ type: 'Acknowledged' });
    expect(lightOf(kit.runtime.state).signal).toBe('ready');
    expect(lightOf(kit.runtime.shown)).toEqual({ signal: 'error', code: 9, activity: null });
    expect(kit.runtime.shown.appliance.context.errors).toMatchObject([
      { detail: 'the fact queue is full, CardAttached was lost: restart imagetank' },
    ]);
    expect(kit.recorded().filter((type) => type === 'InternalErrorOccurred')).toHaveLength(1);
  });

  test('losing track is shown and recorded once', async () => {
    const kit = await ready();
    const shown: string[] = [];
    kit.runtime.shown$.subscribe((state) => shown.push(lightOf(state).signal));
    kit.runtime.loseTrack('the listing broke');
    kit.runtime.loseTrack('the listing broke again');
    await kit.runtime.stop();
    expect(shown).toEqual(['error']);
    expect(kit.recorded().slice(3)).toEqual(['InternalErrorOccurred']);
  });
});
