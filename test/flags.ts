import { type ParseArgsConfig, parseArgs } from 'node:util';

const USAGE = 64;

/** The values of `parseArgs`. A wrong option is one line and the end of the program, with 64. */
export function flagsOf<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>>['values'] {
  try {
    return parseArgs(config).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number of at least 1; null where it is not given. */
export function countOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  return Number.isSafeInteger(count) && count > 0 ? count : refuse(`${flag} ${text}: not a number above 0`);
}

function refuse(why: string): never {
  console.error(`${why}; see --help`);
  process.exit(USAGE);
}
