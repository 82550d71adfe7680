import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';

/** Of the test that runs: each gets new ones. */
export let drive: string;
export let inbox: string;

/** Gives each test a box with a drive that has an inbox. */
export function inboxEachTest(): void {
  freshBoxEachTest();
  beforeEach(() => {
    drive = box.drive('drive');
    inbox = join(drive, 'inbox');
    mkdirSync(inbox);
  });
}
