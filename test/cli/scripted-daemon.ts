import type { RunDaemon, RunDemo } from '../../bin/options.ts';

/** Stands where the daemon and the demo are, and prints what it was given. */
export const runDaemon: RunDaemon = async (options) => {
  process.stdout.write(`${JSON.stringify(options)}\n`);
  return 0;
};

export const runDemo: RunDemo = async (options) => {
  process.stdout.write(`${JSON.stringify(options)}\n`);
  return 1;
};
