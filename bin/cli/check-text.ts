import { escapeText } from '../../adapters/terminal/escape.ts';
import { formatCount } from '../../adapters/terminal/units.ts';
import { WORD_OF_SPECIAL } from '../../services/library/special-files.ts';
import type { CheckResult } from '../../services/work-shapes.ts';

/** Of each list; the rest is counted. */
const LINES = 20;
const WIDTH = 15;

type Drives = CheckResult['drives'];

/** The answer of `check` for people: the verdict first. `isAll`: nothing is left out. */
export function checkText(result: CheckResult, isAll: boolean): string[] {
  const { notFiles = [], ignored = [], gaps, drives } = result;
  const list = (lines: readonly string[], what: string, count = lines.length) =>
    bounded(lines, { what, count, isAll });
  return [
    result.safe ? safeHead(result) : notSafeHead(result),
    ...onRecord(result),
    ...drives
      .filter(({ state }) => state === 'unusable')
      .map(({ label }) =>
        line('not counted', `${label}: cannot be used now, so what it holds does not count`),
      ),
    ...missing(result, list),
    ...list(
      notFiles.map(({ path, what }) => line('not copied', `${path} (${WORD_OF_SPECIAL[what]})`)),
      'that are no files',
    ),
    ...list(
      ignored.map((path) => line('not copied', `${path} (of an operating system)`)),
      'of operating systems',
    ),
    ...list(
      gaps.map((gap) => line('never seen', gap)),
      'gaps',
    ),
  ];
}

/** What to do, one line; null when nothing is to be done. */
export function checkAdvice(result: CheckResult): string | null {
  const { safe, drives, copies, missing: files } = result;
  if (safe) return null;
  if (isOffsiteOnly(result)) {
    return 'this version records no off-site copies: keep the card, or ask for the drives alone, without --offsite';
  }
  if (files.some(({ why }) => why === 'unreadable')) {
    return 'some files cannot be read: try another reader or cable, and do not format the card';
  }
  const usable = drives.filter(({ state }) => state !== 'unusable').length;
  const more =
    usable < copies.required ? `attach and adopt more drives (${copies.required} are asked for), then ` : '';
  return `${more}back it up and check once more: imagetank backup CARD --wait`;
}

const line = (what: string, text: string): string => `${what.padEnd(WIDTH)}  ${escapeText(text)}`;

interface Bounds {
  readonly what: string;
  /** All that there are, named or not. */
  readonly count: number;
  readonly isAll: boolean;
}

function bounded(lines: readonly string[], { what, count, isAll }: Bounds): string[] {
  const shown = isAll ? lines : lines.slice(0, LINES);
  const rest = count - shown.length;
  if (rest === 0) return [...shown];
  return [...shown, `… and ${rest} more ${what}${isAll ? '' : ', all with --all'}`];
}

function missing(
  result: CheckResult,
  list: (lines: readonly string[], what: string, count: number) => string[],
): string[] {
  if (isOffsiteOnly(result)) return [];
  const { required } = result.copies;
  const labels = new Map(result.drives.map(({ id, label }) => [id, label]));
  const lines = result.missing.map(({ path, why, copies, drives }) => {
    const on = drives.map((id) => labels.get(id) ?? id).join(', ');
    const itself = why === 'hard-link' ? `${path} (what lies on the drive is this very file, no copy)` : path;
    return line(why, copies === 0 ? itself : `${path} (${copies} of ${required}: ${on})`);
  });
  return list(lines, 'files', result.files - result.verified);
}

const driveCount = (count: number): string => formatCount(count, 'drive');
const nameOf = ({ label, state }: Drives[number]): string =>
  escapeText(state === 'away' ? `${label} on record` : label);

function safeHead({ files, copies, drives, offsite }: CheckResult): string {
  if (files === 0) return 'SAFE to format: there is no file on it';
  const only = copies.lookedAt === 0 ? ', on record only' : '';
  const also = offsite === undefined ? '' : ', and off-site';
  const where = whereAll(drives, files, copies.required);
  return `SAFE to format${only}: ${formatCount(files, 'file')}, each verified on ${where}${also}`;
}

/** `2 drives (A, B)`; where too few hold all of them, how many each has. */
function whereAll(drives: Drives, files: number, required: number): string {
  const full = drives.filter((drive) => drive.files === files);
  if (full.length >= required) return `${driveCount(full.length)} (${full.map(nameOf).join(', ')})`;
  const holding = drives.filter((drive) => drive.files > 0);
  const each = holding.map((drive) => `${nameOf(drive)} ${drive.files}`).join(', ');
  return `at least ${driveCount(required)} (${each})`;
}

/** Says of copies that nobody looked at now that nobody did. */
function onRecord({ safe, files, copies, drives }: CheckResult): string[] {
  const { lookedAt, required, onRecord: unseen } = copies;
  if (!safe || unseen === 0 || files === 0) return [];
  const away = drives.filter(({ state }) => state === 'away').map(({ label }) => label);
  const where = `${away.join(', ')} ${away.length === 1 ? 'is' : 'are'} away: verified when it was copied`;
  const seen =
    lookedAt === 0 ? 'not one copy of some files' : `${lookedAt} of ${required} copies of each file`;
  return [line('looked at now', `${seen}; ${where}, on record only`)];
}

/** Nothing else is wrong, and it is so with every file. */
const isOffsiteOnly = ({ missing: files, offsite, verified }: CheckResult): boolean =>
  offsite?.verified === 0 &&
  verified === 0 &&
  files.length > 0 &&
  files.every(({ why }) => why === 'not-offsite');

function notSafeHead(result: CheckResult): string {
  const { files, verified, copies, drives, offsite } = result;
  if (isOffsiteOnly(result)) return 'NOT safe to format: no off-site copy is recorded';
  const isEach = copies.asked === 'all' && drives.some(({ state }) => state === 'attached');
  const several = isEach ? `each of the ${copies.required} attached drives` : driveCount(copies.required);
  const where = copies.required === 1 ? 'a drive' : several;
  const also = offsite === undefined ? '' : ' and off-site';
  return `NOT safe to format: ${files - verified} of ${formatCount(files, 'file')} not verified on ${where}${also}`;
}
