import { beFrugal } from '../frugal.ts';
import { Cli, type Globals } from './cli.ts';
import { reportError } from './report.ts';

/** Parses, runs, reports; gives the exit code. Only what the command needs is loaded. */
export async function main(argv: readonly string[]): Promise<number> {
  const output = new Output(wantsJson(argv));
  try {
    const quick = quickStatus(argv);
    const start = (globals: Globals) => output.use(new Cli(globals));
    if (quick !== null) return output.exit(await (await import('./status.ts')).status(start(quick)));
    if (argv.includes('run')) beFrugal(process.env);
    const { runProgram } = await import('./program.ts');
    return output.exit(await runProgram(argv, start));
  } catch (error) {
    return reportError(error, output.json);
  }
}

/** What becomes of standard output, from the first moment on: help is printed before there is a command. */
class Output {
  readonly json: boolean;
  #cli: Cli | null = null;
  /** Exit code of a write that failed: the answer is not where it was wanted, whatever the command says. */
  #failed: number | null = null;

  constructor(json: boolean) {
    this.json = json;
    process.stdout.on('error', (error: NodeJS.ErrnoException) => this.#end(error));
  }

  use(cli: Cli): Cli {
    this.#cli = cli;
    return cli;
  }

  exit(code: number): number {
    return this.#failed ?? code;
  }

  #end(error: NodeJS.ErrnoException): void {
    this.#cli?.closeOutput();
    // `| head`: nobody wants more, and that is no error.
    if (error.code === 'EPIPE') return;
    this.#failed ??= reportError(error, this.json);
    // A write may fail after the command has ended.
    process.exitCode = this.#failed;
  }
}

/**
 * `imagetank status` is asked every second by scripts and status bars: the parser, a quarter of its time, is left out
 * when there is nothing to parse. Null for everything else.
 */
function quickStatus(argv: readonly string[]): Globals | null {
  const words = new Set(argv);
  const plain = argv.every((word) => word === 'status' || word === '--json' || word === '--quiet');
  if (!plain || !words.has('status') || words.size !== argv.length) return null;
  return { json: words.has('--json'), quiet: words.has('--quiet'), state: undefined };
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}
