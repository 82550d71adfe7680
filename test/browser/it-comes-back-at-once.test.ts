import { randomFillSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasChromium } from './chromium.ts';
import { box, chromium, line, newBoxEachTest, url } from './window.ts';
import { t } from './words.ts';

/** Four seconds of sending at the rate below. */
const UPLOAD_BYTES = 8_000_000;
const UPLOAD_BYTES_PER_SECOND = 2_000_000;

newBoxEachTest();

/** While `isPatient`, no timer of the page that would try again ever ends: what goes on does so for another reason. */
const PATIENCE = `
  const later = window.setTimeout;
  window.setTimeout = (run, ms = 0, ...args) => (window.isPatient && ms >= 400 ? 0 : later(run, ms, ...args));
`;

async function look(where = ''): Promise<Page> {
  const page = await chromium.open(url);
  await page.addInitScript(PATIENCE);
  await page.context().addCookies([{ name: 'imagetank', value: await box.token(), url }]);
  await page.goto(`${url}/${where}`);
  return page;
}

const verdict = (page: Page, key: 'verdict.empty' | 'verdict.unknown') =>
  page.locator('.hero h1', { hasText: t(key) }).waitFor();

describe.skipIf(!hasChromium)('when the box can be reached again', () => {
  test.each(['button', 'online', 'focus'] as const)('the page comes back at once by %s', async (how) => {
    const page = await look();
    await verdict(page, 'verdict.empty');
    await page.evaluate('window.isPatient = true');
    line.breakOff();
    await verdict(page, 'verdict.unknown');
    line.mend();
    if (how === 'button') await page.getByRole('button', { name: t('tryAgain') }).click();
    else await page.evaluate(`dispatchEvent(new Event('${how}'))`);
    await verdict(page, 'verdict.empty');
    expect(await page.getByRole('button', { name: t('tryAgain') }).count()).toBe(0);
  });

  test('an upload goes on as soon as the page hears the box', async () => {
    const film = join(box.root, 'PXL_0001.mp4');
    writeFileSync(film, randomFillSync(Buffer.allocUnsafe(UPLOAD_BYTES)));
    const page = await look('#/upload');
    line.slow(UPLOAD_BYTES_PER_SECOND);
    await page.locator('input[type=file]').setInputFiles(film);
    await page.getByRole('heading', { name: 'Uploading 0 of 1 file' }).waitFor();
    await page.evaluate('window.isPatient = true');
    line.breakOff();
    await page.getByRole('heading', { name: t('uploadLost') }).waitFor();
    line.mend();
    const uploaded = page.getByRole('heading', { name: '1 of 1 file uploaded' });
    // Once may be too early: the upload can lose the box a moment before the page does.
    const isUploaded = async () => {
      await page.evaluate("dispatchEvent(new Event('focus'))");
      return uploaded.isVisible();
    };
    await expect.poll(isUploaded, { interval: 500, timeout: 30_000 }).toBe(true);
  });
});
