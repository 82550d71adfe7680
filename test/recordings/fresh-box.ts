import { afterEach, beforeEach } from 'vitest';
import { Box } from './box.ts';

/** Of the test that runs: each gets a new one. */
export let box: Box;

/** Gives each test a box, which is stopped and removed after it. */
export function freshBoxEachTest(): void {
  beforeEach(() => {
    box = new Box();
  });
  afterEach(async () => {
    await box.stop();
    box.remove();
  });
}
