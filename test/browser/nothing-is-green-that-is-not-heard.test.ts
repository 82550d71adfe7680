import { describe, expect, test } from 'vitest';
import { hasChromium, shoot } from './chromium.ts';
import { box, chromium, line, newBoxEachTest, url } from './window.ts';
import { t } from './words.ts';

newBoxEachTest();

async function look(role: 'owner' | 'viewer') {
  const page = await chromium.open(url);
  await page.context().addCookies([{ name: 'imagetank', value: await box.token(role), url }]);
  await page.goto(url);
  return { page, verdict: page.locator('.hero h1'), lit: page.locator('.lamp.lit') };
}

describe.skipIf(!hasChromium)('a page', () => {
  test('takes the verdict and the lights away as soon as the box is not heard, and gives them back with it', async () => {
    await box.must('sim', 'insert', box.card('NIKON', { film: false }));
    await box.must('backup', 'NIKON', '--wait');
    const { page, verdict, lit } = await look('owner');
    await verdict.filter({ hasText: t('verdict.safe', { cards: 1 }) }).waitFor();
    expect(await lit.count()).toBe(1);
    line.breakOff();
    await verdict.filter({ hasText: t('verdict.unknown') }).waitFor();
    expect(await lit.count()).toBe(0);
    expect(await page.locator('.standing').count()).toBe(0);
    await shoot(page, 'not-heard');
    line.mend();
    await verdict.filter({ hasText: t('verdict.safe', { cards: 1 }) }).waitFor({ timeout: 60_000 });
  });

  test('says nothing of a box that hangs, though every connection stands', async () => {
    await box.must('sim', 'insert', box.card('NIKON', { film: false }));
    await box.must('backup', 'NIKON', '--wait');
    const { verdict, lit } = await look('owner');
    await verdict.filter({ hasText: t('verdict.safe', { cards: 1 }) }).waitFor();
    box.hang();
    await verdict.filter({ hasText: t('verdict.unknown') }).waitFor();
    expect(await lit.count()).toBe(0);
  });

  test('says nothing of a box that was killed', async () => {
    await box.must('sim', 'insert', box.card('NIKON', { film: false }));
    await box.must('backup', 'NIKON', '--wait');
    const { verdict, lit } = await look('owner');
    await verdict.filter({ hasText: t('verdict.safe', { cards: 1 }) }).waitFor();
    await box.kill();
    await verdict.filter({ hasText: t('verdict.unknown') }).waitFor();
    expect(await lit.count()).toBe(0);
  });

  test('shows a viewer what there is, and nothing to press that a viewer may not', async () => {
    await box.must('sim', 'insert', box.card('NIKON', { film: false }));
    await box.must('backup', 'NIKON', '--wait');
    const { page, verdict } = await look('viewer');
    await verdict.filter({ hasText: t('verdict.safe', { cards: 1 }) }).waitFor();
    for (const key of ['powerOff', 'restartBox', 'eject'] as const) {
      expect(await page.getByRole('button', { name: t(key) }).count(), key).toBe(0);
    }
    await page.goto(`${url}/#/upload`);
    await page.getByText(t('uploadViewer')).waitFor();
  });

  test('that was let in no more asks for a code', async () => {
    const { page, verdict } = await look('owner');
    await verdict.filter({ hasText: t('verdict.empty') }).waitFor();
    await box.must('pair', 'revoke', 'test owner');
    await page.getByRole('heading', { name: t('pair.title') }).waitFor();
  });

  test('that was let in no more shows no photo, not even the one that is open', async () => {
    await box.must('sim', 'insert', box.card('NIKON', { film: false }));
    await box.must('backup', 'NIKON', '--wait');
    const { page } = await look('owner');
    await page.addInitScript(`
      window.pictures = new Set();
      const [make, drop] = [URL.createObjectURL, URL.revokeObjectURL];
      URL.createObjectURL = (blob) => { const made = make(blob); pictures.add(made); return made; };
      URL.revokeObjectURL = (made) => { pictures.delete(made); drop(made); };
    `);
    await page.goto(`${url}/#/photos`);
    await page.reload();
    await page.locator('button.thumb img').first().waitFor();
    await page.locator('button.thumb').first().click();
    const dialog = page.getByRole('dialog', { name: t('photos') });
    await dialog.waitFor();
    await box.must('pair', 'revoke', 'test owner');
    await page.getByRole('heading', { name: t('pair.title') }).waitFor();
    expect(await dialog.count()).toBe(0);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('pictures.size'), 'pictures in memory').toBe(0);
  });

  test('that was let in no more asks nothing of what it was about to do', async () => {
    const { page } = await look('owner');
    await page.getByRole('button', { name: t('powerOff') }).click();
    await page.getByRole('dialog').waitFor();
    await box.must('pair', 'revoke', 'test owner');
    await page.getByRole('heading', { name: t('pair.title') }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});
