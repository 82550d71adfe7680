import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../services/uploads/ports.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { MB, openRoom, type Room, type RoomKind, whyNoRoom } from '../faults/room.ts';
import { told } from '../fs/folders.ts';
import { b64, Harbour, inInbox, staged } from './kit.ts';

const FILM = randomBytes(2 * MB);
const LEFT_BYTES = 300 * 1024;

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

const delivery = (bytes: Uint8Array, offset = 0): Delivery => ({
  ...{ offset, length: bytes.length - offset, body: whole(bytes.subarray(offset)) },
  ...{ cut: () => undefined, check: () => undefined },
});

const KINDS = (['tmpfs', 'ext4'] as const).filter((kind) => !told(`full ${kind}`, whyNoRoom(kind)));

describe.skipIf(KINDS.length === 0).each<RoomKind>(KINDS)(
  'a drive (%s) that gets full under an upload',
  (kind) => {
    let room: Room;
    let harbour: Harbour;
    let root: string;
    let uploads: Uploads;

    beforeEach(async () => {
      room = openRoom(kind, { bytes: 16 * MB, inodes: 300 });
      harbour = new Harbour(room.path);
      root = await harbour.adopt('tank');
      uploads = harbour.uploads();
    });
    afterEach(() => room.remove());

    const begin = async (name: string) =>
      (await uploads.create('phone', FILM.length, `filename ${b64(name)}`)).id;

    /** Somebody else takes all but so many bytes. */
    function fill(leftBytes: number): () => void {
      const { bavail, bsize } = statfsSync(root);
      const path = join(room.path, 'ballast');
      writeFileSync(path, Buffer.alloc(bavail * bsize - leftBytes));
      return () => rmSync(path);
    }

    test('says so, tells no byte that is not there, harms nothing, and goes on when there is room', async () => {
      const first = await begin('before.jpg');
      await uploads.receive('phone', first, delivery(FILM));
      const id = await begin('film.mov');
      const empty = fill(LEFT_BYTES);
      await expect(uploads.receive('phone', id, delivery(FILM))).rejects.toMatchObject({
        reason: 'drive-full',
      });
      const { offset } = await uploads.state('phone', id);
      expect(offset).toBeLessThanOrEqual(LEFT_BYTES);
      const bytes = readFileSync(join(root, '.imagetank/uploads', `${id}.part`));
      expect(bytes.subarray(0, offset).equals(FILM.subarray(0, offset))).toBe(true);
      expect(inInbox(root)).toEqual(['phone-phone/before.jpg']);
      empty();
      uploads = harbour.uploads();
      expect(await uploads.receive('phone', id, delivery(FILM, offset))).toMatchObject({
        offset: FILM.length,
      });
      expect(readFileSync(join(root, 'inbox/phone-phone/film.mov')).equals(FILM)).toBe(true);
      expect(readFileSync(join(root, 'inbox/phone-phone/before.jpg')).equals(FILM)).toBe(true);
      expect(staged(root)).toEqual([]);
    });

    test('nothing is begun that could not end', async () => {
      fill(FILM.length);
      await expect(begin('film.mov')).rejects.toMatchObject({ code: 'upload-too-large' });
      expect(staged(root)).toEqual([]);
    });
  },
);
