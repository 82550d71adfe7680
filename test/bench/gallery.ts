import { join } from 'node:path';
import { driveId } from '../../machines/ids.ts';
import { Chromium, hasChromium, PHONE } from '../browser/chromium.ts';
import { scrollThrough } from '../browser/scrolling.ts';
import { fillCatalogue } from './catalogue-fill.ts';
import { BenchDaemon } from './daemon.ts';
import { freePort } from './free-port.ts';
import { type GalleryMeasured, type GalleryResult, galleryOf, galleryTable } from './gallery-figures.ts';

/** As this machine is, and as a phone may be. */
const SLOWER = [1, 4] as const;
/** Half of a phone's view with each frame: as fast as a finger drags the bar at the side. */
const PIXELS_A_FRAME = 400;

/** Scrolls through a gallery of so many photos in Chromium. Null where that is not installed. */
export async function measureGallery(
  root: string,
  photos: number,
  say: (text: string) => void,
): Promise<GalleryResult | null> {
  if (!hasChromium) return null;
  const state = join(root, 'gallery');
  const port = await freePort();
  // Started once before it is filled: it makes the folder.
  await (await BenchDaemon.start(state, { probe: false })).stop();
  await fillCatalogue(state, driveId('d-bench'), photos);
  const daemon = await BenchDaemon.start(state, { probe: false, port });
  const chromium = new Chromium();
  try {
    const { out } = await daemon.command('pair', 'token', '--name', 'bench', '--json');
    const { token } = JSON.parse(out) as { token: string };
    await chromium.start();
    const ways: GalleryMeasured[] = [];
    for (const slower of SLOWER) {
      ways.push(await scrolled(chromium, { url: `http://127.0.0.1:${port}`, token, slower }));
      // Told at once: the next one may take minutes.
      say(galleryTable(galleryOf(photos, ways)));
    }
    return galleryOf(photos, ways);
  } finally {
    await chromium.stop();
    await daemon.stop();
  }
}

async function scrolled(
  chromium: Chromium,
  { url, token, slower }: { readonly url: string; readonly token: string; readonly slower: number },
): Promise<GalleryMeasured> {
  const page = await chromium.open(url, { size: PHONE });
  await page.context().addCookies([{ name: 'imagetank', value: token, url }]);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await page.goto(`${url}/#/photos`);
  await page.locator('[data-index]').first().waitFor();
  const { framesMs, nodes } = await scrollThrough(page, PIXELS_A_FRAME);
  await chromium.closeWindows();
  return { slower, framesMs, nodes };
}
