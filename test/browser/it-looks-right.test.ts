import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Box } from './box.ts';
import { Chromium, DESKTOP, hasChromium, PHONE, shoot } from './chromium.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PLACES = ['', 'photos', 'upload', 'history', 'settings'] as const;

const box = new Box();
const chromium = new Chromium();
let cookie = { name: 'imagetank', value: '', url: '' };

beforeAll(async () => {
  if (!hasChromium) return;
  await chromium.start();
  await box.open();
  for (const name of ['SD32GB-03', 'NIKON', 'BROKEN']) {
    await box.must('sim', 'insert', box.card(name, { film: false }));
    await box.must('backup', name, '--wait');
  }
  cookie = { name: 'imagetank', value: await box.token(), url: box.url };
});
afterEach(() => chromium.closeWindows());
afterAll(async () => {
  await chromium.stop();
  await box.clear();
});

/** Of those that keep somebody from using the page. */
async function seriousIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** Nothing is wider than the window: a page that can be pushed sideways on a phone is broken. */
const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Values that a screen reader reads before it says what they are. */
const nameless = (page: Page) =>
  page.evaluate<number>(
    "[...document.querySelectorAll('dd')].filter((one) => !/^D[TD]$/.test(one.previousElementSibling?.tagName)).length",
  );

/** Nothing is on its way any more; the stream of events never ends. */
async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await expect
    .poll(() => page.evaluate<boolean>('[...document.images].every((one) => one.complete)'))
    .toBe(true);
  await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
}

const WINDOWS = [
  { name: 'phone', size: PHONE, language: 'en-GB' },
  { name: 'desktop', size: DESKTOP, language: 'de-DE' },
] as const;

describe.skipIf(!hasChromium)('every place of the page', () => {
  for (const { name, size, language } of WINDOWS) {
    for (const theme of ['light', 'dark'] as const) {
      test(`fits a ${name}, ${theme}, and can be used with a keyboard and a screen reader`, async () => {
        const page = await chromium.open(box.url, { size, theme, language });
        await page.goto(box.url);
        await page.getByLabel('Code').waitFor();
        await shoot(page, `${name}-${theme}-pairing`);
        expect(await seriousIn(page)).toEqual([]);
        await page.context().addCookies([cookie]);
        for (const place of PLACES) {
          await page.goto(`${box.url}/#/${place}`);
          await page.reload();
          await settled(page);
          await shoot(page, `${name}-${theme}-${place || 'now'}`);
          expect(await seriousIn(page), place).toEqual([]);
          expect(await overflow(page), place).toBe(0);
          expect(await nameless(page), place).toBe(0);
        }
        expect(await page.locator('html').getAttribute('lang')).toBe(language.slice(0, 2));
      });
    }
  }

  test('is reached by Tab from the first one on, and says where it is', async () => {
    const page = await chromium.open(box.url, { size: DESKTOP });
    await page.context().addCookies([cookie]);
    await page.goto(box.url);
    await settled(page);
    const seen: string[] = [];
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press('Tab');
      seen.push(await page.evaluate<string>("document.activeElement?.textContent?.trim() ?? ''"));
    }
    for (const word of ['Skip to content', 'Now', 'Photos', 'Upload', 'History', 'Settings']) {
      expect(seen).toContain(word);
    }
    await page.getByRole('link', { name: 'History' }).press('Enter');
    await page.getByRole('heading', { name: 'History' }).waitFor();
    expect(await page.locator('nav [aria-current=page]').textContent()).toBe('History');
  });
});
