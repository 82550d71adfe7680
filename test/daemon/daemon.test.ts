import { Subject } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import type { Light } from '../../machines/signals.ts';
import { Daemon, type DaemonParts } from '../../services/daemon.ts';
import type { Board, ButtonEdge, Store } from '../../services/ports.ts';
import { lightTrace } from '../../services/replay.ts';
import type { LightLine } from '../../services/shapes.ts';
import { controlKit, folder } from '../control/kit.ts';
import { backupInterrupted, card, daemonStarted, drive } from '../machines/story.ts';
import { flush, storeWith } from '../runtime/kit.ts';

function daemonKit(store?: Store, change: Partial<DaemonParts> = {}) {
  const kit = controlKit({}, store);
  const lights: Light[] = [];
  const stopped: string[] = [];
  const lines: LightLine[] = [];
  const button$ = new Subject<ButtonEdge>();
  const others$ = new Subject<Fact>();
  const board: Board = {
    leds: { show: (light) => void lights.push(light), stop: async () => void stopped.push('leds') },
    button$,
  };
  const daemon = new Daemon({
    version: '1.2.3',
    runtime: kit.runtime,
    timers: kit.timers,
    control: kit.control,
    devices: kit.devices,
    board,
    others$,
    onLight: (line) => void lines.push(line),
    prepare: async () => undefined,
    stopRecording: async () => void stopped.push('inboxes'),
    stopOthers: async () => void stopped.push('others'),
    clock: kit.clock,
    warn: kit.warn,
    ...change,
  });
  const signals = () => lights.map((light) => light.signal).filter((one, at, all) => one !== all[at - 1]);
  const types = () => [...kit.log.read()].map(({ fact }) => fact.type);
  return { ...kit, daemon, lights, lines, stopped, button$, others$, signals, types };
}

let kit: ReturnType<typeof daemonKit>;
beforeEach(() => {
  kit = daemonKit();
});

describe('a start', () => {
  test('is durable before devices are let in; they are known after the first listing', async () => {
    kit.devices.onStart = async () => {
      expect(kit.types()).toEqual(['DaemonStarted']);
      kit.devices.plug(drive('D'));
      kit.devices.insert(card('A'));
    };
    await kit.daemon.start();
    expect(kit.types()).toEqual(['DaemonStarted', 'DriveAttached', 'CardAttached', 'DevicesKnown']);
    expect([...kit.log.read()][0]?.fact).toEqual({ type: 'DaemonStarted', version: '1.2.3' });
    expect(kit.signals()).toEqual(['booting', 'attention']);
  });

  test('prepares between the listing and the moment when devices count as known', async () => {
    const others = daemonKit(undefined, {
      prepare: async () => void others.devices.insert(card('P'), 'manual'),
    });
    others.devices.onStart = async () => others.devices.plug(drive('D'));
    await others.daemon.start();
    expect(others.types()).toEqual(['DaemonStarted', 'DriveAttached', 'CardAttached', 'DevicesKnown']);
  });

  test('loses no fact of a storm and keeps their order', async () => {
    const facts: Fact[] = Array.from({ length: 1000 }, (_, at) => ({
      type: at % 2 === 0 ? ('DeviceAnnounced' as const) : ('DeviceSettled' as const),
      device: `sd${Math.floor(at / 2)}`,
    }));
    kit.devices.onStart = async () => {
      for (const fact of facts) kit.devices.facts$.next(fact);
    };
    await kit.daemon.start();
    expect([...kit.log.read()].slice(1, -1).map(({ fact }) => fact)).toEqual(facts);
  });

  test('shows booting at once, never the green of the run before', async () => {
    const store = await storeWith(
      daemonStarted(),
      { type: 'DriveAttached', drive: drive('D') },
      {
        type: 'DevicesKnown',
      },
    );
    const again = daemonKit(store);
    again.devices.onStart = async () => expect(again.signals()).toEqual(['booting']);
    await again.daemon.start();
    expect(again.signals()).toEqual(['booting', 'waiting']);
  });

  test.each([
    ['running', [] as Fact[]],
    ['shut down', [{ type: 'ShutdownRequested', action: 'poweroff' }, { type: 'DrivesReleased' }] as Fact[]],
  ])('with a full disk shows error 9 and goes on by itself, after a run that was %s', async (_, more) => {
    const store = await storeWith(
      daemonStarted(),
      { type: 'DriveAttached', drive: drive('D') },
      { type: 'DevicesKnown' },
      ...more,
    );
    const again = daemonKit(store);
    again.log.failures = 1;
    const start = again.daemon.start();
    await flush();
    expect(again.lights.at(-1)).toEqual({ signal: 'error', code: 9, activity: null });
    expect(again.devices.calls).toEqual([]);
    again.clock.advance(5000);
    await start;
    expect(again.types().slice(3 + more.length)).toEqual([
      'DaemonStarted',
      'InternalErrorOccurred',
      'DevicesKnown',
    ]);
    expect(again.lights.at(-1)).toEqual({ signal: 'error', code: 9, activity: null });
  });

  test('fails when the journal is damaged, and lets nothing in', async () => {
    kit.log.read = () => {
      throw new Error('damaged');
    };
    await expect(kit.daemon.start()).rejects.toThrow('damaged');
    expect(kit.devices.calls).toEqual([]);
    expect(kit.signals()).toEqual(['booting']);
    await kit.daemon.stop();
    expect(kit.stopped).toEqual(['inboxes', 'others', 'leds']);
  });
});

describe('an unfinished backup of a folder', () => {
  const PHOTOS = folder('/photos', 'Holiday');
  const cut = (one = PHOTOS): Promise<Store> =>
    storeWith(
      daemonStarted(),
      { type: 'DriveAttached', drive: drive('D') },
      { type: 'DevicesKnown' },
      { type: 'CardAttached', card: one, start: 'manual' },
      { type: 'BackupRequested', cardId: one.id, by: 'person', driveId: null, fit: false },
    );

  test('goes on after a restart, without an error', async () => {
    const again = daemonKit(await cut());
    again.devices.onStart = async () => again.devices.plug(drive('D'));
    await again.daemon.start();
    expect(again.devices.calls).toEqual(['start', 'attach /photos Holiday manual']);
    expect(again.types().slice(5)).toEqual([
      'DaemonStarted',
      'DriveAttached',
      'CardAttached',
      'DevicesKnown',
    ]);
    again.clock.advance(1000);
    await flush();
    expect(again.engine.at(0).run.card.id).toBe(PHOTOS.id);
    expect(again.signals()).toEqual(['booting', 'attention', 'copying']);
  });

  test('is error 6 when the folder is gone', async () => {
    const again = daemonKit(await cut());
    again.devices.missing.add('/photos');
    await again.daemon.start();
    expect(again.lights.at(-1)).toEqual({ signal: 'error', code: 6, activity: null });
    expect(again.warnings).toEqual(['/photos cannot be resumed: /photos: not there']);
  });

  test('of a volume waits for the volume', async () => {
    const again = daemonKit(await cut(card('A')));
    await again.daemon.start();
    expect(again.devices.calls).toEqual(['start']);
    expect(again.lights.at(-1)).toMatchObject({ signal: 'error', code: 6 });
  });
});

describe('while it runs', () => {
  test('each light is told as a replay of the journal tells it', async () => {
    kit.devices.onStart = async () => kit.devices.plug(drive('D'));
    await kit.daemon.start();
    kit.devices.insert(card('A'));
    await flush();
    kit.clock.advance(1000);
    await flush();
    expect(kit.lines.map((line) => line.signal)).toEqual(['booting', 'ready', 'attention', 'copying']);
    expect(kit.lines).toEqual([...lightTrace(kit.log.read())]);
  });

  test('button edges become facts', async () => {
    await kit.daemon.start();
    kit.button$.next('pressed');
    kit.button$.next('released');
    await flush();
    expect(kit.types().slice(2)).toEqual(['ButtonPressed', 'ButtonReleased']);
  });

  test('a button held over 2 s ends it, lights off last', async () => {
    await kit.daemon.start();
    kit.button$.next('pressed');
    await flush();
    kit.clock.advance(2000);
    await flush();
    expect(kit.signals()).toEqual(['booting', 'waiting', 'shutting-down', 'off']);
    expect(kit.ended).toEqual(['poweroff']);
  });

  test('facts from elsewhere are recorded, and so is what the program itself says', async () => {
    await kit.daemon.start();
    kit.others$.next({ type: 'SpaceChanged', driveId: drive('D').id, freeBytes: 1, low: true });
    await kit.daemon.report({ type: 'InternalErrorOccurred', reason: 'journal-damaged', detail: 'x' });
    expect(kit.types().slice(2)).toEqual(['SpaceChanged', 'InternalErrorOccurred']);
    expect(kit.lights.at(-1)).toMatchObject({ signal: 'error', code: 9 });
  });

  test.each([
    ['not even the start', 0],
    ['the start and nothing more', 1],
  ])('a journal that takes %s is error 9, in the light and in the status', async (_what, taken) => {
    kit.devices.onStart = async () => {
      kit.devices.plug(drive('D'));
      if (taken === 1) kit.log.failures = Number.POSITIVE_INFINITY;
    };
    if (taken === 0) kit.log.failures = Number.POSITIVE_INFINITY;
    const start = kit.daemon.start().catch(() => undefined);
    for (let round = 0; round < 3; round += 1) {
      await flush();
      expect(kit.lights.at(-1)).toEqual({ signal: 'error', code: 9, activity: null });
      expect(await kit.control.status()).toMatchObject({
        state: 'boot',
        signal: 'error',
        code: 9,
        leds: { green: 'off' },
        problems: [{ blinks: 9 }],
      });
      kit.clock.advance(5000);
    }
    kit.log.failures = 0;
    kit.clock.advance(5000);
    await flush();
    await start;
    expect((await kit.control.status()).signal).toBe('error');
    await kit.control.acknowledge();
    expect((await kit.control.status()).signal).toBe('ready');
  });

  test('the light is red while the journal cannot be written, green no sooner than the facts allow', async () => {
    kit.devices.onStart = async () => kit.devices.plug(drive('D'));
    await kit.daemon.start();
    expect(kit.lights.at(-1)?.signal).toBe('ready');
    const { length } = kit.lights;
    kit.log.failures = 1;
    kit.devices.insert(card('A'));
    await flush();
    expect(kit.lights.at(-1)).toEqual({ signal: 'error', code: 9, activity: null });
    kit.clock.advance(5000);
    await flush();
    expect(kit.lights.slice(length).map((light) => light.signal)).not.toContain('ready');
    expect(kit.lights.at(-1)).toEqual({ signal: 'error', code: 9, activity: null });
  });

  test.each([
    'devices',
    'others',
  ] as const)('when the source of %s breaks, no acknowledgement makes it green', async (name) => {
    kit.devices.onStart = async () => kit.devices.plug(drive('D'));
    await kit.daemon.start();
    const source$ = name === 'devices' ? kit.devices.facts$ : kit.others$;
    source$.error(new Error('the watcher died'));
    await flush();
    await kit.control.acknowledge();
    expect(kit.lights.at(-1)).toEqual({ signal: 'error', code: 9, activity: null });
    expect((await kit.control.status()).leds.green).toBe('off');
  });

  test('a device fact that the queue refuses leaves a mark that only a restart removes', async () => {
    kit.devices.onStart = async () => kit.devices.plug(drive('D'));
    await kit.daemon.start();
    for (let count = 0; count <= 10_000; count += 1)
      kit.devices.facts$.next({ type: 'DeviceSettled', device: 'sdb' });
    await flush();
    expect(kit.warnings).toContain('DeviceSettled was not recorded: the fact queue is full');
    await kit.control.acknowledge();
    expect(kit.lights.at(-1)).toEqual({ signal: 'error', code: 9, activity: null });
  });
});

describe('a stop', () => {
  test('ends devices, journal, children and lights, and hears nothing more', async () => {
    await kit.daemon.start();
    await kit.daemon.stop();
    expect(kit.devices.calls).toEqual(['start', 'stop']);
    expect(kit.stopped).toEqual(['inboxes', 'others', 'leds']);
    kit.button$.next('pressed');
    kit.devices.insert(card('A'));
    kit.clock.advance(60_000);
    await flush();
    expect(kit.types()).toEqual(['DaemonStarted', 'DevicesKnown']);
    expect(kit.clock.armed).toBe(0);
    await kit.daemon.stop();
  });

  test('gives up on what hangs after 10 s: all else is stopped, the lights too', async () => {
    await kit.daemon.start();
    kit.devices.stop = () => new Promise(() => undefined);
    const stopped = expect(kit.daemon.stop()).rejects.toThrow('devices does not answer for 10 s');
    await flush();
    expect(kit.stopped).toEqual(['inboxes']);
    kit.clock.advance(10_000);
    await stopped;
    expect(kit.stopped).toEqual(['inboxes', 'others', 'leds']);
    expect(kit.clock.armed).toBe(0);
  });

  test('before any start is safe', async () => {
    await kit.daemon.stop();
    expect(kit.stopped).toEqual(['inboxes', 'others', 'leds']);
  });

  test('while the journal is blocked ends the start too', async () => {
    kit.log.failures = Number.POSITIVE_INFINITY;
    const start = expect(kit.daemon.start()).rejects.toThrow('the runtime has stopped');
    await flush();
    await kit.daemon.stop();
    await start;
    expect(kit.stopped).toEqual(['inboxes', 'others', 'leds']);
  });

  test('while the start is being recorded lets no device in afterwards', async () => {
    const start = expect(kit.daemon.start()).rejects.toThrow('stopped while it started');
    await kit.daemon.stop();
    await start;
    expect(kit.devices.calls).toEqual(['stop']);
  });

  test('after devices did not start', async () => {
    kit.devices.onStart = () => Promise.reject(new Error('no mount table'));
    await expect(kit.daemon.start()).rejects.toThrow('no mount table');
    expect(kit.types()).toEqual(['DaemonStarted']);
    expect(kit.signals()).toEqual(['booting']);
    await kit.daemon.stop();
    expect(kit.stopped).toEqual(['inboxes', 'others', 'leds']);
  });

  test('puts the lights out whatever fails before', async () => {
    await kit.daemon.start();
    kit.devices.onStop = () => Promise.reject(new Error('hangs'));
    await expect(kit.daemon.stop()).rejects.toThrow('hangs');
    expect(kit.stopped).toEqual(['inboxes', 'others', 'leds']);
  });

  test('lets an inbox record what it has done, while its drive is still known', async () => {
    const cleared: Fact = {
      type: 'InboxCleared',
      backupId: '20261121-9' as never,
      driveId: drive('D').id,
      removed: ['a.jpg' as never],
      putBack: [],
    };
    const calls: (readonly string[])[] = [];
    const inboxKit = daemonKit(undefined, {
      stopRecording: async () => {
        calls.push([...inboxKit.devices.calls]);
        await inboxKit.runtime.submit(cleared);
      },
    });
    await inboxKit.daemon.start();
    await inboxKit.daemon.stop();
    expect(inboxKit.types().at(-1)).toBe('InboxCleared');
    expect(calls).toEqual([['start']]);
  });

  test('lets what was submitted become durable', async () => {
    await kit.daemon.start();
    kit.devices.insert(card('A'));
    const last = kit.runtime.submit(backupInterrupted('20261121-9' as never, 'A', 'shutdown'));
    await kit.daemon.stop();
    await last;
    expect(kit.types().slice(-2)).toEqual(['CardAttached', 'BackupInterrupted']);
  });
});

describe('is alive for the watchdog', () => {
  test('while the journal takes facts, and while it refuses them: that is shown', async () => {
    await kit.daemon.start();
    expect(kit.daemon.isAlive()).toBe(true);
    kit.log.failures = 100;
    void kit.daemon.report({ type: 'Acknowledged' }).catch(() => undefined);
    await flush();
    kit.clock.advance(29_999);
    expect(kit.daemon.isAlive()).toBe(true);
    kit.clock.advance(600_000);
    await flush();
    expect(kit.daemon.isAlive()).toBe(true);
  });

  test('but not when the journal holds a fact for 30 s; again when it goes on', async () => {
    await kit.daemon.start();
    let open: () => void = () => undefined;
    kit.log.gate = new Promise((resolve) => {
      open = resolve;
    });
    const told = kit.daemon.report({ type: 'Acknowledged' });
    await flush();
    kit.clock.advance(29_999);
    expect(kit.daemon.isAlive()).toBe(true);
    kit.clock.advance(1);
    expect(kit.daemon.isAlive()).toBe(false);
    open();
    await told;
    expect(kit.daemon.isAlive()).toBe(true);
  });
});
