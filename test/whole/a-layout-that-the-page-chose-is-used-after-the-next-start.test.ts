import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ConfigRequest, loadConfig } from '../../adapters/config/load.ts';
import { readSettings, settingsFile } from '../../adapters/config/settings-file.ts';
import { createSettings } from '../../bin/settings.ts';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';

freshBoxEachTest();

/** As `imagetank run` does it: the same request tells what runs and what another start would run. */
function loaded(stateDir: string) {
  const settings = readSettings(settingsFile(stateDir));
  const configRequest: ConfigRequest = { file: null, env: {}, flags: {}, files: [], settings };
  return { configRequest, loaded: loadConfig(configRequest) };
}

const photos = (drive: string) =>
  readdirSync(join(drive, 'Photos'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.jpg') || path.endsWith('.JPG'))
    .sort();

test('this start goes on as it began, the next one names photos as was chosen', async () => {
  const drive = box.drive('drive');
  const stateDir = join(box.root, 'state');
  const first = loaded(stateDir);
  const running = await box.start(drive, {}, { layout: first.loaded.config.layout });
  const places = { stateDir, socketPath: '', listenPath: '' };
  const page = createSettings(
    { ...first, places },
    { restart: async () => undefined, isBusy: running.isBusy, info: () => undefined },
  );
  expect(await page.change({ layout: 'numbered' }, 'phone')).toMatchObject({ pending: true });
  await running.control.sim.insert(box.card('ONE', { 'IMG_0001.JPG': 20_000 }), null);
  await until(running, 'copying');
  expect(running.isBusy()).toBe(true);
  await expect(page.restart('phone')).rejects.toMatchObject({ exitCode: 75 });
  await until(running, 'ready');
  expect(photos(drive)).toEqual([expect.stringMatching(/\/IMG_0001\.JPG$/)]);
  expect(running.isBusy()).toBe(false);
  await page.restart('phone');
  await box.stop();
  box.store?.log.close();

  const { layout } = loaded(stateDir).loaded.config;
  const again = await box.start(drive, {}, { layout });
  await again.control.sim.insert(box.card('TWO', { 'IMG_0002.JPG': 20_000 }), null);
  await until(again, 'copying');
  await until(again, 'ready');
  expect(photos(drive)).toContainEqual(expect.stringMatching(/\/pimg_\d{6}\.jpg$/));
});
