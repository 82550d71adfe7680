import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { loadConfig } from '../../adapters/config/load.ts';
import { createCardReader } from '../../adapters/fs/card-reader.ts';
import { sqlitePlans } from '../../adapters/sqlite/sqlite-plan.ts';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { ProgressLine } from '../../adapters/terminal/progress-line.ts';
import { formatCount } from '../../adapters/terminal/units.ts';
import { cardId } from '../../machines/ids.ts';
import type { Card } from '../../machines/media.ts';
import { isUserError, UserError } from '../../services/errors.ts';
import { type AskedStyle, askedStyle } from '../../services/library/asked-style.ts';
import { preview as previewOf } from '../../services/preview/preview.ts';
import type { PreviewFile, PreviewMessage, PreviewResult } from '../../services/work-shapes.ts';
import { metadataReader } from '../metadata.ts';
import { quietSqlite } from '../quiet-sqlite.ts';
import { type Action, type Cli, type Options, resolveTarget, withTarget } from './cli.ts';
import { configRequest } from './config.ts';

/** No such card, no daemon, a folder that the daemon may not read. */
const READ_HERE: readonly number[] = [66, 69, 77];

/**
 * A card of the daemon, or a folder that it reads, on the drives that it knows; a folder that it cannot read is read here.
 * In that order, so that a label always means the volume.
 */
export const preview: Action = async (cli, [word], options) => {
  const asked = { layout: textOf(options['layout']), template: textOf(options['template']) };
  cli.stopOnInterrupt();
  const ask = (target: string | null) => show(cli, ofDaemon(cli, target, asked), 'none attached');
  const here = (folder: string) => show(cli, ofFolder(cli, folder, asked, options), 'no daemon read it');
  const target = word === undefined ? null : resolveTarget(word);
  const isOwn = target?.startsWith('/') === true && options['config'] !== undefined;
  if (target !== null && isOwn) return here(target);
  try {
    return word === undefined ? await ask(null) : await withTarget(word, ask);
  } catch (error) {
    const folder = resolve(word ?? '');
    if (word === undefined || !isUserError(error) || !READ_HERE.includes(error.exitCode)) throw error;
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
    return here(folder);
  }
};

const textOf = (option: Options[string]): string | undefined =>
  option === undefined ? undefined : String(option);

async function* ofDaemon(cli: Cli, card: string | null, asked: AskedStyle): AsyncGenerator<PreviewMessage> {
  const lines = await cli
    .client()
    .lines('library/preview', { body: { card, ...asked }, signal: cli.stopped });
  for await (const json of lines) yield JSON.parse(json) as PreviewMessage;
}

/** Reads with the permissions of whoever asks. */
async function* ofFolder(
  cli: Cli,
  path: string,
  asked: AskedStyle,
  options: Options,
): AsyncGenerator<PreviewMessage> {
  const { config } = loadConfig(configRequest(cli, options));
  const { layout, template, day_starts: dayStarts } = config;
  const style = askedStyle({ layout, template, dayStarts }, asked);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UserError('no-such-folder', 66, `${path} is no folder`, 'give the path of an existing folder');
  }
  quietSqlite();
  const scratch = mkdtempSync(join(tmpdir(), 'imagetank-preview-'));
  const metadata = metadataReader(() => undefined);
  try {
    yield* previewOf(folderCard(path), style, {
      cards: createCardReader(),
      metadata,
      openPlan: sqlitePlans(scratch),
      highestNumber: () => 0,
      drives: async () => null,
    });
  } finally {
    await metadata.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

const folderCard = (path: string): Card => ({
  id: cardId(path),
  label: basename(path),
  uuid: null,
  path,
  kind: 'folder',
  sizeBytes: null,
  fsType: null,
  readOnly: true,
  hardware: null,
});

/** A line a file as it comes, then the counts; `empty` says why no drive is shown. */
async function show(cli: Cli, messages: AsyncIterable<PreviewMessage>, empty: string): Promise<number> {
  const line = new ProgressLine(process.stderr);
  // On a terminal the files themselves show how far it is.
  const isSilent = cli.quiet || cli.json || process.stdout.isTTY === true;
  let result: PreviewResult | null = null;
  try {
    for await (const message of messages) {
      if ('file' in message) cli.answer(message.file, () => [fileText(message.file)]);
      else if ('result' in message) result = message.result;
      else if (!isSilent) {
        const { filesDone, filesTotal } = message.progress;
        line.show(`${filesDone} of ${formatCount(filesTotal, 'file')}`);
      }
      if (cli.stopped.aborted) break;
    }
  } finally {
    line.clear();
  }
  if (result !== null) {
    const counts = result;
    cli.answer({ result: counts }, () => [resultText(counts, empty)]);
    return 0;
  }
  if (cli.outputClosed) return 0;
  throw new UserError('interrupted', 75, 'stopped before the end', 'nothing was written: ask again');
}

function fileText({ path, to, drive, there, renamed }: PreviewFile): string {
  const where = drive === undefined ? to : `${drive}/${to}`;
  const remark = there === true ? '  (already there)' : renamed ? '  (name taken)' : '';
  return `${escapeText(path).padEnd(36)}  ${escapeText(where)}${remark}`;
}

function resultText(result: PreviewResult, empty: string): string {
  const { files, renamed, ignored, unreadable, drives = [] } = result;
  const where = drives.length === 0 ? ` on an empty drive (${empty})` : '';
  return [
    `${formatCount(files, 'file')}${where}, nothing was written`,
    ...drives.map(({ drive, fits, there }) =>
      escapeText(
        fits ? `already there: ${there} on ${drive}` : `no room on ${drive}: nothing would be copied to it`,
      ),
    ),
    renamed === 0 ? '' : `${renamed} with a suffix, because the name is taken`,
    ignored === 0 ? '' : `${ignored} ignored`,
    unreadable === 0 ? '' : `${unreadable} cannot be read`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}
