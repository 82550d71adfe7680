import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Box } from './box.ts';
import { Chromium, hasChromium } from './chromium.ts';
import { Line } from './line.ts';

/** Of the test that runs: each gets a new box, and a line to it that can break. */
export let box: Box;
export let line: Line;
/** Of the page, over that line. */
export let url: string;
export const chromium = new Chromium();

export function newBoxEachTest(): void {
  beforeAll(() => (hasChromium ? chromium.start() : undefined));
  afterAll(() => chromium.stop());
  beforeEach(async () => {
    box = new Box();
    await box.open();
    line = new Line();
    await line.open(box.port);
    url = `http://127.0.0.1:${line.port}`;
  });
  afterEach(async () => {
    await chromium.closeWindows();
    await line.close();
    await box.clear();
  });
}
