import type { DriveShare } from '../../machines/facts.ts';
import { type DriveError, isDriveError } from '../errors.ts';
import type { DriveStore } from '../ports.ts';
import { type DriveContext, findDuplicate, type Group, isKnownGroup, mayLieThere } from './drive-context.ts';
import type { ReadMember } from './duplicates.ts';
import type { CardPlan, PlannedFile } from './plan.ts';
/**
 * `new`: to be copied; `maybe`: all its sizes are on the drive, so it is hashed before it is written; `duplicate`: a
 * `maybe` that was hashed while planning, because room is tight; `known`: need not be read again; `left-out`: does not
 * fit (`fit`).
 */
import type { GroupState, PlanStore } from './ports.ts';
import { isFileProblem } from './problems.ts';

export type { GroupState } from './ports.ts';

interface OneGroup {
  readonly group: Group;
  readonly state: GroupState;
}
export interface PlannedGroup {
  readonly group: Group;
  readonly states: readonly GroupState[];
}

export interface DrivePlan {
  /** Unprotected ones first, newest first inside. */
  readonly groups: readonly OneGroup[];
  /** Of the card's files those that the drive is to hold at the end. */
  readonly share: DriveShare;
  /** False when it does not fit: then nothing is copied. */
  readonly fits: boolean;
  /** Bytes that are still to be written, and bytes that may be. */
  readonly neededBytes: number;
  readonly roomBytes: number;
}

/** The reserve is meant for large drives: of a small one it may take this share at most. */
const MAX_RESERVE_SHARE = 0.05;

/** Decides what is to be copied and whether it fits, before the first byte. Throws `DriveError` and `Stopped`. */
export async function planDrive(plan: CardPlan, context: DriveContext): Promise<DrivePlan> {
  const { job, store } = context;
  let groups: OneGroup[] = [];
  for (const group of plan.groups()) groups.push({ group, state: await stateOf(group, context) });
  const reserveBytes = Math.min(job.reserveBytes, (await store.sizeBytes()) * MAX_RESERVE_SHARE);
  const room = Math.floor((await store.freeBytes()) - reserveBytes);
  // A full drive is good enough for a card that is on it already.
  const fitsIn = (some: readonly OneGroup[]): boolean => {
    const bytes = needed(some, store);
    return bytes === 0 || bytes <= room;
  };

  // Reading the card twice to tell what is a duplicate is worth it only when room is tight.
  const surely = groups.filter(({ state }) => state === 'new');
  if (!fitsIn(groups) && (job.fit || fitsIn(surely))) {
    groups = await resolveMaybes(groups, context);
  }
  if (job.fit) groups = leaveOut(groups, room, store);
  const fits = fitsIn(groups);
  groups.sort((a, b) => urgency(a) - urgency(b) || newest(b) - newest(a));
  const neededBytes = needed(groups, store);
  return { groups, share: shareOf(fits ? groups : [], store), fits, neededBytes, roomBytes: room };
}

async function stateOf(group: Group, context: DriveContext): Promise<GroupState> {
  if (await isKnownGroup(group, context)) return 'known';
  return mayLieThere(group.members, context) ? 'maybe' : 'new';
}

async function resolveMaybes(groups: readonly OneGroup[], context: DriveContext): Promise<OneGroup[]> {
  const resolved: OneGroup[] = [];
  for (const planned of groups) {
    if (planned.state !== 'maybe') resolved.push(planned);
    else {
      const state = (await isDuplicate(planned.group, context)) ? 'duplicate' : 'new';
      resolved.push({ group: planned.group, state });
    }
  }
  return resolved;
}

async function isDuplicate(group: Group, context: DriveContext): Promise<boolean> {
  const { source } = context;
  const members: ReadMember[] = [];
  try {
    for (const file of group.members) {
      const content = await source.attempt(() => source.read(file, async () => undefined));
      members.push({ file, content });
    }
  } catch (error) {
    // It will fail again when its turn comes, and say so then.
    if (isFileProblem(error)) return false;
    throw error;
  }
  return (await findDuplicate(members, context)) !== null;
}

/** Newest first; one that is too large does not keep out an older one that fits. */
function leaveOut(groups: readonly OneGroup[], room: number, store: DriveStore): OneGroup[] {
  let left = room;
  return [...groups]
    .sort((a, b) => newest(b) - newest(a))
    .map((planned): OneGroup => {
      const bytes = needed([planned], store);
      if (bytes === 0 && planned.state !== 'new') return planned;
      if (bytes > left) return { group: planned.group, state: 'left-out' };
      left -= bytes;
      return planned;
    });
}

/** What is nowhere on the drive yet comes first: it is what would be lost. */
const urgency = ({ state }: OneGroup): number => (state === 'new' ? 0 : 1);

const newest = ({ group }: OneGroup): number => Math.max(...group.members.map(({ mtimeMs }) => mtimeMs));

/** Bytes that will be written at most. */
function needed(groups: readonly OneGroup[], store: DriveStore): number {
  return groups
    .filter(({ state }) => state === 'new' || state === 'maybe')
    .flatMap(({ group }) => group.members)
    .filter((file) => !isTooLarge(file, store))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** More than the drive's file system can hold in one file: 4 GiB on FAT32. */
export function isTooLarge(file: PlannedFile, store: DriveStore): boolean {
  const { maxFileBytes } = store.rules;
  return maxFileBytes !== null && file.sizeBytes > maxFileBytes;
}

function shareOf(groups: readonly OneGroup[], store: DriveStore): DriveShare {
  const held = groups
    .filter(({ state }) => state !== 'left-out')
    .flatMap(({ group }) => group.members)
    .filter((file) => !isTooLarge(file, store));
  const bytes = held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { driveId: store.drive.id, files: held.length, bytes };
}

export interface Plans {
  readonly drives: readonly (DrivePlan | DriveError)[];
  groups(): Iterable<PlannedGroup>;
}
export async function planDrives(
  card: CardPlan,
  lanes: readonly DriveContext[],
  _store: PlanStore,
): Promise<Plans> {
  const drives: (DrivePlan | DriveError)[] = [];
  const states = new Map<Group, GroupState[]>();
  let order: Group[] = [];
  for (const [at, lane] of lanes.entries()) {
    try {
      const plan = await planDrive(card, lane);
      drives.push(plan);
      if (order.length === 0) order = plan.groups.map(({ group }) => group);
      for (const { group, state } of plan.groups) {
        const all = states.get(group) ?? lanes.map((): GroupState => 'none');
        all[at] = state;
        states.set(group, all);
      }
    } catch (error) {
      if (!isDriveError(error)) throw error;
      drives.push(error);
    }
  }
  return { drives, groups: () => order.map((group) => ({ group, states: states.get(group) ?? [] })) };
}
