import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { translate } from '../../adapters/web/translate.ts';
import { driveId } from '../../machines/ids.ts';
import { fillCatalogue } from '../bench/catalogue-fill.ts';
import { Box } from './box.ts';
import { Chromium, DESKTOP, hasChromium, PHONE } from './chromium.ts';
import { lookAt, scrollThrough } from './scrolling.ts';
import { t } from './words.ts';

const PHOTOS = 10_000;
/** As `filledPhoto` has them, all of one moment: the last one comes first. */
const PHOTOS_A_DAY = 500;
const DAYS = PHOTOS / PHOTOS_A_DAY;
/** Photos of a page of the gallery. */
const PAGE = 200;
/** A tenth of what would be there with a single node for each photo. */
const MAX_NODES = 1000;
const PIXELS_A_FRAME = 1500;

const box = new Box();
const chromium = new Chromium();
let cookie = { name: 'imagetank', value: '', url: '' };

beforeAll(async () => {
  if (!hasChromium) return;
  await chromium.start();
  mkdirSync(box.state);
  // No drive with them is attached: their pictures are away, their facts are all here.
  await fillCatalogue(box.state, driveId('d-filled'), PHOTOS);
  await box.open();
  cookie = { name: 'imagetank', value: await box.token('viewer'), url: box.url };
});
afterEach(() => chromium.closeWindows());
afterAll(async () => {
  await chromium.stop();
  await box.clear();
});

async function gallery(window: Parameters<Chromium['open']>[1]) {
  const page = await chromium.open(box.url, window);
  await page.context().addCookies([cookie]);
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith('/api/v1/photos')) asked.push(`${pathname.slice('/api/v1/'.length)}${search}`);
  });
  await page.goto(`${box.url}/#/photos`);
  await page.locator('[data-index]').first().waitFor();
  return { page, asked };
}

const nameAt = (section: number, index: number): string =>
  `IMG_${String((DAYS - section) * PHOTOS_A_DAY - 1 - index).padStart(4, '0')}.JPG`;

/** Rests there until every photo in view is one, and holds each against what belongs there. */
async function expectRightAt(page: Page, place: number): Promise<void> {
  await page.evaluate(
    `window.scrollTo(0, ${place} * (document.documentElement.scrollHeight - window.innerHeight))`,
  );
  await expect
    .poll(async () => {
      const { blank, photos } = await lookAt(page);
      return photos.length > 0 ? blank : -1;
    })
    .toBe(0);
  const shown = await lookAt(page);
  expect(
    shown.photos.filter(({ section, index, label }) => !label.startsWith(nameAt(section, index))),
  ).toEqual([]);
  const flat = shown.photos.map(({ section, index }) => section * PHOTOS_A_DAY + index);
  expect(flat).toEqual(flat.map((_, at) => (flat[0] ?? 0) + at));
  expect(Math.abs((flat[0] ?? Number.NaN) / PHOTOS - shown.place)).toBeLessThan(0.02);
}

describe.skipIf(!hasChromium)('ten thousand photos', () => {
  for (const [name, size] of [
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ] as const) {
    test(`are scrolled through on a ${name}: few of them are in the page, each is in its place, none stays blank`, async () => {
      const { page, asked } = await gallery({ size });
      const { nodes } = await scrollThrough(page, PIXELS_A_FRAME);
      expect(nodes).toBeLessThan(MAX_NODES);
      for (const place of [1, 0.73, 0.5, 0.27, 0]) await expectRightAt(page, place);
      const lists = asked.filter((one) => one.startsWith('photos?'));
      expect(new Set(lists).size).toBe(lists.length);
      expect(lists.length).toBeLessThanOrEqual(DAYS * Math.ceil(PHOTOS_A_DAY / PAGE));
      expect(asked.filter((one) => one.startsWith('photos/by/day')).length).toBeLessThanOrEqual(3);
      expect(await page.evaluate<number>("document.getElementsByTagName('*').length")).toBeLessThan(
        MAX_NODES,
      );
    });
  }

  test('are searched by a part of a name while somebody types', async () => {
    const { page, asked } = await gallery({ size: PHONE });
    const field = page.getByLabel(t('photosFind'));
    const said = (n: number) => page.getByRole('status').filter({ hasText: t('photosFound', { n }) });
    // Letter after letter, faster than anybody types, whatever else this machine does.
    await field.evaluate((input, text) => {
      for (let length = 1; length <= text.length; length += 1) {
        Object.assign(input, { value: text.slice(0, length) });
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
    }, 'img_0123');
    await said(1).waitFor();
    expect((await lookAt(page)).photos.map(({ label }) => label.slice(0, 12))).toEqual(['IMG_0123.JPG']);
    expect(asked.filter((one) => one.includes('find='))).toEqual([`photos?find=img_0123&limit=${PAGE}`]);
    await field.fill('G_01');
    await said(100).waitFor();
    await field.fill('zz%');
    await page.getByRole('heading', { name: t('photosNoMatch') }).waitFor();
    await field.fill('');
    await page.getByText(t('photosNoMatch')).waitFor({ state: 'detached' });
    await expectRightAt(page, 0.5);
  });

  test('are searched in German too, and in one day alone', async () => {
    const { page } = await gallery({ size: DESKTOP, language: 'de-DE' });
    const de: typeof t = (key, values = {}) => translate('de', key, values);
    await page.getByLabel(de('photosFind')).fill('01');
    await page.getByLabel(de('photosOnlyDay')).fill('2010-01-01');
    await page
      .getByRole('status')
      .filter({ hasText: de('photosFound', { n: 114 }) })
      .waitFor();
    await page.getByLabel(de('photosFind')).fill('zz');
    await page.getByRole('heading', { name: de('photosNoMatch') }).waitFor();
  });
});
