import { escapeText } from '../../adapters/terminal/escape.ts';
import type { ProgressLine } from '../../adapters/terminal/progress-line.ts';
import { formatCount, formatTime } from '../../adapters/terminal/units.ts';
import { UserError } from '../../services/errors.ts';
import type { VerifyProgress, VerifyResult } from '../../services/work-shapes.ts';
import { type Action, type Cli, withTarget } from './cli.ts';
import { longWork } from './long-work.ts';
import { manifestWords } from './manifest-words.ts';
import { pacedText, rateOf } from './paced.ts';

/** The answer is not there yet. */
const NOT_YET = 75;

export const verify: Action = async (cli, [word], options) => {
  const how = { full: options['full'] === true, restart: options['restart'] === true, ...rateOf(options) };
  cli.stopOnInterrupt();
  const onProgress = continuing(cli);
  const ask = (target: string | null) =>
    longWork<VerifyResult, VerifyProgress>(cli, {
      path: 'verify',
      body: { target, ...how },
      text: pacedText,
      onProgress,
    });
  const result = word === undefined ? await ask(null) : await withTarget(word, ask);
  if (result === null) {
    if (cli.outputClosed) return NOT_YET;
    const again = word === undefined ? '' : ` ${word}`;
    throw new UserError(
      'interrupted',
      NOT_YET,
      'stopped before the end; what was found altered or missing goes into the journal',
      `a drive goes on where it was with: imagetank verify${again}`,
    );
  }
  cli.answer(result, () => verifyText(result));
  return result.ok ? 0 : 1;
};

/** Says once a drive where an interrupted verification goes on. */
function continuing(cli: Cli): (progress: VerifyProgress, line: ProgressLine) => void {
  const told = new Set<string | null>();
  return ({ drive, continued }, line) => {
    if (continued === null || told.has(drive)) return;
    told.add(drive);
    line.clear();
    const { after, files, at } = continued;
    const done = `${formatCount(files, 'file')} done on ${formatTime(at)}`;
    cli.remark(`${drive ?? ''}: continuing after ${after} (${done}); from the beginning with --restart`);
  };
}

function verifyText(result: VerifyResult): string[] {
  const away = (result.away ?? []).map((label) => `not read  ${escapeText(label)}: not attached`);
  if (result.drives === undefined) return [...findingsText(result), ...away];
  const named = (drive: NonNullable<VerifyResult['drives']>[number]) => {
    const [head = '', ...findings] = findingsText(drive);
    return [`${escapeText(drive.label)}: ${head}`, ...findings.map((line) => `  ${line}`)];
  };
  return [...result.drives.flatMap(named), ...away];
}

function findingsText(result: Omit<VerifyResult, 'drives'>): string[] {
  const again = new Map(result.superseded?.map(({ path, by }) => [path, by]));
  const renamed = new Map(result.renamed?.map(({ from, to }) => [from, to]));
  const ofManifests = manifestWords(result.manifestProblems);
  const newNames = new Set(renamed.values());
  const list = (what: string, paths: readonly string[]) =>
    paths.map((path) => {
      const to = renamed.get(path);
      const by = again.get(path);
      const good = by === undefined ? '' : `  (a good copy is beside it: ${escapeText(by)})`;
      const now = to === undefined ? '' : ` → ${escapeText(to)}`;
      const why = ofManifests.get(path);
      const manifest = why === undefined ? '' : `  (${escapeText(why)})`;
      return `${what.padEnd(8)}  ${escapeText(path)}${now}${good}${manifest}`;
    });
  return [
    headOf(result, again.size),
    ...list('altered', result.altered),
    ...list(
      'missing',
      result.missing.filter((path) => !renamed.has(path)),
    ),
    ...list('renamed', [...renamed.keys()]),
    ...list(
      'new',
      result.new.filter((path) => !newNames.has(path)),
    ),
  ];
}

function headOf(
  { ok, files, altered, missing, renamed = [] }: Omit<VerifyResult, 'drives'>,
  again: number,
): string {
  if (ok) return `ok: ${formatCount(files, 'file')} as recorded`;
  const moved = renamed.length === 0 ? '' : `, ${renamed.length} renamed`;
  const lost = missing.length - renamed.length;
  const head = `NOT ok: ${altered.length} altered, ${lost} missing${moved} of ${formatCount(files, 'file')}`;
  if (again === 0) return head;
  const all = again === altered.length + missing.length;
  return `${head}; of ${all ? 'each' : again} a good copy is on the drive under another name`;
}
