import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { Upload } from 'tus-js-client';
import { afterEach, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../adapters/http/server.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import type { Composition } from '../../bin/composition.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';
import { inInbox, staged } from '../uploads/kit.ts';
import { uploadClock } from './upload-clock.ts';

freshBoxEachTest();

let server: HttpServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const CARD = new URL('../cards/NIKON/DCIM/100ND750/', import.meta.url);
const photo = (name: string) => readFileSync(new URL(name, CARD));

/** Without a port there is nobody who uploads. */
const NETWORK = { port: 8080 };

function uploadsOf({ visitors }: Composition) {
  if (visitors === null) throw new Error('nobody comes in');
  return visitors.uploads;
}

interface Phone {
  readonly endpoint: string;
  readonly headers: Record<string, string>;
}

/** The page of the phone: a paired owner. */
async function pairedPhone({ control, access, visitors }: Composition): Promise<Phone> {
  server = createHttpServer({
    appliance: control,
    access,
    version: '0.0.0',
    uploads: visitors?.uploads ?? null,
    clock: createSystemClock(),
  });
  const port = await server.listenPort(0);
  const { token } = await access.admit({ role: 'owner', name: 'phone' });
  return {
    endpoint: `http://127.0.0.1:${port}/api/v1/uploads`,
    headers: { authorization: `Bearer ${token}` },
  };
}

/** Sends a photo as the page does; its connection breaks once, after its first piece. */
function send({ endpoint, headers }: Phone, name: string): Promise<void> {
  const bytes = photo(name);
  let isBroken = false;
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint,
      headers,
      chunkSize: Math.ceil(bytes.length / 3),
      retryDelays: [0, 0],
      metadata: { filename: name, filetype: 'image/jpeg', lastModified: String(Date.UTC(2026, 6, 4)) },
      onChunkComplete: () => {
        if (isBroken) return;
        isBroken = true;
        void upload.abort().then(() => upload.start());
      },
      onSuccess: () => resolve(),
      onError: reject,
    });
    upload.start();
  });
}

/** All photos of the library, by name. */
function library(drive: string): Map<string, Buffer> {
  const found = readdirSync(join(drive, 'Photos'), { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile() && !entry.parentPath.includes('ascmhl'));
  return new Map(files.map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name))]));
}

test('green goes before the phone hears that its photo is there, and comes back when it is verified', async () => {
  const drive = box.drive('drive');
  const running = await box.start(drive, { clock: uploadClock() }, NETWORK);
  const { control } = running;
  expect((await control.status()).signal).toBe('ready');
  const phone = await pairedPhone(running);
  await send(phone, 'DSC_0009.JPG');
  // Not a moment of green over a photo that lies in the inbox.
  expect(box.lines.map(({ signal }) => signal)).toContain('attention');
  const isTaken = () => [...(box.store?.log.read() ?? [])].some(({ fact }) => fact.type === 'InboxTaken');
  await firstValueFrom(control.head$.pipe(filter(isTaken)));

  const since = box.lines.slice(box.lines.findIndex(({ signal }) => signal === 'attention'));
  const firstGreen = since.findIndex(({ leds }) => leds.green !== 'off');
  expect(since[firstGreen]).toMatchObject({ signal: 'ready', seq: expect.any(Number) });
  expect(since.slice(0, firstGreen).map(({ signal }) => signal)).toContain('copying');
  expect(library(drive)).toEqual(new Map([['DSC_0009.JPG', photo('DSC_0009.JPG')]]));
  expect([...inInbox(drive), ...staged(drive)]).toEqual([]);
  const [life] = control.library.explain({ name: 'DSC_0009.JPG' }).lives;
  expect(life?.chapters[0]).toMatchObject({
    what: 'copied',
    card: { label: 'inbox of drive' },
    path: expect.stringMatching(/^phone-[0-9a-f]{8}\/DSC_0009\.JPG$/),
  });
  const [line] = control.history();
  expect(line).toMatchObject({ outcome: 'done', copied: 1, failed: 0 });
});

test('with `inbox = false` nothing is taken, and it says what to change', async () => {
  const running = await box.start(box.drive('drive'), { clock: uploadClock() }, { ...NETWORK, inbox: false });
  const failure = await send(await pairedPhone(running), 'DSC_0009.JPG').catch((error: Error) => error);
  expect(String(failure)).toContain('uploads-off');
  expect(String(failure)).toContain('inbox = true');
});

test('a drive that is ejected in mid upload takes it up again when it comes back', async () => {
  const drive = box.drive('drive');
  const running = await box.start(drive, { clock: uploadClock() }, NETWORK);
  const bytes = photo('DSC_0009.JPG');
  const { control } = running;
  const uploads = uploadsOf(running);
  const { id } = await uploads.create(null, bytes.length, '');
  const isCut = { now: false };
  const isWritten = { now: false };
  async function* half() {
    yield bytes.subarray(0, 1000);
    isWritten.now = true;
    // As a phone that goes on until it is hung up on.
    while (!isCut.now) await new Promise((resolve) => setImmediate(resolve));
  }
  const cut = () => {
    isCut.now = true;
  };
  const sending = uploads.receive(null, id, {
    ...{ offset: 0, length: bytes.length, cut },
    ...{ body: half(), check: () => undefined },
  });
  sending.catch(() => undefined);
  while (!isWritten.now) await new Promise((resolve) => setImmediate(resolve));
  await control.eject(drive);
  expect(await sending).toMatchObject({ offset: 1000 });
  await expect(uploads.limits()).rejects.toMatchObject({ code: 'no-drive-for-uploads' });
  await control.sim.driveIn(drive);
  // Until the box has taken it up, the answer is that there is none.
  const state = () => uploads.state(null, id).catch((error: unknown) => error);
  await expect.poll(state, { timeout: 20_000 }).toMatchObject({ offset: 1000 });
});

test('from the moment when the box goes down nothing is taken any more', async () => {
  const running = await box.start(box.drive('drive'), { clock: uploadClock() }, NETWORK);
  await uploadsOf(running).create(null, 3, '');
  await running.control.power('poweroff');
  await box.ended();
  await expect(uploadsOf(running).limits()).rejects.toMatchObject({ code: 'stopping', exitCode: 75 });
});
