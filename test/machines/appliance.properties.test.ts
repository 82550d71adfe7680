import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import { isReady } from '../../machines/appliance.context.ts';
import {
  contextOf,
  type DecisionState,
  decide,
  initialState,
  lightOf,
  signalsOf,
} from '../../machines/decide.ts';
import type { Fact } from '../../machines/facts.ts';
import type { BackupId } from '../../machines/ids.ts';
import {
  AT,
  backupFailed,
  backupFinished,
  backupInterrupted,
  backupPlanned,
  backupRequested,
  card,
  cardAttached,
  cardDetached,
  daemonStarted,
  devicesKnown,
  drive,
  driveAttached,
  driveDetached,
  power,
  timerElapsed,
} from './story.ts';

const LABELS = ['A', 'B', 'C'];

/** A fact by name; facts about a backup aim at the one that runs for the card, or at one long gone. */
type Step = { readonly kind: string; readonly label: string };

function factOf({ kind, label }: Step, state: DecisionState): Fact {
  const running = contextOf(state).running.find((backup) => backup.card.label === label);
  const id = running?.backupId ?? ('20200101-1' as BackupId);
  const facts: Record<string, Fact> = {
    started: daemonStarted(),
    known: devicesKnown(),
    insert: cardAttached(label),
    lay: cardAttached(label, 'manual'),
    pull: cardDetached(label),
    drive: driveAttached('D'),
    driveGone: driveDetached('D'),
    settle: timerElapsed('settleDelay'),
    request: backupRequested(label),
    planned: backupPlanned(id, label),
    read: { type: 'CardRead', backupId: id },
    flushed: { type: 'BackupFlushed', backupId: id },
    verified: { type: 'BackupVerified', backupId: id },
    done: backupFinished(id, label),
    cached: backupFinished(id, label, false),
    partly: backupFinished(id, label, true, false),
    unsafe: { type: 'CardChecked', cardId: card(label).id, safe: false },
    forgotten: { type: 'DriveForgotten', driveId: drive('D').id },
    failed: backupFailed(id, label, 'verify-mismatch'),
    full: backupFailed(id, label, 'drive-full'),
    interrupted: backupInterrupted(id, label, 'card-removed'),
    cut: backupInterrupted(id, label, 'weak-power'),
    weak: power('bad'),
    dip: power('warning'),
    strong: power('good'),
    lost: { type: 'CopiesLost', backupId: null, driveId: drive('D').id, files: [] },
    sealed: {
      type: 'DriveSealed',
      backupId: null,
      driveId: drive('D').id,
      seq: 7,
      generations: [],
      extent: 'added',
    },
    announced: { type: 'DeviceAnnounced', device: label },
    refused: { type: 'CardRefused', device: label, reason: 'card-unreadable', detail: '' },
    left: { type: 'DeviceDetached', device: label },
    device: { type: 'DeviceSettled', device: label },
    ack: { type: 'Acknowledged' },
    press: { type: 'ButtonPressed' },
    release: { type: 'ButtonReleased' },
    hold: timerElapsed('holdDelay'),
    window: timerElapsed('pressWindow'),
    stop: timerElapsed('stopDelay'),
    shutdown: { type: 'ShutdownRequested', action: 'stop' },
    released: { type: 'DrivesReleased' },
    internal: { type: 'InternalErrorOccurred', reason: 'internal', detail: '' },
  };
  const fact = facts[kind];
  if (fact === undefined) throw new Error(`no fact for ${kind}`);
  return fact;
}

const KINDS = [
  'started',
  'known',
  'insert',
  'lay',
  'pull',
  'drive',
  'driveGone',
  'settle',
  'request',
  'planned',
  'read',
  'flushed',
  'verified',
  'done',
  'cached',
  'partly',
  'unsafe',
  'failed',
  'full',
  'interrupted',
  'sealed',
  'cut',
  'weak',
  'dip',
  'strong',
  'lost',
  'announced',
  'refused',
  'left',
  'device',
  'ack',
  'press',
  'release',
  'hold',
  'window',
  'stop',
  'shutdown',
  'released',
  'internal',
];

const ENDS = new Set(['hold', 'shutdown', 'released', 'started']);
/** Endings are rare, so that stories get long enough to reach green. */
const steps = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...KINDS.filter((kind) => !ENDS.has(kind))) },
      { weight: 1, arbitrary: fc.constantFrom(...ENDS) },
    ),
    label: fc.constantFrom(...LABELS),
  }),
  { minLength: 1, maxLength: 60 },
);

/** What a careful person would note on paper, knowing nothing of charts: which insertion was proven safe. */
class Notebook {
  readonly #attached = new Map<string, { safe: boolean }>();
  readonly #reads = new Map<string, { safe: boolean } | undefined>();
  #drive = false;
  #weak = false;

  write(fact: Fact, commands: readonly { readonly type: string }[]): void {
    if (fact.type === 'DaemonStarted') {
      this.#attached.clear();
      this.#reads.clear();
      this.#drive = false;
      this.#weak = false;
    }
    if (fact.type === 'HealthChanged' && fact.check === 'power') this.#weak = fact.level === 'bad';
    if (fact.type === 'CardAttached') this.#attached.set(fact.card.id, { safe: false });
    if (fact.type === 'CardDetached') this.#attached.delete(fact.cardId);
    if (fact.type === 'CardRefused') this.#attached.set(fact.device, { safe: false });
    if (fact.type === 'DeviceDetached') this.#attached.delete(fact.device);
    if (fact.type === 'DriveAttached') {
      this.#drive = true;
      for (const entry of this.#attached.values()) entry.safe = false;
    }
    if (fact.type === 'CardChecked' && !fact.safe) {
      const entry = this.#attached.get(fact.cardId);
      if (entry !== undefined) entry.safe = false;
    }
    if (fact.type === 'DriveDetached') this.#drive = false;
    if (fact.type === 'CopiesLost') {
      for (const entry of this.#attached.values()) entry.safe = false;
      this.#reads.clear();
    }
    if (fact.type === 'BackupFailed' || fact.type === 'BackupFinished' || fact.type === 'BackupInterrupted') {
      const insertion = this.#reads.get(fact.backupId);
      if (insertion !== undefined)
        insertion.safe = fact.type === 'BackupFinished' && fact.trusted && fact.enough;
      this.#reads.delete(fact.backupId);
    }
    for (const command of commands) {
      if (command.type !== 'backup.start') continue;
      expect(this.#weak).toBe(false);
      const { backupId, card } = command as unknown as { backupId: string; card: { id: string } };
      this.#reads.set(backupId, this.#attached.get(card.id));
    }
  }

  get allSafe(): boolean {
    return this.#drive && !this.#weak && [...this.#attached.values()].every((entry) => entry.safe);
  }
}

describe('whatever happens, in any order', () => {
  test('there is exactly one LED signal, and green only when the notebook agrees', () => {
    let greens = 0;
    fc.assert(
      fc.property(steps, (story) => {
        let state = initialState();
        const notebook = new Notebook();
        for (const [index, step] of [
          { kind: 'started', label: 'A' },
          { kind: 'known', label: 'A' },
          ...story,
        ].entries()) {
          const fact = factOf(step, state);
          const decision = decide(state, { seq: index + 1, at: AT, fact });
          notebook.write(fact, decision.commands);
          state = decision.state;
          expect(signalsOf(state)).toHaveLength(1);
          expect(isReady(contextOf(state))).toBe(lightOf(state).signal === 'ready');
          if (lightOf(state).signal === 'ready') {
            greens += 1;
            expect(notebook.allSafe).toBe(true);
          }
        }
      }),
      { numRuns: 3000 },
    );
    expect(greens).toBeGreaterThan(100);
  });
});

/** The whole decision as a logic that xstate/graph can walk: the shortest way to every state within the limit. */
function paths(events: readonly string[], longest: number) {
  const logic = {
    config: undefined,
    getInitialSnapshot: () => ({ status: 'active', state: initialState(), seq: 0 }),
    getPersistedSnapshot: (snapshot: unknown) => snapshot,
    transition: (
      snapshot: { state: DecisionState; seq: number },
      event: { type: string; label?: string },
    ) => {
      const step = { kind: event.type, label: event.label ?? 'A' };
      const seq = snapshot.seq + 1;
      return {
        status: 'active',
        seq,
        state: decide(snapshot.state, { seq, at: AT, fact: factOf(step, snapshot.state) }).state,
      };
    },
  };
  return getShortestPaths(
    logic as never,
    {
      events: events.map((type) => ({ type })) as never,
      limit: 1_000_000,
      serializeState: (snapshot: unknown) => {
        const { state } = snapshot as { state: DecisionState };
        const context = contextOf(state);
        const cards = context.cards.map((entry) => [entry.standing, entry.failedFor]);
        const errors = context.errors.map((error) => error.reason);
        const running = context.running.map((backup) => backup.reading);
        const unfinished = context.unfinished.map((entry) => entry.acknowledged);
        const shape = [
          state.appliance.value,
          cards,
          errors,
          running,
          unfinished,
          context.awake,
          context.weakPower,
          context.drives.length,
          context.queue.length,
          [...state.backups.values()].map((b) => b.value),
          [...state.timers.keys()],
        ];
        return JSON.stringify(shape);
      },
      stopWhen: (snapshot: unknown) => (snapshot as { seq: number }).seq > longest,
    } as never,
  ) as unknown as readonly {
    state: { state: DecisionState };
    steps: readonly { event: { type: string } }[];
  }[];
}

describe('the shortest paths to every state that one card and one drive can reach', () => {
  const found = paths(
    [
      'started',
      'known',
      'insert',
      'pull',
      'drive',
      'driveGone',
      'settle',
      'planned',
      'read',
      'flushed',
      'verified',
      'done',
      'failed',
      'interrupted',
      'ack',
      'shutdown',
      'released',
    ],
    12,
  );

  test('reach all signals and all phases', () => {
    const signals = new Set(found.map((path) => lightOf(path.state.state).signal));
    expect([...signals].sort()).toEqual(
      [
        'attention',
        'booting',
        'copying',
        'error',
        'off',
        'ready',
        'shutting-down',
        'verifying',
        'waiting',
      ].sort(),
    );
    const phases = new Set(
      found.flatMap((path) => [...path.state.state.backups.values()].map((b) => b.value)),
    );
    expect([...phases].sort()).toEqual(['copying', 'flushing', 'planned', 'sealing', 'verifying']);
  });

  test('no path leads to green while the attached card is not backed up, acknowledging included', () => {
    expect(found.length).toBeGreaterThan(1000);
    for (const { state, steps: taken } of found) {
      expect(signalsOf(state.state)).toHaveLength(1);
      if (lightOf(state.state).signal !== 'ready') continue;
      const names = taken.map((step) => step.event.type);
      const lastInsert = names.lastIndexOf('insert');
      const attached = lastInsert > Math.max(names.lastIndexOf('pull'), names.lastIndexOf('started'));
      if (attached) expect(names.lastIndexOf('done'), names.join(' ')).toBeGreaterThan(lastInsert);
    }
  });
});

describe('the shortest paths through weak power with one card and one drive', () => {
  // Fewer facts than above: with all of them the walk takes half a minute.
  const found = paths(
    ['known', 'started', 'insert', 'pull', 'drive', 'settle', 'read', 'done', 'cut', 'weak', 'strong', 'ack'],
    10,
  );

  test('one signal in each, never green while it lasts, and whatever waits is told', () => {
    expect(found.filter(({ state }) => contextOf(state.state).weakPower).length).toBeGreaterThan(100);
    for (const { state, steps: taken } of found) {
      expect(signalsOf(state.state)).toHaveLength(1);
      const { weakPower, queue, awake, running, errors } = contextOf(state.state);
      const names = taken.map((step) => step.event.type);
      const isBad =
        names.lastIndexOf('weak') > Math.max(names.lastIndexOf('strong'), names.lastIndexOf('started'));
      expect(weakPower, names.join(' ')).toBe(isBad);
      if (weakPower) expect(lightOf(state.state).signal).not.toBe('ready');
      const acknowledged = names.includes('ack');
      if (weakPower && awake && queue.length > 0 && !acknowledged) expect(errors.length).toBeGreaterThan(0);
      // Nothing stays in the queue for ever: with a drive, power and no end asked for, a queued card runs.
      if (!weakPower && awake && running.length === 0 && contextOf(state.state).drives.length > 0)
        expect(queue, names.join(' ')).toEqual([]);
    }
  });
});
