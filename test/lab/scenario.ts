import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Kit, Lab } from './lab.ts';

export interface Scenario {
  /** The sentence that is its file's name. */
  readonly name: string;
  readonly file: string;
}

export type Outcome =
  | { readonly ok: true; readonly tookMs: number; readonly notes: readonly string[] }
  | { readonly ok: false; readonly tookMs: number; readonly error: string; readonly lastWords: string };

const SUFFIX = /\.scenario\.(js|ts)$/;

/** Scenarios among a folder's files, those whose sentence matches the pattern. */
export function scenariosOf(files: readonly string[], pattern: string | undefined): Scenario[] {
  const wanted = new RegExp(pattern ?? '', 'i');
  return files
    .filter((file) => SUFFIX.test(file))
    .map((file) => ({ file, name: basename(file).replace(SUFFIX, '').replaceAll('-', ' ') }))
    .filter(({ name, file }) => wanted.test(name) || wanted.test(basename(file)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** They take several times as long as the others: nobody waits for them alone at the end. */
const LONGEST = ['the power is cut', 'twenty cards', 'a card pulled'];
const DAY_MS = 86_400_000;

/**
 * The others begin with another one each day: where time is short, all are played in the end. There the longest come last,
 * and are not begun when it is over; elsewhere first.
 */
export function inOrder(
  scenarios: readonly Scenario[],
  nowMs: number,
  time: 'short' | 'enough',
): readonly Scenario[] {
  const isLong = ({ name }: Scenario) => LONGEST.some((start) => name.startsWith(start));
  const longest = scenarios.filter(isLong);
  const others = scenarios.filter((scenario) => !isLong(scenario));
  const first = Math.floor(nowMs / DAY_MS) % Math.max(1, others.length);
  const turned = [...others.slice(first), ...others.slice(0, first)];
  return time === 'short' ? [...turned, ...longest] : [...longest, ...turned];
}

type Play = (lab: Lab) => Promise<void>;

export async function play({ file }: Scenario, kit: Kit): Promise<Outcome> {
  const startMs = performance.now();
  const tookMs = (): number => performance.now() - startMs;
  const lab = new Lab(kit);
  try {
    const { default: scenario } = (await import(pathToFileURL(file).href)) as { default: Play };
    await scenario(lab);
    return { ok: true, tookMs: tookMs(), notes: lab.notes };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ok: false, tookMs: tookMs(), error: text, lastWords: await lab.lastWords() };
  } finally {
    await lab.stop();
  }
}

/** Works on a list, so many at a time, in order. Stops taking new ones when `next` says so. */
export async function inTurn<T>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<'go-on' | 'stop'>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      if ((await work(item)) === 'stop') queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}
