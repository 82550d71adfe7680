import { type ClientRequest, request } from 'node:http';
import { afterEach, beforeEach, expect } from 'vitest';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { useCleaner } from '../fs/folders.ts';
import { b64, Harbour } from '../uploads/kit.ts';
import { type Answer, Desk } from './kit.ts';

export let harbour: Harbour;
/** Of the test that runs: the drive's folder, and who may send. */
export let root: string;
export let desk: Desk;
export let port: number;
export let uploads: Uploads;
export let token: string;
/** What the server wrote to its log. */
export let log: string[];
let bearer: Record<string, string>;

const clean = useCleaner();

/** A server with a drive and an owner's phone. */
export function uploadsEachTest(): void {
  beforeEach(async () => {
    harbour = new Harbour(await clean.folder());
    root = await harbour.adopt('tank');
    await serve(600_000);
    const phone = await desk.door.access.admit({ role: 'owner', name: 'phone' });
    token = phone.token;
    bearer = { authorization: `Bearer ${token}` };
  });
  afterEach(() => desk.clear());
}

async function serve(pauseMs: number): Promise<void> {
  uploads = harbour.uploads();
  const patience = { headersMs: 1000, requestMs: 200, pauseMs, lookMs: 10 };
  log = [];
  desk = new Desk(new ScriptedAppliance(), { uploads, patience, warn: (text) => log.push(text) });
  await desk.listen();
  port = await desk.server.listenPort(0);
}

/** Another daemon on the same drive: nothing is remembered but what lies there, and who may come in. */
export async function restart(pauseMs = 600_000): Promise<void> {
  const before = desk;
  await before.server.close();
  await uploads.stop();
  uploads = harbour.uploads();
  const patience = { headersMs: 1000, requestMs: 600_000, pauseMs, lookMs: 10 };
  const again = new Desk(new ScriptedAppliance(), { uploads, access: before.door.access, patience });
  await again.listen();
  port = await again.server.listenPort(0);
  const { clear } = before;
  before.clear = async () => void (await Promise.all([again.clear(), clear.call(before)]));
}

export const TUS = { 'tus-resumable': '1.0.0' };
export const PIECE = { 'content-type': 'application/offset+octet-stream' };

/** A device that came in, besides the first. */
export async function another(role: 'owner' | 'viewer'): Promise<Record<string, string>> {
  const { token: other } = await desk.door.access.admit({ role, name: 'other' });
  return { authorization: `Bearer ${other}` };
}

type Headers = Readonly<Record<string, string | number>>;

export interface Sending {
  readonly headers?: Headers;
  readonly body?: Uint8Array;
  /** Instead of the phone's. */
  readonly as?: Record<string, string>;
}

/** Over the network, as the phone. */
export function send(method: string, path: string, { headers = {}, body, as }: Sending = {}) {
  const all = { ...TUS, ...(as ?? bearer), 'content-length': body?.length ?? 0, ...headers };
  return new Promise<Answer>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers: all, agent: false });
    asked.on('error', reject).on('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const { headers: got, statusCode: status = 0 } = response;
      const text = Buffer.concat(chunks).toString();
      resolve({ status, type: got['content-type'] ?? '', text, headers: got });
    });
    asked.end(body);
  });
}

export const UPLOADS = '/api/v1/uploads';

export interface Begun {
  readonly name?: string | Buffer;
  readonly lastModified?: number | string;
  readonly as?: Record<string, string>;
}

export function create(length: number, { name, lastModified, as }: Begun = {}): Promise<Answer> {
  const pairs = [
    ...(name === undefined ? [] : [`filename ${b64(name)}`]),
    ...(lastModified === undefined ? [] : [`lastModified ${b64(String(lastModified))}`]),
  ];
  const headers = { 'upload-length': length, 'upload-metadata': pairs.join(',') };
  return send('POST', UPLOADS, { headers, ...(as === undefined ? {} : { as }) });
}

/** Begins one; its path. */
export async function begin(length: number, begun: Begun = { name: 'IMG_0001.JPG' }): Promise<string> {
  const answer = await create(length, begun);
  expect(answer, answer.text).toMatchObject({ status: 201 });
  return String(answer.headers.location);
}

export const patch = (path: string, offset: number, body: Uint8Array, sending: Sending = {}) =>
  send('PATCH', path, {
    body,
    ...sending,
    headers: { ...PIECE, 'upload-offset': offset, ...sending.headers },
  });

export const head = (path: string, as?: Record<string, string>) =>
  send('HEAD', path, as === undefined ? {} : { as });

/** A PATCH whose end does not come by itself; `length` is announced. */
export function open(path: string, offset: number, length: number): ClientRequest {
  const headers = { ...TUS, ...bearer, ...PIECE, 'upload-offset': offset, 'content-length': length };
  const asked = request({ host: '127.0.0.1', port, path, method: 'PATCH', headers, agent: false });
  asked.on('error', () => undefined);
  asked.flushHeaders();
  return asked;
}
