import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BackupPage } from '../../adapters/http/answers.ts';
import { createHttpServer } from '../../adapters/http/server.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { createPrometheus } from '../../adapters/prometheus/prometheus.ts';
import { GroupPageShape, PhotoPageShape } from '../../services/library/shapes.ts';
import { BackupStatus, Status } from '../../services/shapes.ts';
import { statusText } from '../../services/status-text.ts';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';
import { b64 } from '../uploads/kit.ts';
import { unzipped } from './zip.ts';

const COOKBOOK = new URL('../../adapters/http/cookbook.md', import.meta.url);

freshBoxEachTest();

/** Commands of the blocks marked `sh`, in order. */
function commandsIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) =>
    text.replaceAll('\\\n', ' ').trim(),
  );
}

/** Words as a shell makes them of blanks, double quotes and variables: the cookbook needs no more, and gets no more. */
function wordsOf(command: string, variables: Readonly<Record<string, string>>): readonly string[] {
  const words = command.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? [];
  return words.map((word) => {
    const bare = word.replace(/"((?:\\.|[^"\\])*)"/g, (_all, inner: string) => inner.replace(/\\(.)/g, '$1'));
    return bare.replace(/\$([A-Z]+)/g, (_all, name: string) => {
      const value = variables[name];
      if (value === undefined) throw new Error(`the cookbook does not say what $${name} is`);
      return value;
    });
  });
}

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function run([file = '', ...args]: readonly string[]): Promise<Ran> {
  expect(file).toBe('curl');
  // -q: nobody's ~/.curlrc; a proxy would see the token.
  const child = spawn(file, ['-q', '--noproxy', '*', '--max-time', '30', ...args], {
    cwd: box.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, error }));
  });
}

const json = (text: string): unknown => JSON.parse(text);

test('each recipe of the cookbook does what it says, in the order in which it says it', async () => {
  const drive = box.drive('PDRIVE');
  // Photos are only shown where there is a port.
  const running = await box.start(drive, {}, { port: 8080 });
  await until(running, 'ready');
  const server = createHttpServer({
    appliance: running.control,
    access: running.access,
    gallery: running.visitors?.gallery ?? null,
    uploads: running.visitors?.uploads ?? null,
    version: '1.2.3',
    clock: createSystemClock(),
    openMetrics: async () => createPrometheus(),
  });
  const socket = join(box.root, 'imagetank.sock');
  await server.listenSocket(socket);
  const port = await server.listenPort(0);
  const card = box.card('SD32GB-03', { 'IMG_0001.JPG': 50_000 });
  await running.control.sim.insert(card, 'SD32GB-03');
  await until(running, 'ready');
  const variables: Record<string, string> = { BOX: `http://localhost:${port}`, SOCKET: socket };
  const invited = running.access.invite({ role: 'owner', name: null }).subscribe((message) => {
    if ('open' in message) variables['CODE'] = message.open.code;
  });
  variables['TOKEN'] = (await running.access.admit({ role: 'owner', name: 'shortcut' })).token;

  const commands = [...commandsIn(readFileSync(COOKBOOK, 'utf8'))];
  const next = async (what: string, code = 0) => {
    const command = commands.shift() ?? '';
    expect(command).toContain(what);
    const ran = await run(wordsOf(command, variables));
    expect(ran, `${command}: ${ran.error}`).toMatchObject({ code });
    return ran.out;
  };

  expect(json(await next('/pair'))).toMatchObject({ device: { name: 'laptop', role: 'owner' } });
  expect(json(await next('/me'))).toMatchObject({ kind: 'device', name: 'laptop', role: 'owner' });
  expect(await next('/status.txt')).toMatch(/^Ready\.\nSafe to erase: "SD32GB-03"\.\nNote: .*\n"PDRIVE": \d/);
  expect(Status.parse(json(await next('/status')))).toMatchObject({
    signal: 'ready',
    cards: [{ label: 'SD32GB-03' }],
  });
  // 28: the time was over, as it was meant to be.
  expect(await next('/events', 28)).toMatch(
    /^retry: 3000\n\nid: \d+\nevent: light\ndata: \{.*\}\n\nevent: status\ndata: \{/,
  );

  const [started] = json(await next('/backups')) as { id: string; card: string }[];
  expect(started).toMatchObject({ id: expect.any(String), card: 'SD32GB-03' });
  variables['ID'] = started?.id ?? '';
  const lines = (await next('/events')).trimEnd().split('\n').map(json);
  expect(lines.at(-1)).toMatchObject({ result: { id: started?.id, outcome: 'done' } });
  expect(BackupStatus.parse(json(await next('/backups/$ID')))).toMatchObject({ phase: 'done' });
  const page = BackupPage.parse(json(await next('/backups?limit=10')));
  expect(page.backups[0]?.id).toBe(started?.id);
  expect(page.next).toBeNull();

  const { groups } = GroupPageShape.parse(json(await next('/photos/by/day')));
  variables['DAY'] = groups[0]?.key ?? '';
  const { photos } = PhotoPageShape.parse(json(await next('/photos?day=')));
  expect(photos.map(({ name }) => name)).toEqual(['IMG_0001.JPG']);

  const found = PhotoPageShape.parse(json(await next('?find=')));
  expect(found).toEqual({ photos, next: null, searchedTo: null });

  variables['PHOTO'] = photos[0]?.id ?? '';
  const photo = readFileSync(join(card, 'DCIM/100TEST/IMG_0001.JPG'));
  await next('?download');
  expect(readFileSync(join(box.root, 'IMG_0001.JPG')).equals(photo)).toBe(true);
  await next('-r 0-999');
  expect(readFileSync(join(box.root, 'piece')).equals(photo.subarray(0, 1000))).toBe(true);
  const selection = json(await next('/selections')) as { id: string; files: number };
  expect(selection).toMatchObject({ files: 1, bytes: photo.length });
  variables['SELECTION'] = selection.id;
  await next('/archive');
  const [packed] = unzipped(readFileSync(join(box.root, 'photos.zip')));
  expect(packed?.name).toMatch(/IMG_0001\.JPG$/);
  expect(packed?.content.equals(photo)).toBe(true);

  expect(await next('/metrics')).toContain('\nimagetank_safe_to_erase 1\n');
  expect(await next('--unix-socket')).toBe(statusText(await running.control.status()));

  const sent = randomBytes(30_000);
  const half = 12_345;
  Object.assign(variables, { LENGTH: String(sent.length), NAME: b64('IMG_0002.JPG'), OFFSET: String(half) });
  variables['UPLOAD'] = /^location: (\S+)/im.exec(await next('upload-metadata'))?.[1] ?? '';
  writeFileSync(join(box.root, 'FIRST'), sent.subarray(0, half));
  writeFileSync(join(box.root, 'REST'), sent.subarray(half));
  expect(await next('@FIRST')).toMatch(new RegExp(`^HTTP/1.1 204 [^]*^upload-offset: ${half}\\r$`, 'm'));
  expect(await next('-I')).toMatch(new RegExp(`^HTTP/1.1 200 [^]*^upload-offset: ${half}\\r$`, 'm'));
  expect(await next('@REST')).toMatch(new RegExp(`^upload-offset: ${sent.length}\\r$`, 'm'));
  const [phone] = readdirSync(join(drive, 'inbox'));
  expect(readFileSync(join(drive, 'inbox', phone ?? '', 'IMG_0002.JPG')).equals(sent)).toBe(true);
  expect((await running.control.status()).signal).not.toBe('ready');

  expect(json(await next('/power'))).toEqual({ ok: true });
  await box.ended();
  expect(commands).toEqual([]);
  invited.unsubscribe();
  await server.close();
});
