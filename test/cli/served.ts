import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { BuiltCli, serve } from './built-cli.ts';
import { ScriptedAppliance } from './scripted-appliance.ts';

export const cli = new BuiltCli();
/** Of the test that runs: each gets new ones. */
export let appliance: ScriptedAppliance;
export let box: Awaited<ReturnType<typeof serve>>;

/** Builds the command line once, and serves each test an appliance of its own. */
export function serveEachTest(): void {
  beforeAll(() => cli.build());
  afterAll(() => cli.remove());
  beforeEach(async () => {
    appliance = new ScriptedAppliance();
    await serveAgain();
  });
  afterEach(() => box.stop());
}

/** For tests in which the daemon went away. */
export async function serveAgain(): Promise<void> {
  box = await serve(appliance);
}

export const start = (...args: readonly string[]) => cli.start(args, { state: box.state });
export const run = (...args: readonly string[]) => start(...args).ended;
