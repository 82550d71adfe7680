import { type Campaign, close, openCampaign, play } from '../campaign.ts';
import { type Ended, run, runFailing, whyNoStrace } from '../program.ts';
import { spread } from '../random.ts';
import { type Harm, Score, type Stage, skipped } from '../stage.ts';
import { type Scene, STORIES } from '../story.ts';
import type { SystemCall } from '../trace.ts';
import { judgeMoment, judgeRecovered } from '../verdict.ts';

const READS = ['read', 'pread64', 'getdents64', 'readlink'];
const LOOKS = ['access', 'stat', 'lstat', 'fstat', 'newfstatat', 'statx', 'statfs', 'fstatfs'];
const WRITES = ['write', 'writev', 'pwrite64', 'pwritev', 'ftruncate', 'fallocate', 'copy_file_range'];
const SYNCS = ['fsync', 'fdatasync', 'syncfs', 'sync_file_range'];
const NAMES = ['openat', 'link', 'linkat', 'unlink', 'unlinkat', 'rename', 'renameat2', 'mkdir', 'mkdirat'];
const MARKS = ['chmod', 'fchmod', 'utimensat'];
const CALLS = [...READS, ...LOOKS, ...WRITES, ...SYNCS, ...NAMES, ...MARKS, 'close'];

/** errno(3), and the calls that give it when a medium, a file system or this process comes to its end. */
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  EIO: CALLS,
  ENODEV: CALLS,
  ESTALE: CALLS,
  ENOSPC: [...WRITES, ...SYNCS, ...NAMES],
  EDQUOT: [...WRITES, ...SYNCS, ...NAMES],
  EROFS: [...WRITES, ...NAMES, ...MARKS],
  EMFILE: ['openat'],
  EINTR: [...READS, ...WRITES, ...SYNCS, 'openat', 'close'],
};
/** Of each place in the program: the first call there, one in the middle. */
const CALLS_A_SITE = 2;
const SHORT_POINTS = 110;

interface Fault {
  readonly call: SystemCall;
  readonly error: string;
  /** Once, or this one and every later one of the thread. */
  readonly lasting: boolean;
}

/** A system call fails, once or from then on: done means done, anything else has a name, and the next run finishes. */
export const stage: Stage = {
  name: 'errors',
  run: async ({ full, seed, print }) => {
    const why = whyNoStrace();
    if (why !== null) return skipped(why);
    const score = new Score(print);
    const ends = new Map<string, number>();
    for (const story of STORIES) {
      const campaign = await openCampaign(story, CALLS);
      try {
        const faults = sitesOf(campaign.calls).flatMap(faultsAt);
        const limit = full ? Number.POSITIVE_INFINITY : Math.ceil(SHORT_POINTS / STORIES.length);
        await play(
          campaign,
          spread(faults, limit, seed),
          async (fault, scene) => {
            const end = await tryFault(fault, scene, campaign, score);
            ends.set(end, (ends.get(end) ?? 0) + 1);
          },
          print,
        );
      } finally {
        close(campaign);
      }
    }
    print(`  ended ${[...ends].map(([end, count]) => `${end} ${count}`).join(', ')}`);
    return score.figures();
  },
};

/** The same call on the same kind of thing is one site. */
function sitesOf(calls: readonly SystemCall[]): readonly SystemCall[] {
  const sites = new Map<string, SystemCall[]>();
  // Where another thread came to this count before, the fault may strike there: a fault all the same, but another.
  for (const call of calls.filter(({ first }) => first)) {
    const site = `${call.name} ${kindOf(call.path)}`;
    sites.set(site, [...(sites.get(site) ?? []), call]);
  }
  return [...sites.values()].flatMap((site) => spread(site, CALLS_A_SITE, 0));
}

/**
 * libuv and SQLite ask again at once, for ever: what never ends to be interrupted is no machine. Nor is one that never
 * closes anything: Linux closes whatever it answers, strace does not make the call, and pipes would have no end.
 */
const isOnceOnly = ({ name }: SystemCall, error: string): boolean => error === 'EINTR' || name === 'close';

/** What a path is to the backup, whatever it is called in this run. */
function kindOf(path: string): string {
  return path
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, '*')
    .replace(/^\/proc\/self\/fd\/\d+\/.*$/, 'held')
    .replace(/^(card|.+?\/(Photos|Other))\/.*\/[^/]+\.\w+$/, '$1/**');
}

function faultsAt(call: SystemCall): readonly Fault[] {
  return Object.entries(ERRORS)
    .filter(([, calls]) => calls.includes(call.name))
    .flatMap(([error]) =>
      (isOnceOnly(call, error) ? [false] : [false, true]).map((lasting) => ({ call, error, lasting })),
    );
}

async function tryFault(fault: Fault, scene: Scene, { reference }: Campaign, score: Score): Promise<string> {
  const { name, count, path } = fault.call;
  const when = `${count}${fault.lasting ? '+' : ''}`;
  const note = (harm: Harm, text: string) =>
    score.note(harm, `${scene.story.name}, ${name} #${when} (${path}) ${fault.error}: ${text}`);
  try {
    const ended = await runFailing(scene.order('once'), name, `error=${fault.error}:when=${when}`);
    score.tried();
    for (const complaint of complaintsAbout(ended)) note('wrong', complaint);
    const journal = await judgeMoment(scene, ended, reference, note);
    const again = await run(scene.order('twice'));
    await judgeRecovered(scene, journal, again, reference, note);
    return endOf(ended);
  } catch (error) {
    note('wrong', String(error));
    return 'unreadable';
  }
}

/** Nothing of it is about photos: how a program has to end. */
function complaintsAbout({ hung, code, words, errors }: Ended): readonly string[] {
  if (hung) return ['hung'];
  // It may refuse to start in words, or fall: a `write` may be one to Node's own descriptors, of which libuv dies.
  if (words === null) return errors === '' && code === 0 ? ['ended without a word'] : [];
  const { light, outcome, reason } = words;
  if (light === 'ready') return outcome === 'Finished' ? [] : [`green, and the backup ${outcome}`];
  return outcome === 'Finished' || outcome === 'none' || reason !== null
    ? []
    : [`${outcome} without a reason`];
}

function endOf({ words, code, signal }: Ended): string {
  if (words === null) return `early (${signal ?? code})`;
  return words.outcome === 'Finished' ? `${words.outcome} ${words.light}` : (words.reason ?? words.light);
}
