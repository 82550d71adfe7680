import { Command, CommanderError } from 'commander';
import { UserError } from '../../services/errors.ts';
import { VERSION } from '../version.ts';
import type { Cli, Globals, Options } from './cli.ts';
import type { Spec } from './spec.ts';
import { GROUPS, SPECS } from './specs.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 the answer is no, 64 usage, 65 bad data, 66 no such card, drive or file, 69 the daemon is not
running, 73 cannot create, 74 input/output error, 75 try again, 77 not permitted, 78 bad configuration.`;

/** Parses with commander, runs one command, gives its exit code. Usage errors are `UserError` 64. */
export async function runProgram(argv: readonly string[], start: (globals: Globals) => Cli): Promise<number> {
  let exit = 0;
  const program = createProgram(async (spec, command) => {
    const { json, quiet, state } = command.optsWithGlobals<Record<string, string | boolean | undefined>>();
    const cli = start({
      json: json === true,
      quiet: quiet === true,
      state: typeof state === 'string' ? state : undefined,
    });
    const args = command.processedArgs as (string | undefined)[];
    refuseForeign(command);
    refuseEmpty(spec, command, args);
    const action = await spec.load();
    exit = await action(cli, args, command.optsWithGlobals<Options>());
  });
  try {
    await program.parseAsync(helpLast(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw usageError(error, argv);
  }
  return exit;
}

function createProgram(act: (spec: Spec, command: Command) => Promise<void>): Command {
  const program = new Command('imagetank')
    .description(
      'Backs up camera cards to drives, verified, and says with its lights when a card may be erased.',
    )
    .version(VERSION)
    .option('--json', 'answers and errors as JSON')
    .option('--quiet', 'no progress and no remarks')
    .option(
      '--state <dir>',
      'state folder; default: $IMAGETANK_STATE, /var/lib/imagetank or ~/.local/state/imagetank',
    )
    .exitOverride()
    // An error is one line, written in one place (report.ts).
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
    .addHelpText('after', EXIT_CODES);
  for (const spec of SPECS) addCommand(program, spec, act);
  return program;
}

function addCommand(
  program: Command,
  spec: Spec,
  act: (spec: Spec, command: Command) => Promise<void>,
): void {
  const parts = spec.usage.split(' ');
  const words = parts.filter((part) => /^\w/.test(part));
  const command = groupFor(program, words.slice(0, -1)).command(words.at(-1) ?? '');
  command.summary(spec.summary).description(spec.summary);
  for (const argument of parts.slice(words.length)) command.argument(argument);
  for (const [flags, text] of spec.options ?? []) command.option(flags, text);
  command.addHelpText(
    'after',
    `\nAccepted everywhere: --json, --quiet, --state <dir>\n\nExample:\n  ${spec.example}`,
  );
  command.action(() => act(spec, command));
}

/** `pair` takes for its own what is meant for `pair token`, and also what `pair list` does not have. */
function refuseForeign(command: Command): void {
  const own = new Set(command.options.map((option) => option.attributeName()));
  const group = command.parent?.parent === null ? null : command.parent;
  const foreign = group?.options.find((option) => {
    const name = option.attributeName();
    return group.getOptionValue(name) !== undefined && !own.has(name);
  });
  if (foreign === undefined) return;
  throw new UserError(
    'usage',
    64,
    `unknown option '${foreign.long}'`,
    `see: imagetank ${group?.name()} ${command.name()} --help`,
  );
}

/** `explain "$NAME"` in a script that forgot to set it. */
function refuseEmpty({ example }: Spec, command: Command, args: readonly (string | undefined)[]): void {
  const given = command.optsWithGlobals<Options>();
  const options = command.options.map((option) => [option.long, given[option.attributeName()]] as const);
  const named = args.map((value, at) => [`<${command.registeredArguments[at]?.name()}>`, value] as const);
  for (const [name, value] of [...named, ...options]) {
    if (value === '') throw new UserError('usage', 64, `${name} is empty`, `for example: ${example}`);
  }
}

/** The command of which these words are the path; made when it is not there yet. */
function groupFor(program: Command, words: readonly string[]): Command {
  let parent = program;
  for (const [index, word] of words.entries()) {
    const path = words.slice(0, index + 1).join(' ');
    parent =
      parent.commands.find((command) => command.name() === word) ??
      parent.command(word).description(GROUPS[path] ?? '');
  }
  return parent;
}

/** `imagetank --help status` is a question about `status`: commander would answer for the program. */
function helpLast(argv: readonly string[]): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const isHelp = (word: string) => word === '--help' || word === '-h';
  const head = argv.slice(0, end);
  const help = head.filter(isHelp).slice(0, 1);
  return [...head.filter((word) => !isHelp(word)), ...help, ...argv.slice(end)];
}

/** The longest beginning of what was typed that is a command, or a group of some: `library index` of its words. */
function commandIn(argv: readonly string[]): readonly string[] {
  const words = argv.filter((word) => /^[a-z]+$/.test(word));
  const isBeginning = (count: number) => (usage: string) =>
    words.slice(0, count).every((word, at) => usage.split(' ')[at] === word);
  let known = 0;
  while (known < words.length && SPECS.some(({ usage }) => isBeginning(known + 1)(usage))) known += 1;
  return words.slice(0, known);
}

/** commander's text in our form: `error: unknown option '--jsn'\n(Did you mean --json?)`. */
function usageError(error: CommanderError, argv: readonly string[]): UserError {
  const [first = '', suggestion = ''] = error.message.replace(/^error: |\.$/g, '').split('\n');
  const meant = /\(Did you mean (?:one of )?(.*)\?\)/.exec(suggestion)?.[1];
  const help = ['imagetank', ...commandIn(argv), '--help'].join(' ');
  const what = error.code === 'commander.help' ? 'which command' : first;
  return new UserError('usage', 64, what, meant === undefined ? `see: ${help}` : `did you mean ${meant}?`);
}
