import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Status } from '../../services/shapes.ts';
import { Desk, photosOn } from './imagetank.ts';

let desk: Desk;
let other: Server;
beforeEach(async () => {
  desk = new Desk();
  other = createServer().listen(0);
  await once(other, 'listening');
});
afterEach(async () => {
  other.close();
  await desk.clear();
});

const takenPort = () => (other.address() as { port: number }).port;

function config(text: string): string {
  const path = join(desk.root, 'config.toml');
  writeFileSync(path, text);
  return path;
}

test.each([
  ['a port that another program has', () => `port = ${takenPort()}`, /listens already/],
  [
    'a certificate that is not there',
    () => 'port = 8080\ntls = { cert = "/nope.pem", key = "/nope.key" }',
    /\/nope\.pem: ENOENT.*correct the path/,
  ],
])(
  '%s: photos are saved, and the status says what to mend',
  { timeout: 60_000 },
  async (_what, text, says) => {
    const [card, drive] = [desk.folder('card', { 'DCIM/1.JPG': 'one' }), desk.folder('drive')];
    await desk.start('--config', config(text()));
    expect(await desk.run('drive', 'adopt', drive)).toMatchObject({ code: 0 });
    expect(await desk.run('backup', card, '--wait')).toMatchObject({ code: expect.any(Number) });
    expect(photosOn(drive).size).toBe(1);
    const { problems } = await desk.json<Status>('status');
    expect(problems).toContainEqual({
      code: 'network',
      blinks: 0,
      message: expect.stringMatching(says),
      since: expect.any(String),
    });
    expect(desk.daemonOutput.match(/the network is closed/g)).toHaveLength(1);
  },
);

test('who asks for a port on the command line is told at once', { timeout: 60_000 }, async () => {
  const answer = await desk.run('run', '--board', 'none', '--port', String(takenPort()));
  expect(answer.code).toBe(75);
  expect(answer.error).toContain('something listens already');
});
