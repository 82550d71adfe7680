import { env, stdout } from 'node:process';
import picocolors from 'picocolors';

const { NO_COLOR, TERM } = env;

/** Only where a person looks at it (picocolors alone also colours a pipe when CI is set); https://no-color.org. */
export const colours = picocolors.createColors(stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb');
