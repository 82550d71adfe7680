/** The device service on this machine: real folders, real mounts below a temporary root, the real lsblk. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { openMounts } from '../../adapters/mounts/open-mounts.ts';
import type { Fact } from '../../machines/facts.ts';
import type { DeviceSettings } from '../../services/devices/classify.ts';
import { DeviceService } from '../../services/devices/device-service.ts';
import { DriveBook } from '../../services/devices/drive-book.ts';
import type { DriveIdentities } from '../../services/devices/ports.ts';
import { deviceSourceContract } from '../contracts/device-source.contract.ts';
import { MemoryMachine, SETTINGS } from '../devices/memory.ts';
import { RealMounts, whyNoMounts, withTemp } from './temp.ts';

/** drive.json on a real folder; the durable one is the file-system adapter's. */
const identities: DriveIdentities = {
  read: async (root) => {
    const text = await readFile(join(root, '.imagetank/drive.json'), 'utf8').catch(() => null);
    return text === null ? null : JSON.parse(text);
  },
  write: async (root, identity) => {
    await mkdir(join(root, '.imagetank'), { recursive: true });
    await writeFile(join(root, '.imagetank/drive.json'), JSON.stringify(identity), { flag: 'wx' });
  },
};

interface RealBench {
  readonly service: DeviceService;
  readonly facts: Fact[];
  readonly rescan$: Subject<void>;
  /** Resolves with the next fact of a type. */
  next<Type extends Fact['type']>(type: Type): Promise<Fact & { readonly type: Type }>;
}

async function open(dir: string, settings: Partial<DeviceSettings> = {}, journal: readonly Fact[] = []) {
  const roots = [join(dir, 'media')];
  await mkdir(join(dir, 'media'), { recursive: true });
  const rescan$ = new Subject<void>();
  const { listing$, places } = await openMounts({ roots, stateDir: dir, rescan$ });
  const { clock, ids } = new MemoryMachine();
  const service = new DeviceService({
    places,
    identities,
    clock,
    ids,
    settings: { ...SETTINGS, ...settings },
    book: DriveBook.from(journal),
    listing$,
    mounter: new MemoryMachine().helper,
    warn: () => undefined,
  });
  const facts: Fact[] = [];
  service.facts$.subscribe((fact) => facts.push(fact));
  const next = (type: string) =>
    new Promise<never>((resolve, reject) => {
      service.facts$.subscribe({
        next: (fact) => {
          if (fact.type === type) resolve(fact as never);
        },
        complete: () => reject(new Error(`no ${type}`)),
      });
    });
  return { service, facts, rescan$, next } as RealBench;
}

async function point(dir: string, name: string): Promise<string> {
  const path = join(dir, 'media', name);
  await mkdir(path, { recursive: true });
  return path;
}

describe('real folders', () => {
  it('are a card and a drive, and the drive comes back after a restart', async () => {
    await withTemp(async (dir) => {
      const card = join(dir, 'card');
      const drive = join(dir, 'drive');
      await mkdir(join(card, 'DCIM'), { recursive: true });
      await mkdir(drive);
      const first = await open(dir);
      await first.service.start();
      await first.service.attachFolderCard(card, null, 'auto');
      const adopted = await first.service.adopt(drive, { force: false });
      expect(JSON.parse(await readFile(join(drive, '.imagetank/drive.json'), 'utf8'))).toEqual({
        format: 1,
        id: adopted.id,
        uuid: null,
        label: 'drive',
        adoptedAt: '2026-11-21T10:00:00.000Z',
      });
      await first.service.stop();

      const second = await open(dir, {}, first.facts);
      await second.service.start();
      expect(second.service.attached).toMatchObject({
        cards: [],
        drives: [{ id: adopted.id, adopted: true }],
      });
      await expect(second.service.adopt(card, { force: false })).rejects.toMatchObject({ exitCode: 77 });
      await expect(second.service.adopt('/', { force: true })).rejects.toMatchObject({ code: 'system-disk' });
      await second.service.stop();

      await rm(join(drive, '.imagetank'), { recursive: true });
      const third = await open(dir, {}, first.facts);
      await third.service.start();
      expect(third.service.attached.drives).toEqual([]);
      await third.service.stop();
    });
  });
});

const noTmpfs = whyNoMounts('tmpfs');
const noExt4 = noTmpfs ?? whyNoMounts('ext4');
if (noExt4 !== null) console.info(`real mounts are not tested: ${noExt4}`);

/** Runs with real mounts that are taken away again, whatever happens. */
async function withMounts(run: (dir: string, mounts: RealMounts) => Promise<void>): Promise<void> {
  await withTemp(async (dir) => {
    const mounts = new RealMounts();
    try {
      await run(dir, mounts);
    } finally {
      mounts.unmountAll();
    }
  });
}

describe.skipIf(noTmpfs !== null)('real tmpfs mounts', () => {
  it('a bind mount of a part of a drive is no card, and cannot be checked against the drive', async () => {
    await withMounts(async (dir, mounts) => {
      const [drive, again, above] = ['drive', 'again', 'above'].map((name) => join(dir, name)) as [
        string,
        string,
        string,
      ];
      for (const folder of [join(drive, 'Photos'), again, join(above, 'in')])
        await mkdir(folder, { recursive: true });
      const { service } = await open(dir);
      await service.start();
      await service.adopt(drive, { force: false });
      mounts.bind(join(drive, 'Photos'), again);
      mounts.bind(drive, join(above, 'in'));
      for (const folder of [again, above]) {
        const refused = { code: 'overlap', exitCode: 64 };
        await expect(service.attachFolderCard(folder, null, 'auto')).rejects.toMatchObject(refused);
        await expect(service.folderToRead(folder)).rejects.toMatchObject(refused);
      }
      await service.stop();
    });
  });

  deviceSourceContract('device service over /proc/self/mountinfo', async () => {
    const mounts = new RealMounts();
    let dir = '';
    let leave = () => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const entered = new Promise<void>((resolve) => {
      void withTemp(async (temp) => {
        dir = temp;
        resolve();
        await left;
        mounts.unmountAll();
      });
    });
    await entered;
    const { service, rescan$ } = await open(dir);
    return {
      source: service,
      insert: async (name) => {
        // Made outside and moved in when it is complete, as a card is.
        const path = await point(dir, name);
        mounts.tmpfs(path);
        await mkdir(join(path, 'DCIM'));
        rescan$.next();
      },
      remove: async (name) => {
        mounts.unmount(await point(dir, name));
        rescan$.next();
      },
      dispose: async () => leave(),
    };
  });

  it('have names with blanks, quotes, newlines and emoji', async () => {
    await withMounts(async (dir, mounts) => {
      const names = ['A card', 'new\nline', 'back\\slash', '"q\'', '📷', '#1'];
      for (const name of names) mounts.tmpfs(await point(dir, name));
      const { service } = await open(dir);
      await service.start();
      expect(service.attached.cards.map((card) => basename(card.path)).toSorted()).toEqual(names.toSorted());
      await service.stop();
    });
  });

  it('are refused when their path is not UTF-8: they must not go unseen', async () => {
    await withMounts(async (dir, mounts) => {
      await mkdir(join(dir, 'media'));
      const raw = Buffer.concat([Buffer.from(join(dir, 'media/')), Buffer.from([0xfc])]);
      await mkdir(raw);
      // A process cannot be given such an argument from Node: a shell makes the byte.
      const { execFileSync } = await import('node:child_process');
      const script = 'p=$(printf "%s/media/\\374" "$1"); "$2" $3 "$p"';
      const sh = (...args: readonly string[]) => execFileSync('sh', ['-c', script, 'sh', dir, ...args]);
      sh('mount', '-t tmpfs none');
      try {
        const { service, facts } = await open(dir);
        await service.start();
        expect(facts.map((fact) => fact.type)).toContain('CardRefused');
        await service.stop();
      } finally {
        sh('umount', '-l');
      }
      mounts.unmountAll();
    });
  });

  it('that are read-only can be cards and no drives', async () => {
    await withMounts(async (dir, mounts) => {
      mounts.tmpfs(await point(dir, 'RO'), 'ro');
      const { service } = await open(dir);
      await service.start();
      expect(service.attached.cards).toMatchObject([{ label: 'RO', readOnly: true }]);
      await expect(service.adopt('RO', { force: false })).rejects.toMatchObject({ exitCode: 73 });
      await service.stop();
    });
  });

  it('that are bound to a second place are one card', async () => {
    await withMounts(async (dir, mounts) => {
      const card = await point(dir, 'CARD');
      mounts.tmpfs(card);
      mounts.bind(card, await point(dir, 'AGAIN'));
      const { service } = await open(dir);
      await service.start();
      expect(service.attached.cards.map((one) => one.label)).toEqual(['CARD']);
      await service.stop();
    });
  });

  it('of the system disk are ignored: a folder of / bound below the root', async () => {
    await withMounts(async (dir, mounts) => {
      const photos = join(dir, 'photos');
      await mkdir(join(photos, 'DCIM'), { recursive: true });
      const bound = await point(dir, 'BOUND');
      mounts.bind(photos, bound);
      const { service, facts } = await open(dir, { auto: 'any' });
      await service.start();
      expect(facts).toEqual([]);
      await expect(service.adopt(bound, { force: true })).rejects.toMatchObject({ code: 'system-disk' });
      await service.stop();
    });
  });
});

describe.skipIf(noExt4 !== null)('a real ext4 volume', () => {
  it('is adopted by its label, remembered by its UUID, and failed when it turns read-only', async () => {
    await withMounts(async (dir, mounts) => {
      const path = await point(dir, 'disk');
      mounts.ext4(join(dir, 'image'), path, 'IMAGETANK');
      const first = await open(dir);
      await first.service.start();
      const adopted = await first.service.adoptCandidate();
      expect(adopted).toMatchObject({ label: 'IMAGETANK', path, kind: 'volume', adopted: true });
      expect(adopted?.uuid).toMatch(/^[0-9a-f-]{36}$/);
      expect(adopted?.sizeBytes).toBe(4 * 1024 * 1024);
      await first.service.stop();

      const second = await open(dir, {}, first.facts);
      await second.service.start();
      expect(second.service.attached.drives).toMatchObject([
        { id: adopted?.id, adopted: true, writable: true },
      ]);
      const failed = second.next('DriveFailed');
      mounts.remountReadOnly(path);
      second.rescan$.next();
      expect(await failed).toMatchObject({ driveId: adopted?.id, reason: 'drive-not-writable' });
      const detached = second.next('DriveDetached');
      mounts.unmount(path);
      second.rescan$.next();
      expect(await detached).toMatchObject({ driveId: adopted?.id });
      await second.service.stop();
      expect(dirname(path)).toBe(join(dir, 'media'));
    });
  });

  it('is a card whose id is its UUID and size, in whatever place it is mounted', async () => {
    await withMounts(async (dir, mounts) => {
      const path = await point(dir, 'one');
      mounts.ext4(join(dir, 'image'), path, 'SD32');
      await mkdir(join(path, 'DCIM'));
      const { service } = await open(dir);
      await service.start();
      const [card] = service.attached.cards;
      expect(card).toMatchObject({ label: 'SD32', fsType: 'ext4', sizeBytes: 4 * 1024 * 1024 });
      expect(card?.id).toBe(`${card?.uuid}+${card?.sizeBytes}`);
      await service.stop();
    });
  });
});
