/**
 * What the lab builds, outside the repository: `STAGE-KEY` folders that are there completely or not at all, because
 * each is made under another name and renamed into place.
 */
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../alive.ts';
import { alone } from './lock.ts';

/** Products of a stage that are kept: two branches may take turns without building everything each time. */
const KEPT_A_STAGE = 3;
/** More of them while another run, which takes less than that, may still use them. */
const IN_USE_MS = 20 * 60_000;
const ID_FILE = 'id';

type Make = (dir: string) => Promise<void>;

export interface Product {
  readonly dir: string;
  /**
   * Of this very folder: made again from the same parts, a file system has another UUID, and a guest that was saved
   * while it was mounted would take it for damaged. What is saved together is keyed by this, not by its parts.
   */
  readonly id: string;
}

export interface Cache {
  readonly dir: string;
  /** The product with this key, made by `make` in an empty folder when there is none with this key. */
  stage(name: string, key: string, make: Make): Promise<Product>;
}

export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const home = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return env['IMAGETANK_LAB_CACHE'] || join(home, 'imagetank-lab');
}

export function openCache(dir: string, say: (text: string) => void): Cache {
  mkdirSync(dir, { recursive: true });
  sweepDrafts(dir);
  const underWay = new Map<string, Promise<Product>>();

  const find = async (name: string, place: string, make: Make): Promise<Product> => {
    if (!existsSync(place)) {
      await alone(
        join(dir, `${name}.lock`),
        () => say(`${name}: another run builds it`),
        async () => {
          if (existsSync(place)) return;
          const startMs = performance.now();
          await makeStage(dir, place, make);
          say(`${name}: built in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
        },
      );
    }
    const now = new Date();
    utimesSync(place, now, now);
    sweepStage(dir, name);
    return { dir: place, id: idOf(place) };
  };

  return {
    dir,
    stage(name, key, make) {
      const place = join(dir, `${name}-${key}`);
      const found = underWay.get(place) ?? find(name, place, make);
      underWay.set(place, found);
      return found;
    },
  };
}

async function makeStage(dir: string, place: string, make: Make): Promise<void> {
  const draft = mkdtempSync(join(dir, `draft-${process.pid}-`));
  try {
    await make(draft);
    writeFileSync(join(draft, ID_FILE), randomUUID());
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

function idOf(place: string): string {
  const file = join(place, ID_FILE);
  // Made by a version of the lab that gave none.
  if (!existsSync(file)) writeFileSync(file, randomUUID());
  return readFileSync(file, 'utf8');
}

/** The least recently used products of a stage go. */
function sweepStage(dir: string, name: string): void {
  const products = readdirSync(dir)
    .filter((entry) => /^(.*)-[0-9a-f]{16}$/.exec(entry)?.[1] === name)
    .map((entry) => ({ path: join(dir, entry), usedMs: statSync(join(dir, entry)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { path, usedMs } of products.slice(KEPT_A_STAGE)) {
    if (Date.now() - usedMs > IN_USE_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** What builds that were broken off left. */
function sweepDrafts(dir: string): void {
  for (const entry of readdirSync(dir)) {
    const pid = /^draft-(\d+)-/.exec(entry)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(dir, entry), { recursive: true, force: true });
  }
}
