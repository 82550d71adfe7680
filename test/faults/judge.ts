import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { xxh64 } from '@node-rs/xxhash';
import { openFolderReader } from '../../adapters/mhl-folder/folder-reader.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { JOURNAL_FILE } from '../../bin/journal.ts';
import type { Fact } from '../../machines/facts.ts';
import { verifyChain } from '../../services/journal/chain.ts';
import { openHistory } from '../../services/manifest/history.ts';
import { ASCMHL_FOLDER, DRIVE_JOURNAL, DRIVE_ROOTS } from '../../services/manifest/names.ts';
import type { HistoryRow } from '../../services/ports.ts';
import type { Harm } from './stage.ts';

/** Path below a root → XXH64 of what lies there. */
export type Tree = ReadonlyMap<string, string>;

/** Told of everything that may never be found. */
export type Note = (harm: Harm, text: string) => void;

/** Regular files below some folders of a root; the manifests' own folders are not photos. */
export function treeOf(root: string, folders: readonly string[]): Tree {
  const files = new Map<string, string>();
  const walk = (folder: string): void => {
    if (!existsSync(join(root, folder))) return;
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== ASCMHL_FOLDER) walk(path);
      if (entry.isFile()) files.set(path, hashOf(readFileSync(join(root, path))));
    }
  };
  for (const folder of folders) walk(folder);
  return files;
}

const EMPTY = 'ef46db3751d8e999';
export const hashOf = (bytes: Uint8Array): string => xxh64(bytes).toString(16).padStart(16, '0');

/** What holds at any moment, the one after a kill included: every name has its own whole photo. */
export function judgeNames(drive: Tree, card: Tree, note: Note): void {
  const known = new Set([...card].map(([path, hash]) => `${basename(path)} ${hash}`));
  const placed = new Map<string, string>();
  for (const [path, hash] of drive) {
    if (!known.has(`${basename(path)} ${hash}`)) note('wrong', `${path} is no file of the card`);
    const twin = placed.get(hash);
    // An empty file is a duplicate only of one of its own name.
    if (twin !== undefined && hash !== EMPTY) note('doubled', `${path} is ${twin}`);
    placed.set(hash, path);
  }
}

/** What a finished backup adds: every content of the card lies there, where it lay in a run without a fault. */
export function judgeWhole(drive: Tree, card: Tree, reference: Tree, note: Note): void {
  const there = new Set(drive.values());
  for (const [path, hash] of card) if (!there.has(hash)) note('lost', path);
  for (const path of drive.keys()) if (!reference.has(path)) note('wrong', `${path}: not where it belongs`);
}

export interface Journal {
  readonly facts: readonly Fact[];
  readonly rows: readonly HistoryRow[];
}

/** Reads a copy: looking at a journal that was cut off would recover it, which is the next run's own work. */
export function readJournal(state: string): Journal {
  const copy = mkdtempSync(join(tmpdir(), 'imagetank-fault-state-'));
  try {
    cpSync(state, copy, { recursive: true });
    const { log, history } = openSqliteStore(join(copy, JOURNAL_FILE));
    try {
      verifyChain(log.lines());
      return { facts: [...log.read()].map(({ fact }) => fact), rows: history.rows() };
    } finally {
      log.close();
    }
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** What the journal acknowledged is there, whatever happened since. */
export function judgeSettled(driveId: string | null, drive: Tree, facts: readonly Fact[], note: Note): void {
  for (const fact of facts) {
    if (fact.type !== 'FilesSettled' || fact.driveId !== driveId) continue;
    for (const { to, xxh64: hash } of [...fact.copied, ...fact.duplicates]) {
      if (drive.get(to) !== hash) note('lost', `${to}: settled in the journal`);
    }
  }
}

/** Nothing half done is left beside the photos. */
export function judgeLeftovers(drive: string, note: Note): void {
  const left = readdirSync(join(drive, '.imagetank/incoming'));
  if (left.length > 0) note('wrong', `incoming holds ${left.join(', ')}`);
  const lines = readFileSync(join(drive, DRIVE_JOURNAL), 'utf8').split('\n');
  if (lines.pop() !== '') note('wrong', 'the last line of the journal on the drive is torn');
  for (const line of lines) JSON.parse(line);
}

/** Every file in exactly one generation, with its hash; every generation in the chain, as the chain says, none empty. */
export async function judgeManifests(folder: string, drive: Tree, note: Note): Promise<void> {
  const source = await openFolderReader(folder);
  const listed = new Map<string, string | undefined>();
  const used = new Set<string>();
  for (const root of DRIVE_ROOTS) {
    const history = await openHistory(source, root);
    for await (const { path, hashes, generation } of history.files()) {
      used.add(generation.path);
      if (listed.has(path)) note('wrong', `${path}: in two generations`);
      listed.set(path, hashes.find(({ format }) => format === 'xxh64')?.value);
    }
    for (const { path } of history.generations) if (!used.has(path)) note('wrong', `${path}: lists no file`);
    for (const { path, why, detail } of history.problems) note('wrong', `${path}: ${why}, ${detail}`);
  }
  for (const [path, hash] of drive) {
    if (listed.get(path) !== hash) note('wrong', `${path}: the manifest says ${listed.get(path)}`);
  }
  for (const path of listed.keys()) if (!drive.has(path)) note('wrong', `${path}: in a manifest only`);
}
