/** Puts the adapters behind the ports: the only place that knows all of them. The daemon and the demo use it. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EMPTY, merge } from 'rxjs';
import { createCardReader } from '../adapters/fs/card-reader.ts';
import { openDriveStore } from '../adapters/fs/drive-store.ts';
import { createIo } from '../adapters/fs/io/lanes.ts';
import { createSystemClock } from '../adapters/node/system-clock.ts';
import { sqlitePlans } from '../adapters/sqlite/sqlite-plan.ts';
import { contextOf } from '../machines/decide.ts';
import type { Fact } from '../machines/facts.ts';
import type { Drive } from '../machines/media.ts';
import { Counter } from '../services/backup/numbering.ts';
import { surveyor } from '../services/backup/survey.ts';
import { Busy } from '../services/busy.ts';
import { clockFacts } from '../services/clock-watch.ts';
import { Backups } from '../services/control/backups.ts';
import { Control } from '../services/control/control.ts';
import { executor } from '../services/control/executor.ts';
import { Sim } from '../services/control/sim.ts';
import { Daemon } from '../services/daemon.ts';
import { held } from '../services/devices/holds.ts';
import { spaceFacts } from '../services/devices/space-watch.ts';
import { healthShape } from '../services/health/shape.ts';
import { DriveLearning } from '../services/learning.ts';
import { leavable } from '../services/leaving.ts';
import { numberReader, type Style, templateOf } from '../services/library/layout.ts';
import { PowerOff } from '../services/power-off.ts';
import { Runtime } from '../services/runtime/runtime.ts';
import { Timers } from '../services/runtime/timers.ts';
import { sealing } from '../services/sealing.ts';
import { Tidying } from '../services/tidying.ts';
import { ejected } from '../services/verify/verifications.ts';
import { createRunBackup } from './backing-up.ts';
import type { ComposeOptions, Composition } from './composition.ts';
import { openDevices } from './devices.ts';
import { watchMachine } from './health.ts';
import { createInboxes } from './inbox.ts';
import { metadataReader } from './metadata.ts';
import { questions } from './questions.ts';
import { remembered } from './remembered.ts';

/** Missing where the sources run unbuilt, as in tests: then files are read and written in this thread. */
const IO_WORKER = fileURLToPath(new URL('./io-worker.js', import.meta.url));

export async function compose(options: ComposeOptions): Promise<Composition> {
  const { config, store, warn } = options;
  const hash = config.hash === 'xxh64' ? null : config.hash;
  const clock = options.ports?.clock ?? createSystemClock();
  const io = createIo({ workerPath: existsSync(IO_WORKER) ? IO_WORKER : null });
  const cards = options.ports?.cards ?? createCardReader({ io });
  const metadata = metadataReader(warn);
  const counter = new Counter(store.catalogue);
  const style: Style = { layout: config.layout, template: config.template, dayStarts: config.day_starts };
  const openPlan = sqlitePlans(options.stateDir);
  const openDrive =
    options.ports?.openDrive ??
    ((drive: Drive) => {
      const isAttached = () => devices.attached.drives.some(({ id }) => id === drive.id);
      return openDriveStore(drive, { io, isAttached });
    });
  const { book, verifications, failing, access, follow } = remembered(store.log, clock, (fact) =>
    runtime.order(fact),
  );
  const { places, devices } = await openDevices(options, { clock, book });
  const timers = new Timers(clock, (timer) => void submit({ type: 'TimerElapsed', timer }));
  const execute = executor({
    runtime: () => runtime,
    timers,
    backups: () => backups,
    devices,
    power: options.power,
    access,
    openDrive,
    quiet: async () => void (await Promise.all([visitors?.stop(), verifications.ended()])),
    clock,
    warn,
  });
  const runtime = new Runtime({ log: store.log, clock, execute, warn });
  const emit = async (fact: Fact) => void (await runtime.submit(fact));
  const submit = (fact: Fact) => emit(fact).catch((error: unknown) => warn(`${fact.type}: ${String(error)}`));
  const learning = new DriveLearning({
    catalogue: store.catalogue,
    emit,
    warn,
    numberIn: numberReader(style),
    survey: surveyor(templateOf(style), counter),
  });
  runtime.decided$.subscribe(({ record }) => learning.follow(record));
  follow(runtime);
  const tidying = new Tidying({ store, clock, warn, decided$: runtime.decided$ });
  tidying.start();
  const { seal, sealReread, sealFolder } = sealing({
    log: store.log,
    catalogue: store.catalogue,
    history: store.history,
    clock,
    hostname: hostname(),
    version: options.version,
    emit,
  });
  const openLearned = async (drive: Drive) => {
    const store = await openDrive(drive);
    await learning.learn(store);
    return store;
  };
  const inboxes = createInboxes({
    ...{ config, io, devices, book, clock, emit, warn, log: store.log, catalogue: store.catalogue },
    runtime: () => runtime,
    open: options.ports?.openInbox,
  });
  const visitors =
    config.port === null
      ? null
      : (await import('./visitors.ts')).createVisitors({
          ...options,
          ...{ clock, runtime, io, devices, inboxes, access },
        });
  const backups = new Backups({
    openDrive: openLearned,
    emit,
    clock,
    warn,
    hold: (card) => devices.hold(card.id),
    run: createRunBackup({
      ...{ config, style, inboxes, seal, cards, metadata, counter, openPlan },
      catalogue: store.catalogue,
    }),
  });
  const labelOf = (id: Drive['id']) => book.get(id)?.label ?? id;
  const { checking, verifying, indexing, previewed } = questions({
    ...{
      runtime,
      store,
      cards,
      openDrive,
      emit,
      clock,
      verifications,
      hash,
      sealReread,
      sealFolder,
      labelOf,
    },
    ...{ openLearned, metadata, style, counter, openPlan, places },
    reserveBytes: config.reserve,
    drives: () => book.drives(),
    present: () => devices.present,
    shown: () => devices.attached.drives,
    isFailing: (id) => failing.has(id),
    copies: config.copies,
  });
  const source = options.ports?.health;
  const watched = options.mounts || source !== undefined;
  const health = watched ? watchMachine({ ...options, runtime: () => runtime, clock, source }) : null;
  const busy = new Busy();
  const powerOff = new PowerOff({
    decided$: runtime.decided$,
    clock,
    after: config.power_off_after,
    busy: () => busy.now || inboxes.isArriving || visitors?.isArriving === true,
    submit: (fact) => void submit(fact),
  });
  powerOff.start();
  const freeBytes = async (path: string) => (await places.space(path))?.freeBytes ?? null;
  const control = new Control({
    runtime,
    store,
    clock,
    devices,
    backups,
    check: (card, asked) => busy.during(held(() => devices.hold(card.id), checking.check(card, asked))),
    preview: (card, asked) =>
      leavable((left) => busy.during(held(() => devices.hold(card.id), previewed(card, asked, left)))),
    verify: (target, options) => leavable((left) => busy.during(verifying.verify(target, options, left))),
    index: (dir, asked) => leavable((left) => busy.during(indexing.index(dir, asked, left))),
    verifications: () => verifications.now,
    inboxProblems: () => [...inboxes.problems, ...(options.problems ?? [])],
    address: options.address ?? (() => null),
    labelOf,
    freeBytes,
    letGo: async ({ id, ...shown }, detach) => {
      if (id === null || !shown.adopted) return detach();
      const drive = { ...shown, id };
      const leave = async () => {
        await inboxes.leave(drive);
        // It would hold the drive open, and it goes on where it was.
        verifications.stop(id, ejected(drive.label));
        await (await openDrive(drive)).sync();
        await detach();
      };
      await (visitors === null ? leave() : visitors.without(drive, leave));
    },
    health: () => ({
      rssBytes: process.memoryUsage.rss(),
      uptimeSeconds: process.uptime(),
      version: options.version,
      ...healthShape(health?.monitor.standings ?? []),
    }),
    sim: options.button === null ? null : new Sim(devices, options.button, clock),
  });
  const daemon = new Daemon({
    version: options.version,
    runtime,
    timers,
    control,
    devices,
    board: options.board,
    others$: merge(
      spaceFacts(() => devices.attached.drives, places, config.reserve),
      health?.monitor.facts$ ?? EMPTY,
      clockFacts(clock),
    ),
    onLight: options.onLight,
    clock,
    prepare: async () => {
      await options.prepare?.(control);
      await inboxes.start();
      await visitors?.uploads.start();
    },
    stopRecording: async () => {
      // What arrives last is told by the light, too.
      await visitors?.uploads.stop();
      await inboxes.stop();
    },
    stopOthers: async () => {
      for (const part of [powerOff, tidying, access]) part.stop();
      await Promise.all([metadata.stop(), visitors?.stop(), health?.stop()]);
    },
    warn,
  });
  const isBusy = () => {
    const { running, queue } = contextOf(runtime.state);
    return busy.now || visitors?.isArriving === true || running.length + queue.length > 0;
  };
  return { control, daemon, access, visitors, isBusy };
}
