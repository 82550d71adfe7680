import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { PROGRAM, photosOn } from '../e2e/imagetank.ts';
import { hasChromium, shoot } from './chromium.ts';
import { box, chromium, line, newBoxEachTest, url } from './window.ts';
import { t } from './words.ts';

/** Ten seconds of sending at the rate below. */
const UPLOAD_BYTES = 40_000_000;
const UPLOAD_BYTES_PER_SECOND = 4_000_000;
/** An upload is looked at 30 s after its last change; then it is copied and read back. */
const GREEN_AGAIN_MS = 90_000;

newBoxEachTest();

/** What `imagetank pair` shows, and its end. */
async function invitation() {
  const env = { ...process.env, IMAGETANK_STATE: box.state };
  const child = spawn(process.execPath, [PROGRAM, 'pair', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { ...(JSON.parse(line) as { open: { code: string; url: string } }).open, ended };
}

const lamp = (page: Page, color: 'red' | 'amber' | 'green') =>
  page.locator('.led', { hasText: t(color) }).locator('.led-words');
const verdict = (page: Page) => page.locator('.hero h1');
const go = (page: Page, where: 'navNow' | 'navPhotos' | 'navUpload') =>
  page.getByRole('link', { name: t(where), exact: true }).click();

describe.skipIf(!hasChromium)('a phone', () => {
  test('pairs, sees a card copied, finds its photo, uploads over a broken line, and switches the box off', async () => {
    const page = await chromium.open(url);
    await page.goto(url);
    const { code, ended } = await invitation();
    await page.getByLabel(t('pair.code')).fill(code);
    await page.getByRole('button', { name: t('pair.go'), exact: true }).click();
    await verdict(page)
      .filter({ hasText: t('verdict.empty') })
      .waitFor();
    expect(await ended).toEqual([0, null]);

    const card = box.card('SD32GB-03', { film: true });
    await box.must('sim', 'insert', card);
    await verdict(page)
      .filter({ hasText: t('verdict.copying') })
      .waitFor();
    await lamp(page, 'amber')
      .filter({ hasText: t('led.blink') })
      .waitFor();
    expect(await lamp(page, 'green').textContent()).toBe(t('led.off'));
    await page.getByRole('progressbar', { name: t('progressOf', { card: 'SD32GB-03' }) }).waitFor();
    await shoot(page, 'story-1-copying');
    await verdict(page)
      .filter({ hasText: t('verdict.safe', { cards: 1 }) })
      .waitFor();
    expect(await lamp(page, 'green').textContent()).toBe(t('led.on'));
    expect((await box.status()).signal).toBe('ready');
    await shoot(page, 'story-2-safe');

    await go(page, 'navPhotos');
    const photo = page.getByRole('button', { name: /DSC00007\.JPG/ });
    await photo.locator('img').waitFor();
    await photo.click();
    await page.locator('.pswp__img:not(.pswp__img--placeholder)').first().waitFor();
    await shoot(page, 'story-3-photo');
    await page.keyboard.press('Escape');
    await page.locator('.pswp').waitFor({ state: 'detached' });

    const film = randomFillSync(Buffer.allocUnsafe(UPLOAD_BYTES));
    writeFileSync(join(box.root, 'PXL_0001.mp4'), film);
    await go(page, 'navUpload');
    await sendOverABrokenLine(page, join(box.root, 'PXL_0001.mp4'));
    await page.getByRole('heading', { name: t('uploadOver', { done: 1, n: 1 }) }).waitFor();
    await shoot(page, 'story-4-uploaded');
    await go(page, 'navNow');
    // Uploaded is not backed up: green waits until the box has read it back.
    expect(await lamp(page, 'green').textContent()).toBe(t('led.off'));
    await verdict(page)
      .filter({ hasText: t('verdict.safe', { cards: 1 }) })
      .waitFor({ timeout: GREEN_AGAIN_MS });
    const sent = [...photosOn(box.drive).keys()].find((path) => path.endsWith('PXL_0001.mp4')) ?? '';
    expect(readFileSync(join(box.drive, sent)).equals(film)).toBe(true);

    await page.getByRole('button', { name: t('powerOff') }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: t('powerOff') })
      .click();
    await page.getByRole('heading', { name: t('leaving.off') }).waitFor();
    await shoot(page, 'story-5-off');
    expect(chromium.faults.filter((fault) => !isExpected(fault))).toEqual([]);
  });

  test('comes in by the code of the QR, which does not stay in the address', async () => {
    const page = await chromium.open(url);
    const { url: shown, ended } = await invitation();
    await page.goto(`${url}/${new URL(shown).hash}`);
    await verdict(page)
      .filter({ hasText: t('verdict.empty') })
      .waitFor();
    await ended;
    expect(page.url()).not.toContain('code');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: 'imagetank', httpOnly: true, sameSite: 'Strict' });
  });
});

/** The network goes away in the middle, and comes back. */
async function sendOverABrokenLine(page: Page, path: string): Promise<void> {
  line.slow(UPLOAD_BYTES_PER_SECOND);
  await page.locator('input[type=file]').setInputFiles(path);
  const bar = page.getByRole('progressbar', { name: t('uploadTotal') });
  await expect
    .poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 60_000 })
    .toBeGreaterThan(10);
  line.breakOff();
  await page.getByRole('heading', { name: t('uploadLost') }).waitFor();
  line.mend();
}

/** What the browser itself says of requests that were refused or cut off on purpose, in one of a dozen ways. */
const isExpected = (fault: string) => /401|404 .*\/(thumb|preview)$|net::ERR_(?!BLOCKED)/.test(fault);
