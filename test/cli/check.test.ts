import { once } from 'node:events';
import { expect, test } from 'vitest';
import { appliance, box, run, serveAgain, serveEachTest, start } from './served.ts';

serveEachTest();

test('Ctrl-C stops it, at the daemon too: there is no answer, and that is no yes', async () => {
  appliance.checkWaits = true;
  const started = start('check', 'SD');
  await once(started.child.stderr ?? started.child, 'data');
  expect(appliance.open).toBe(1);
  started.child.kill('SIGINT');
  const { code, stdout, stderr } = await started.ended;
  expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    'imagetank: stopped before the end, so there is no answer: do not format the card, and ask again: imagetank check SD',
  );
  while (appliance.open > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('Ctrl-C with --json is an error in JSON', async () => {
  appliance.checkWaits = true;
  const started = start('check', 'SD', '--json');
  while (appliance.open === 0) await new Promise((resolve) => setImmediate(resolve));
  started.child.kill('SIGINT');
  const { code, stdout, stderr } = await started.ended;
  expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'interrupted' } });
});

test('the end of the daemon is another one: 69', async () => {
  appliance.checkWaits = true;
  const started = start('check', 'SD');
  await once(started.child.stderr ?? started.child, 'data');
  await box.stop();
  expect((await started.ended).code).toBe(69);
  await serveAgain();
  appliance.checkWaits = false;
  expect((await run('check', 'SD')).code).toBe(0);
});
