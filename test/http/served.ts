import { afterEach, beforeEach } from 'vitest';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Desk } from './kit.ts';

/** Of the test that runs: each gets new ones. */
export let appliance: ScriptedAppliance;
export let desk: Desk;

export function serveEachTest(): void {
  beforeEach(async () => {
    appliance = new ScriptedAppliance();
    desk = new Desk(appliance);
    await desk.listen();
  });
  afterEach(() => desk.clear());
}
