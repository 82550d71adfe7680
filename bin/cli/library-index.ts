import { resolve } from 'node:path';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { formatBytes, formatCount } from '../../adapters/terminal/units.ts';
import { UserError } from '../../services/errors.ts';
import type { IndexResult, VerifyProgress } from '../../services/work-shapes.ts';
import type { Action } from './cli.ts';
import { longWork } from './long-work.ts';
import { manifestWords } from './manifest-words.ts';
import { pacedText, rateOf } from './paced.ts';

/** The answer is not there yet. */
const NOT_YET = 75;

export const index: Action = async (cli, [dir = ''], options) => {
  cli.stopOnInterrupt();
  const dryRun = options['dryRun'] === true;
  const result = await longWork<IndexResult, VerifyProgress>(cli, {
    path: 'library/index',
    body: { dir: resolve(dir), dryRun, ...rateOf(options) },
    text: pacedText,
  });
  if (result === null) {
    if (cli.outputClosed) return NOT_YET;
    const again = `it goes on where it was with: imagetank library index ${dir}`;
    throw new UserError('interrupted', NOT_YET, 'stopped before the end, what was read is recorded', again);
  }
  cli.answer(result, () => indexText(result, dryRun));
  return FLAWS.some(([flaw]) => result[flaw].length > 0) ? 1 : 0;
};

type Flaw = 'altered' | 'missing' | 'unreadable' | 'changed' | 'refused' | 'linked';

/** What is no copy, and why: each of them makes the answer 1. */
const FLAWS: readonly (readonly [Flaw, string])[] = [
  ['altered', 'not what was recorded, or what a manifest says: no copy'],
  ['missing', 'a manifest lists it, and it is gone'],
  ['unreadable', ''],
  ['changed', 'written to, moved or removed meanwhile: index again'],
  ['refused', 'no manifest can carry this name: rename it, then index again'],
  ['linked', 'the same file as the copy on another drive: no second copy'],
];

function indexText(result: IndexResult, dryRun: boolean): string[] {
  const { manifests, special } = result;
  const ofManifests = manifestWords(result.manifestProblems);
  const line = (what: string, path: string, common: string) => {
    const why = ofManifests.get(path) ?? common;
    return `${what.padEnd(10)}  ${escapeText(path)}${why === '' ? '' : `  (${escapeText(why)})`}`;
  };
  return [
    dryRun ? wouldText(result) : didText(result),
    ...FLAWS.flatMap(([flaw, why]) => result[flaw].map((path) => line(flaw, path, why))),
    ...special.map((path) => line('no file', path, '')),
    ...manifests.map((path) => line('manifest', path, '')),
  ];
}

const placeOf = ({ drive, folder }: IndexResult): string => escapeText(`${drive}/${folder}`);

function didText(result: IndexResult): string {
  const { indexed, known, verifiedFrom } = result;
  const from = verifiedFrom === null ? '' : `, read from the ${verifiedFrom}`;
  const were = known === 0 ? '' : `; ${known} were before`;
  return `${formatCount(indexed, 'file')} of ${placeOf(result)} ${indexed === 1 ? 'is a verified copy' : 'are verified copies'} now${from}${were}`;
}

function wouldText(result: IndexResult): string {
  const { unread, unreadBytes, known } = result;
  const were = known === 0 ? '' : `; ${known} are copies already`;
  return `would read ${formatCount(unread, 'file')} of ${placeOf(result)}, ${formatBytes(unreadBytes)}${were}`;
}
