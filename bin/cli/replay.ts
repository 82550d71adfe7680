import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { escapeJson } from '../../adapters/terminal/escape.ts';
import { pace } from '../../adapters/terminal/pace.ts';
import { renderLight } from '../../adapters/terminal/render.ts';
import type { FactRecord } from '../../machines/facts.ts';
import { isJournalError, messageOf, UserError } from '../../services/errors.ts';
import { readRecording } from '../../services/journal/recording.ts';
import { lightTrace } from '../../services/replay.ts';
import { LightLine } from '../../services/shapes.ts';
import type { Action, Cli } from './cli.ts';

export const replay: Action = async (cli, [file = ''], { until, speed, expect }) => {
  const last = wholeNumber('--until', until);
  const factor = speed === undefined || speed === 'max' ? null : wholeNumber('--speed', speed);
  const expected = typeof expect === 'string' ? readTrace(expect) : null;
  const records = readRecords(cli, file);
  const trace = lightTrace(last === null ? records : records.filter(({ seq }) => seq <= last));
  if (expected !== null) return compare(cli, expected, [...trace]);
  cli.stopOnInterrupt();
  let fromMs: number | null = null;
  for (const line of trace) {
    if (factor !== null) await pace(fromMs, line.monoMs, factor, cli.stopped);
    if (cli.stopped.aborted) break;
    fromMs = line.monoMs;
    cli.answer(line, () => [renderLight(line)]);
  }
  return 0;
};

function wholeNumber(flag: string, value: unknown): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  const example = flag === '--speed' ? '--speed 10 or --speed max' : `${flag} 100`;
  throw new UserError(
    'usage',
    64,
    `${flag} ${String(value)} is no number above 0`,
    `for example: ${example}`,
  );
}

function readRecords(cli: Cli, file: string): readonly FactRecord[] {
  const text = readText(file);
  try {
    const { records, torn } = readRecording(text);
    if (torn) cli.remark(`the last line was cut off and is left out, ${file}`);
    return records;
  } catch (error) {
    if (!isJournalError(error)) throw error;
    const hint =
      error.code === 'newer'
        ? 'replay it with the imagetank that recorded it'
        : 'record it again: imagetank log export';
    throw new UserError(`recording-${error.code}`, 65, `${error.message}, ${file}`, hint, error);
  }
}

function readTrace(file: string): LightLine[] {
  const lines = readText(file)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    try {
      return LightLine.parse(JSON.parse(line));
    } catch (error) {
      const what = `line ${index + 1} is no line of a trace, ${file}`;
      throw new UserError('bad-trace', 65, what, 'write it with: imagetank replay FILE --json', error);
    }
  });
}

function readText(file: string): string {
  try {
    return readFileSync(resolve(file), 'utf8');
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    if (errno === 'ENOENT')
      throw new UserError('no-such-file', 66, `no such file, ${file}`, 'check the path');
    if (errno === 'EACCES')
      throw new UserError('not-permitted', 77, `cannot read, ${file}`, 'check its permissions');
    throw new UserError('io-error', 74, `cannot read, ${file}: ${messageOf(error)}`, 'name a file', error);
  }
}

/** Line by line: a trace is short, and a line that is missing shows as everything after it. */
function compare(cli: Cli, expected: readonly LightLine[], actual: readonly LightLine[]): number {
  const diff: string[] = [];
  for (let index = 0; index < Math.max(expected.length, actual.length); index++) {
    const [was, is] = [expected[index], actual[index]].map((line) =>
      line === undefined ? null : escapeJson(LightLine.parse(line)),
    );
    if (was === is) continue;
    if (was != null) diff.push(`- ${was}`);
    if (is != null) diff.push(`+ ${is}`);
  }
  const same = diff.length === 0;
  cli.answer({ same, lines: actual.length, diff }, () => (same ? [`same: ${actual.length} lines`] : diff));
  return same ? 0 : 1;
}
