import { expect, test } from 'vitest';
import { createHttpServer } from '../../adapters/http/server.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import type { Composition } from '../../bin/composition.ts';
import { mergeLayers } from '../../services/config/layers.ts';
import { Settings, settingsLayer } from '../../services/config/settings.ts';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';
import { Asker, type Asking } from './asker.ts';
import { Described } from './described.ts';

freshBoxEachTest();

/** Pictures are only made where there is a port; nothing listens at this one. */
const PORT = 8080;

async function serve({ control, access, visitors }: Composition) {
  const running = mergeLayers([]);
  if ('problems' in running) throw new Error('the defaults are refused');
  let values = {};
  const settings = new Settings({
    running,
    evaluate: (next) => mergeLayers([settingsLayer('settings.json', next)]),
    read: () => ({ file: 'settings.json', values }),
    write: async (next) => {
      values = next;
    },
    restart: async () => undefined,
    isBusy: () => false,
    info: () => undefined,
  });
  const clock = createSystemClock();
  const pace = { perSecond: 1e6, burst: 1e6 };
  const server = createHttpServer({
    ...{ appliance: control, access, settings },
    uploads: visitors?.uploads ?? null,
    gallery: visitors?.gallery ?? null,
    ...{ version: '1.2.3', clock, pace },
  });
  const socketPath = `${box.root}/imagetank.sock`;
  await server.listenSocket(socketPath);
  return { server, socketPath, port: await server.listenPort(0) };
}

/** A request whose answer is held against the description; gives its values: one, or one a line. */
type Ask = (method: string, path: string, asking?: Asking) => Promise<readonly unknown[]>;

/** Somebody who believes the description. */
class Reader {
  readonly #asker: Asker;
  readonly #described: Described;
  /** Operations that nobody asked yet. */
  readonly left: Set<string>;

  constructor(asker: Asker, described: Described) {
    this.#asker = asker;
    this.#described = described;
    this.left = new Set(described.jsonOperations);
  }

  readonly ask: Ask = async (method, path, asking) => {
    const told = this.#described.find(method, path);
    this.left.delete(`${method} ${told.path}`);
    const { status, type, text } = await this.#asker.ask(method, path, asking);
    expect(status, `${method} ${path}: ${text}`).toBe(told.status);
    expect(type.split(';')[0], path).toBe(told.type);
    const values = told.isLines ? text.trimEnd().split('\n') : [text];
    return values.map((value) => told.parse(JSON.parse(value)));
  };

  readonly get = (path: string, asking?: Asking) => this.ask('get', `/api/v1/${path}`, asking);
  readonly post = (path: string, body: unknown = {}, asking?: Asking) =>
    this.ask('post', `/api/v1/${path}`, { body, ...asking });
}

test('each answer of a real box has exactly the shape that its description names', async () => {
  const drive = box.drive('PDRIVE');
  const running = await box.start(drive, {}, { port: PORT });
  await until(running, 'ready');
  const { server, socketPath, port } = await serve(running);
  const asker = new Asker(socketPath);
  const reader = new Reader(asker, new Described((await asker.ask('get', '/api/v1/openapi.json')).text));
  const { ask, get, post, left } = reader;

  await ask('get', '/healthz');
  await get('openapi.json');
  await post('sim/press');
  await post('sim/hold', { ms: 1 });
  const card = box.card('CARD', { 'IMG_0001.JPG': 50_000, 'IMG_0002.JPG': 1 });
  await post('sim/insert', { dir: card, label: 'SD32GB-03' });
  await until(running, 'copying');
  await until(running, 'ready');
  await post('ack');
  await askHowItIs(reader);
  await askForPhotos(reader);
  expect((await post('check', { card })).at(-1)).toHaveProperty('result');
  await post('library/preview', { card });
  await post('verify', { target: drive });
  await post('library/index', { dir: box.drive('PDRIVE/old'), dryRun: true });
  await get('uploads/limits');
  await get('settings');
  await ask('patch', '/api/v1/settings', { body: { layout: 'mirror' } });
  await post('restart', { confirm: true });
  await letIn(reader, running, port);
  await post('sim/remove', { dir: card });
  await askOfDrives(reader);
  await post('sim/insert', { dir: box.card('OTHER', { 'IMG_0003.JPG': 3000 }), label: null });
  await post('backups', { card: box.card('OTHER', {}) });
  await until(running, 'ready');
  await post('power', { action: 'poweroff', confirm: true });

  expect([...left]).toEqual([]);
  await server.close();
});

test('each answer of tus has the headers that its description names, and no other of tus', async () => {
  const running = await box.start(box.drive('PDRIVE'), {}, { port: PORT });
  const { server, socketPath } = await serve(running);
  const asker = new Asker(socketPath);
  const described = new Described((await asker.ask('get', '/api/v1/openapi.json')).text);
  const ask = async (method: string, path: string, asking: Asking = {}) => {
    const told = described.find(method, path);
    const headers = { 'tus-resumable': '1.0.0', ...asking.headers };
    const answer = await asker.ask(method, path, { ...asking, headers });
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(told.status);
    const ours = Object.keys(answer.headers).filter((name) => /^(tus-|upload-|location$)/.test(name));
    expect(Object.keys(told.headers), `${method} ${path}`).toEqual(expect.arrayContaining(ours));
    const needed = Object.entries(told.headers).filter(([, { required }]) => required);
    expect(ours, `${method} ${path}`).toEqual(expect.arrayContaining(needed.map(([name]) => name)));
    return answer.headers;
  };
  const piece = (offset: number) => ({
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
  });
  const uploads = '/api/v1/uploads';
  const length = { 'upload-length': '6', 'upload-metadata': `filename ${btoa('A.JPG')}` };
  await ask('options', uploads);
  const { location = '' } = await ask('post', uploads, { headers: length });
  await ask('options', location);
  await ask('patch', location, { headers: piece(0), raw: 'abc' });
  expect(await ask('head', location)).toMatchObject({ 'upload-offset': '3' });
  await ask('patch', location, { headers: piece(3), raw: 'def' });
  const other = await ask('post', uploads, { headers: length });
  await ask('delete', other.location ?? '');
  await server.close();
});

async function askHowItIs({ get }: Reader): Promise<void> {
  await get('status');
  expect(await get('cards')).toMatchObject([[{ label: 'SD32GB-03' }]]);
  expect(await get('drives')).toMatchObject([[{ label: 'PDRIVE' }]]);
  expect(await get('history')).toMatchObject([{ outcome: 'done' }]);
  const [page] = (await get('backups')) as [{ backups: [{ id: string }] }];
  const [{ id }] = page.backups;
  await get(`backups/${id}`);
  await get(`backups/${id}/events`);
  await get('events', { lines: 1 });
  expect((await get('journal')).length).toBeGreaterThan(10);
  await get('me');
  await get('board');
}

async function askForPhotos({ get, post }: Reader): Promise<void> {
  for (const by of ['day', 'camera', 'card', 'backup']) await get(`photos/by/${by}`);
  const [page] = (await get('photos?name=IMG_0001.JPG')) as [{ photos: [{ id: string }] }];
  const [{ id }] = page.photos;
  await get(`photos/${id}`);
  expect(await get('explain?name=IMG_0001.JPG')).toMatchObject([{ lives: [{}] }]);
  await post('selections', { ids: [id] });
}

async function letIn({ get, ask, post }: Reader, running: Composition, port: number): Promise<void> {
  await post('tokens', { role: 'viewer', name: 'script' });
  await post('pairing', { role: 'owner' }, { lines: 1 });
  const [devices] = (await get('devices')) as [{ id: string; name: string }[]];
  await ask('delete', `/api/v1/devices/${devices?.find(({ name }) => name === 'script')?.id}`);
  const { token } = await running.access.admit({ role: 'owner', name: 'tablet' });
  await post('unpair', {}, { port, headers: { authorization: `Bearer ${token}` } });
  await post('pair', { code: await invited(running), name: 'laptop' }, { port });
}

async function askOfDrives({ post }: Reader): Promise<void> {
  const dir = box.drive('SECOND');
  await post('sim/drive-in', { dir });
  await post('sim/drive-out', { dir });
  await post('sim/drive-in', { dir });
  await post('drives/adopt', { target: dir });
  await post('drives/eject', { target: dir });
  await post('drives/forget', { target: 'SECOND' });
}

/** The code that is shown now. */
function invited({ access }: Composition): Promise<string> {
  return new Promise((resolve) => {
    access.invite({ role: 'owner', name: null }).subscribe((message) => {
      if ('open' in message) resolve(message.open.code);
    });
  });
}
