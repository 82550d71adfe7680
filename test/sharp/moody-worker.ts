import { writeFileSync } from 'node:fs';
import type { PictureRequest } from '../../adapters/sharp/messages.ts';
import { READY } from '../../services/worker-ports.ts';

/** A child that does what the name of a photo says. */
const kept: unknown[] = [];

process.on('message', ({ id, name, into }: PictureRequest) => {
  const answer = (made: boolean) => process.send?.({ id, outcome: made ? 'made' : 'failed' });
  writeFileSync(into, 'half a picture');
  if (name !== 'good') writeFileSync(`${into}.png`, 'between');
  if (name === 'die') process.exit(1);
  else if (name === 'hang') for (;;);
  else if (name === 'grow') setInterval(() => kept.push(Buffer.alloc(16 << 20, 1)), 1);
  else if (name === 'heap') for (;;) kept.push(Array(10_000).fill(Math.random()));
  else if (name === 'lie') process.send?.({ id: id + 1, outcome: 'made' });
  else answer(name !== 'env' || process.env['IMAGETANK_TEST_SECRET'] !== undefined);
});
process.send?.(READY);
