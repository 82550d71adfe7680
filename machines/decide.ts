import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { ApplianceContext, ChartEvent } from './appliance.context.ts';
import { applianceMachine } from './appliance.machine.ts';
import { backupMachine } from './backup.machine.ts';
import type { Command } from './commands.ts';
import { type ChartFact, type FactRecord, isFileFact, type TimerName } from './facts.ts';
import type { BackupId } from './ids.ts';
import { CODE_OF_REASON, type ErrorCode } from './reasons.ts';
import { type Activity, LED_SIGNALS, type LedSignal, type Light } from './signals.ts';

type ApplianceSnapshot = SnapshotFrom<typeof applianceMachine>;
type BackupSnapshot = SnapshotFrom<typeof backupMachine>;

export type PublicState = 'boot' | 'ready' | 'copying' | 'error' | 'shutdown';
export type BackupPhase = BackupSnapshot['value'];

/** Everything that decisions follow from; made from facts only. */
export interface DecisionState {
  readonly appliance: ApplianceSnapshot;
  /** Backups that have started and not ended. */
  readonly backups: ReadonlyMap<BackupId, BackupSnapshot>;
  /** Armed timers and the internal event that each stands for. */
  readonly timers: ReadonlyMap<TimerName, string>;
}

export interface Decision {
  readonly state: DecisionState;
  readonly commands: readonly Command[];
}

export function initialState(): DecisionState {
  return { appliance: initialTransition(applianceMachine)[0], backups: new Map(), timers: new Map() };
}

/** Pure: the same state and record always give the same decision. */
export function decide(state: DecisionState, record: Pick<FactRecord, 'seq' | 'at' | 'fact'>): Decision {
  const { fact } = record;
  if (isFileFact(fact)) return { state, commands: [] };
  const event = chartEvent(state, fact, record);
  if (event === null) return { state, commands: [] };
  const [appliance, actions] = transition(applianceMachine, state.appliance, event);
  const timers = new Map(state.timers);
  if (fact.type === 'TimerElapsed') timers.delete(fact.timer);
  const commands = actions.map((action) => commandOf(action, timers)).filter((command) => command !== null);
  const running = new Set(appliance.context.running.map((backup) => backup.backupId));
  const backups = followBackups(state.backups, event, running);
  return { state: { appliance, backups, timers }, commands };
}

/** Null for a timer that is not armed: it came late and is ignored. */
function chartEvent(
  state: DecisionState,
  fact: ChartFact,
  { seq, at }: { readonly seq: number; readonly at: string },
): ChartEvent | null {
  if (fact.type !== 'TimerElapsed') return { ...fact, seq, at };
  const type = state.timers.get(fact.timer);
  // The chart's own delayed events are not facts, hence the cast: they carry only place and time.
  return type === undefined ? null : ({ type, seq, at } as unknown as ChartEvent);
}

/** `xstate.after.settleDelay.appliance.door.settling` → `settleDelay`. */
const timerOf = (id: string) => id.split('.')[2] as TimerName;

/** What XState returns for one action; its shape is pinned by `test/machines/decide.test.ts`. */
interface ExecutableAction {
  readonly type: string;
  readonly params?: unknown;
}

function commandOf(action: ExecutableAction, timers: Map<TimerName, string>): Command | null {
  if (action.type === 'xstate.raise') {
    const { id, delay } = action.params as { readonly id: string; readonly delay: number };
    timers.set(timerOf(id), id);
    return { type: 'timer.arm', timer: timerOf(id), delayMs: delay };
  }
  if (action.type === 'xstate.cancel') {
    const { sendId } = action.params as { readonly sendId: string };
    // Leaving a state because its own delay elapsed cancels a timer that is no longer armed.
    return timers.delete(timerOf(sendId)) ? { type: 'timer.disarm', timer: timerOf(sendId) } : null;
  }
  if (action.type.startsWith('xstate.')) throw new Error(`unknown XState action ${action.type}`);
  return { type: action.type, ...(action.params ?? {}) } as Command;
}

/** Each backup that the appliance runs has a chart of its own, and no other has. */
function followBackups(
  backups: DecisionState['backups'],
  event: ChartEvent,
  running: ReadonlySet<BackupId>,
): DecisionState['backups'] {
  const next = new Map<BackupId, BackupSnapshot>();
  for (const id of running) {
    const snapshot = backups.get(id) ?? initialTransition(backupMachine)[0];
    const concerned = 'backupId' in event && event.backupId === id;
    next.set(id, concerned ? transition(backupMachine, snapshot, event)[0] : snapshot);
  }
  return next;
}

const isActivity = (text: string): text is Exclude<Activity, null> =>
  text === 'copying' || text === 'verifying';
const isSignal = (text: string): text is LedSignal => (LED_SIGNALS as readonly string[]).includes(text);

/** Every state carries exactly one `led:` tag: a property test walks all that can be reached. */
export function signalsOf(state: DecisionState): readonly LedSignal[] {
  return [...state.appliance.tags].map((tag) => tag.replace('led:', '')).filter(isSignal);
}

export function contextOf(state: DecisionState): ApplianceContext {
  return state.appliance.context;
}

/** The lowest latched code is the one shown (`contract.md` section 1). */
export function codeOf(state: DecisionState): ErrorCode | null {
  const codes = contextOf(state).errors.map((error) => CODE_OF_REASON[error.reason]);
  return codes.length === 0 ? null : codes.reduce((low, code) => (code < low ? code : low));
}

export function lightOf(state: DecisionState): Light {
  const [signal, ...others] = signalsOf(state);
  if (signal === undefined || others.length > 0) throw new Error('a state must have exactly one LED signal');
  const amber = [...state.appliance.tags].map((tag) => tag.replace('amber:', '')).find(isActivity);
  return {
    signal,
    code: signal === 'error' ? codeOf(state) : null,
    activity: signal === 'error' ? (amber ?? null) : null,
  };
}

type Life = ApplianceSnapshot['value']['life'];
type TopState<State> = State extends string ? State : keyof State;

/** Chart state → public name (`contract.md` section 1). Total: a new top state does not compile without its name. */
const PUBLIC_STATE = {
  boot: 'boot',
  ready: 'ready',
  copying: 'copying',
  error: 'error',
  shutdown: 'shutdown',
} as const satisfies Record<TopState<Life>, PublicState>;

export function publicStateOf(state: DecisionState): PublicState {
  const { life } = state.appliance.value;
  const top = typeof life === 'string' ? life : Object.keys(life)[0];
  return PUBLIC_STATE[top as TopState<Life>];
}

export function phaseOf(state: DecisionState, id: BackupId): BackupPhase | null {
  return state.backups.get(id)?.value ?? null;
}

/** Ids of the states in which the charts are, outer ones before what lies in them; those of each running backup too, once. */
export function activeStates(state: DecisionState): readonly string[] {
  const own = idsOf('appliance', state.appliance.value);
  const phases = [...state.backups.values()].map(({ value }) => `backup.${value}`);
  return [...new Set([...own, ...phases])];
}

/** As XState tells where a chart is: a name, or by region what lies in it. */
type Place = string | { readonly [region: string]: Place };

function idsOf(id: string, place: Place): readonly string[] {
  if (typeof place === 'string') return [id, `${id}.${place}`];
  return [id, ...Object.entries(place).flatMap(([name, below]) => idsOf(`${id}.${name}`, below))];
}
