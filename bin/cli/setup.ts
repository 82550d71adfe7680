import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { bootConfigPath, planBootConfig, writeBootConfig } from '../../adapters/systemd/boot-config.ts';
import { bootLines } from '../../adapters/systemd/files.ts';
import { type PlannedFile, planFiles, removeFiles, writeFiles } from '../../adapters/systemd/install.ts';
import { imageSteps, liveSteps, removalSteps, runSteps, type Step } from '../../adapters/systemd/steps.ts';
import { UserError } from '../../services/errors.ts';
import { systemFiles, TEMPLATES } from '../system-files.ts';
import type { Action, Cli, Options } from './cli.ts';

interface Order {
  /** Null for this machine. */
  readonly image: string | null;
  readonly root: string;
  readonly dryRun: boolean;
  readonly board: 'pibrella' | 'leds' | null;
}

export const service: Action = async (cli, _args, options) => {
  const order = orderOf(options);
  if (options['remove'] === true) return remove(cli, order);
  const where = (name: string) =>
    typeof options[name] === 'string' ? { [name]: resolve(options[name]) } : {};
  const files = planFiles(
    order.root,
    systemFiles({ root: order.root, ...where('node'), ...where('program') }),
  );
  const boot = order.board === null ? null : planBootConfig(order.root, bootLines(TEMPLATES, order.board));
  const changed = files.some(({ change }) => change !== 'unchanged');
  const steps = order.image === null ? liveSteps(changed) : imageSteps(order.image);
  if (!order.dryRun) {
    writeFiles(order.root, files);
    if (boot !== null) writeBootConfig(order.root, boot);
    await runSteps(steps, (text) => cli.remark(text));
  }
  const shown = [...files, ...(boot === null ? [] : [{ ...boot, mode: 0o755, kept: null }])];
  const nothing = shown.every(({ change }) => change === 'unchanged');
  const snippet = order.board === null ? bootLines(TEMPLATES, 'pibrella') : null;
  const answer = {
    dryRun: order.dryRun,
    root: order.root,
    changed: !nothing,
    files: shown.map(({ text, ...file }) => ({ ...file, ...(order.dryRun ? { text } : {}) })),
    commands: steps.map(({ command }) => command),
    bootLines: snippet,
  };
  cli.answer(answer, () => [
    ...shown.flatMap((file) => (order.dryRun ? wholeFile(file) : [oneLine(file)])),
    ...(order.dryRun ? steps.map((step) => `would run: ${step.command.join(' ')}`) : []),
    ...(nothing ? ['nothing changed'] : []),
    ...hintsOf(order, snippet),
  ]);
  return 0;
};

function boardOf(word: Options[string]): Order['board'] {
  if (word === undefined) return null;
  if (word === 'pibrella' || word === 'leds') return word;
  const hint = 'use --board pibrella or --board leds';
  throw new UserError('usage', 64, `--board ${String(word)} is not known`, hint);
}

function orderOf({ root, board, dryRun }: Options): Order {
  if (root === '')
    throw new UserError('usage', 64, '--root needs the path of a folder', 'for example: --root /mnt/image');
  const image = typeof root === 'string' && resolve(root) !== '/' ? resolve(root) : null;
  if (image !== null && !existsSync(image)) {
    throw new UserError('no-root', 66, `there is no folder ${image}`, 'name the folder of an unpacked image');
  }
  const order = { image, root: image ?? '/', dryRun: dryRun === true, board: boardOf(board) };
  if (order.dryRun || image !== null) return order;
  if (process.getuid?.() !== 0) {
    throw new UserError('not-root', 77, 'only root may set up a service', 'sudo imagetank setup service');
  }
  if (!existsSync('/run/systemd/system')) {
    const hint = 'set up an image with --root DIR, or look at the files with --dry-run';
    throw new UserError('no-systemd', 73, 'systemd does not run on this machine', hint);
  }
  return order;
}

async function remove(cli: Cli, { image, root, dryRun }: Order): Promise<number> {
  const { before, after } = removalSteps(image);
  const run = (steps: readonly Step[]) => runSteps(steps, (text) => cli.remark(text));
  if (!dryRun) await run(before);
  const { removed, stay } = removeFiles(root, !dryRun);
  if (!dryRun) await run(after);
  cli.answer({ dryRun, root, removed, stay }, () => [
    ...removed.map((path) => `removed    ${path}`),
    ...stay.map((path) => `stays      ${path} (edited since)`),
    ...(removed.length === 0 && stay.length === 0 ? ['nothing to remove'] : []),
  ]);
  return 0;
}

type Shown = Pick<PlannedFile, 'path' | 'mode' | 'text' | 'change' | 'kept'>;

const oneLine = ({ path, change, kept }: Shown) =>
  `${change.padEnd(9)}  ${path}${kept === null ? '' : ` (yours is kept: ${kept})`}`;

function wholeFile(file: Shown): string[] {
  const mode = file.mode.toString(8).padStart(4, '0');
  return [`### ${oneLine(file)} (mode ${mode})`, file.text.trimEnd(), ''];
}

/** What only a person can decide. */
function hintsOf({ root, image }: Order, snippet: string | null): string[] {
  const config = bootConfigPath(root);
  const lines =
    snippet === null || config === null
      ? []
      : [
          '',
          `For the LEDs and the button of a Pibrella add this to ${config} (or use --board pibrella, or leds), then reboot:`,
          snippet.trimEnd(),
        ];
  const who = process.env['SUDO_USER'];
  if (image !== null || who === undefined) return lines;
  return [
    ...lines,
    '',
    `To use the commands without sudo: sudo usermod -aG imagetank ${who}, then log in again`,
  ];
}
