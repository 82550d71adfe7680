import { escapeText } from '../../adapters/terminal/escape.ts';
import { ProgressLine } from '../../adapters/terminal/progress-line.ts';
import { formatBytes, formatCount } from '../../adapters/terminal/units.ts';
import { UserError } from '../../services/errors.ts';
import type { CheckResult, VerifyResult, WorkProgress } from '../../services/shapes.ts';
import { type Action, type Cli, withTarget } from './cli.ts';

type Message<Result> = { readonly progress: WorkProgress } | { readonly result: Result };

export const check: Action = async (cli, [card = '']) => {
  const result = await withTarget(card, (target) => longWork<CheckResult>(cli, 'check', { card: target }));
  cli.answer(result, () => checkText(result));
  return result.safe ? 0 : 1;
};

export const verify: Action = async (cli, [word]) => {
  const ask = (target: string | null) => longWork<VerifyResult>(cli, 'verify', { target });
  const result = word === undefined ? await ask(null) : await withTarget(word, ask);
  cli.answer(result, () => verifyText(result));
  return result.ok ? 0 : 1;
};

/** Shows how far it is on standard error, gives the result. */
async function longWork<Result>(cli: Cli, path: string, body: unknown): Promise<Result> {
  const line = new ProgressLine(process.stderr);
  try {
    for await (const text of await cli.client().lines(path, { body })) {
      const message = JSON.parse(text) as Message<Result>;
      if ('result' in message) return message.result;
      if (!cli.quiet && !cli.json) line.show(progressText(message.progress));
    }
  } finally {
    line.clear();
  }
  throw new UserError(
    'daemon-gone',
    69,
    `the daemon ended before the result of ${path}`,
    'start it and try again',
  );
}

const progressText = (at: WorkProgress): string =>
  `${at.filesDone} of ${formatCount(at.filesTotal, 'file')}  ${formatBytes(at.bytesDone)} of ${formatBytes(at.bytesTotal)}`;

function checkText(result: CheckResult): string[] {
  const head = result.safe
    ? `safe to format: all of ${formatCount(result.files, 'file')} verified`
    : `NOT safe to format: ${result.verified} of ${formatCount(result.files, 'file')} verified`;
  return [
    head,
    ...result.missing.map(({ path, why }) => `${why.padEnd(15)}  ${escapeText(path)}`),
    ...result.gaps.map((gap) => `never seen       ${escapeText(gap)}`),
  ];
}

function verifyText(result: VerifyResult): string[] {
  const list = (what: string, paths: readonly string[]) =>
    paths.map((path) => `${what.padEnd(8)}  ${escapeText(path)}`);
  return [
    result.ok
      ? `ok: ${formatCount(result.files, 'file')} as recorded`
      : `NOT ok: ${result.altered.length} altered, ${result.missing.length} missing of ${formatCount(result.files, 'file')}`,
    ...list('altered', result.altered),
    ...list('missing', result.missing),
    ...list('new', result.new),
  ];
}
