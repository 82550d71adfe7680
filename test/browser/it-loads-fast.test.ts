import { describe, expect, test } from 'vitest';
import { hasChromium } from './chromium.ts';
import { box, chromium, newBoxEachTest } from './window.ts';

/** Issue 6: of all that comes before the gallery, as it is sent. */
const MAX_FIRST_LOAD_BYTES = 120_000;
/** Issue 6: on loopback, with a processor that is four times slower. The best of five: a busy machine only adds to it. */
const MAX_FIRST_PAINT_MS = 1000;
const SLOWER = 4;
const LOADS = 5;

newBoxEachTest();

/** What came over the wire until the page stood still, and when something was seen first. */
async function load() {
  const page = await chromium.open(box.url);
  await page.context().addCookies([{ name: 'imagetank', value: await box.token(), url: box.url }]);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.goto(box.url);
  await page.locator('.hero h1').waitFor();
  await page.waitForLoadState('load');
  const paintMs = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  );
  await chromium.closeWindows();
  return { bytes, paintMs };
}

describe.skipIf(!hasChromium)('the first look', () => {
  test('is small, and soon there', async () => {
    const loads = [];
    for (let number = 0; number < LOADS; number += 1) loads.push(await load());
    const best = Math.min(...loads.map(({ paintMs }) => paintMs));
    const most = Math.max(...loads.map(({ bytes }) => bytes));
    console.log(`first load ${most} bytes, first paint ${best.toFixed(0)} ms at ${SLOWER} × CPU throttle`);
    expect(most).toBeGreaterThan(10_000);
    expect(most).toBeLessThanOrEqual(MAX_FIRST_LOAD_BYTES);
    expect(best).toBeLessThanOrEqual(MAX_FIRST_PAINT_MS);
  });
});
