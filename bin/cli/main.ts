import type { Globals } from './cli.ts';
import { Cli } from './cli.ts';
import { reportError } from './report.ts';

/** Parses, runs, reports; gives the exit code. Only what the command needs is loaded. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const quick = quickStatus(argv);
    if (quick !== null) return await (await import('./status.ts')).status(startCli(quick));
    const { runProgram } = await import('./program.ts');
    return await runProgram(argv, startCli);
  } catch (error) {
    return reportError(error, wantsJson(argv));
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

function startCli(globals: Globals): Cli {
  const cli = new Cli(globals);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') cli.closeOutput();
    else process.exitCode = reportError(error, globals.json);
  });
  return cli;
}
