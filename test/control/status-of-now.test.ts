import { expect, test } from 'vitest';
import { statusText } from '../../services/status-text.ts';
import { card, drive } from '../machines/story.ts';
import { flush } from '../runtime/kit.ts';
import { controlKit } from './kit.ts';

test('a card that came while a drive was slow to say its free space is not left out of a green answer', async () => {
  let answer: (bytes: number) => void = () => undefined;
  const kit = controlKit({ freeBytes: () => new Promise((resolve) => (answer = resolve)) });
  await kit.started();
  kit.devices.plug(drive('D'));
  await flush();
  const asked = kit.control.status();
  await flush();
  kit.devices.insert(card('A'), 'manual');
  await flush();
  answer(1000);
  const status = await asked;
  expect(status.signal).not.toBe('ready');
  expect(statusText(status)).toContain('Do not erase any card.');
});
