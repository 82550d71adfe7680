import type { DriveId } from '../../machines/ids.ts';
import type { Store } from '../ports.ts';
import type { DriveEvent } from './ports.ts';
import type { Chapter } from './shapes.ts';
import { type Labels, toldBy } from './told.ts';

/** Of one drive, the last ones. */
const MAX_DRIVE_EVENTS = 100;

type Parts = Pick<Store, 'shelf' | 'log'>;

/** A copy at one place, from the record that tells of it to the one that says that it is lost. */
interface Stay {
  readonly first: Extract<Chapter, { readonly what: 'copied' | 'found' }>;
  readonly from: number;
  readonly until: number;
}

/** What happened to the drives while the photo lay there: seals, verifications of the whole drive, forgotten. */
export function laterOn(store: Parts, chapters: readonly Chapter[], labels: Labels): readonly Chapter[] {
  const drives = new Map<string, Stay[]>();
  for (const stay of staysOf(chapters)) {
    const { id } = stay.first.drive;
    drives.set(id, [...(drives.get(id) ?? []), stay]);
  }
  return [...drives].flatMap(([id, stays]) => onDrive(store, id as DriveId, stays, labels));
}

function onDrive(store: Parts, id: DriveId, stays: readonly Stay[], labels: Labels): readonly Chapter[] {
  const after = Math.min(...stays.map(({ from }) => from));
  const events = store.shelf.driveEvents(id, { after, limit: MAX_DRIVE_EVENTS });
  const gone = events.filter(({ what }) => what === 'forgotten').map(({ seq }) => seq);
  const cut = stays.map((stay) => ({
    ...stay,
    until: Math.min(stay.until, ...gone.filter((seq) => seq > stay.from)),
  }));
  const drive = { id, label: labels.drive.get(id) ?? id };
  return [
    ...cut.flatMap((stay) => sealOf(store, stay)),
    ...rereadsOf(store, events, cut),
    ...gone.flatMap((seq) => recordsAt(store, seq, (told) => ({ what: 'forgotten', ...told, drive }))),
  ];
}

function staysOf(chapters: readonly Chapter[]): readonly Stay[] {
  const open = new Map<string, Stay>();
  const over: Stay[] = [];
  for (const chapter of chapters) {
    if (!('to' in chapter)) continue;
    const key = `${chapter.drive.id}/${chapter.to}`;
    const stay = open.get(key);
    if (chapter.what === 'lost' && stay !== undefined) {
      over.push({ ...stay, until: chapter.seq });
      open.delete(key);
    } else if ((chapter.what === 'copied' || chapter.what === 'found') && stay === undefined) {
      open.set(key, { first: chapter, from: chapter.seq, until: Number.POSITIVE_INFINITY });
    }
  }
  return [...over, ...open.values()];
}

/** Only of what a backup wrote: what was found there may have stood in a manifest long before. */
function sealOf({ shelf, log }: Parts, { first, from, until }: Stay): readonly Chapter[] {
  if (first.what !== 'copied') return [];
  const seq = shelf.sealAfter(first.drive.id as DriveId, from);
  if (seq === null || seq > until) return [];
  return [...log.read({ after: seq - 1, limit: 1 })].flatMap((record) => {
    if (record.fact.type !== 'DriveSealed') return [];
    const { generations, extent } = record.fact;
    const root = `${first.to.slice(0, first.to.indexOf('/'))}/`;
    const [manifest = null, ...others] = generations.filter((path) => path.startsWith(root));
    const isKnown = extent === 'added' && others.length === 0;
    const { drive, to } = first;
    return [{ what: 'sealed', ...toldBy(record), drive, to, manifest: isKnown ? manifest : null }];
  });
}

/** All of the drive was read between two records; what came or went meanwhile may have been passed over. */
function rereadsOf(store: Parts, events: readonly DriveEvent[], stays: readonly Stay[]): readonly Chapter[] {
  let began: number | null = null;
  return events.flatMap(({ seq, what }) => {
    const start = began;
    began = what === 'verification-started' ? seq : null;
    if (what !== 'verification-finished' || start === null) return [];
    const passed = stays.filter(({ from, until }) => from < start && until > seq);
    return passed.flatMap(({ first: { drive, to } }) =>
      recordsAt(store, seq, (told) => ({ what: 'reread', ...told, drive, to })),
    );
  });
}

const recordsAt = (
  { log }: Pick<Parts, 'log'>,
  seq: number,
  tell: (told: ReturnType<typeof toldBy>) => Chapter,
): readonly Chapter[] => [...log.read({ after: seq - 1, limit: 1 })].map((record) => tell(toldBy(record)));
