import { Buffer } from 'node:buffer';
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '../../machines/facts.ts';
import { DRIVE_ROOTS } from '../../services/manifest/names.ts';
import {
  hashOf,
  type Journal,
  judgeLeftovers,
  judgeManifests,
  judgeSettled,
  type Note,
  readJournal,
  type Tree,
  treeOf,
} from './judge.ts';
import type { Ended } from './program.ts';
import { FOREIGN, type UploadScene } from './uploads.ts';
import { driveIdOf } from './verdict.ts';

/** What a scene looked like before and after runs without faults. */
export interface UploadReference {
  /** Contents that clients put there, by their hashes. */
  readonly uploads: ReadonlySet<string>;
  /** The library at the end. */
  readonly library: Tree;
}

const TAKEN = '.imagetank/taken';

/** Path below a folder, its bytes as latin1, → XXH64: names need not be UTF-8. */
export function rawTree(root: string): Tree {
  const files = new Map<string, string>();
  const walk = (folder: string): void => {
    const at = Buffer.from(`${root}/${folder}`, 'latin1');
    const entries = readdirSync(at, {
      withFileTypes: true,
      encoding: 'buffer',
    }) as unknown as Dirent<Buffer>[];
    for (const entry of entries) {
      const path = `${folder}${entry.name.toString('latin1')}`;
      if (entry.isDirectory()) walk(`${path}/`);
      else files.set(path, hashOf(readFileSync(Buffer.from(`${root}/${path}`, 'latin1'))));
    }
  };
  if (existsSync(root)) walk('');
  return files;
}

export const libraryOf = ({ drive }: UploadScene): Tree => treeOf(drive, DRIVE_ROOTS);
export const uploadsIn = ({ drive }: UploadScene): ReadonlySet<string> =>
  new Set([...rawTree(join(drive, 'inbox')).values(), ...rawTree(join(drive, TAKEN)).values()]);

/** What holds at any moment: each upload lies somewhere, whole; the library has none twice and under no other's name. */
export function judgeUploads(
  scene: UploadScene,
  { uploads, library }: UploadReference,
  note: Note,
): Journal | null {
  const [inInbox, inTaken] = [rawTree(join(scene.drive, 'inbox')), rawTree(join(scene.drive, TAKEN))];
  const photos = libraryOf(scene);
  const anywhere = new Set([...inInbox.values(), ...inTaken.values(), ...photos.values()]);
  for (const hash of uploads) if (!anywhere.has(hash)) note('lost', `an upload (${hash})`);
  const placed = new Map<string, string>();
  for (const [path, hash] of photos) {
    if (library.get(path) !== hash) note('wrong', `${path} is not what belongs there`);
    const twin = placed.get(hash);
    if (twin !== undefined) note('doubled', `${path} is ${twin}`);
    placed.set(hash, path);
  }
  const journal = existsSync(join(scene.state, 'journal.db')) ? readJournal(scene.state) : null;
  const facts = journal?.facts ?? [];
  judgeSettled(driveIdOf(scene.drive), photos, facts, note);
  judgeClaims(facts, inTaken, photos, note);
  return journal;
}

/** What is said to be taken is in the library or was given back, what is said to be removed lies in `taken` no more. */
function judgeClaims(facts: readonly Fact[], inTaken: Tree, photos: Tree, note: Note): void {
  const safe = new Set(photos.values());
  const settled = new Map<string, string>();
  for (const fact of facts) {
    if (fact.type === 'FilesSettled')
      for (const { path, xxh64 } of [...fact.copied, ...fact.duplicates])
        settled.set(`${fact.backupId}/${path}`, xxh64);
    if (fact.type === 'InboxTaken')
      for (const path of fact.files) {
        const hash = settled.get(`${fact.backupId}/${path}`);
        if (hash === undefined || !safe.has(hash))
          note('wrong', `${path} was taken and is not in the library`);
      }
    if (fact.type !== 'InboxCleared') continue;
    for (const path of fact.removed)
      if (inTaken.has(`${fact.backupId}/${path}`)) note('wrong', `${path} was removed and is still there`);
    for (const { path, as } of fact.putBack)
      if (inTaken.has(`${fact.backupId}/${path}`))
        note('wrong', `${path} was put back as ${as} and is still taken`);
  }
  // Taken files are in the library, or changed since.
  for (const [path, hash] of inTaken)
    if (!safe.has(hash) && settled.get(path) === hash)
      note('wrong', `${path} is taken and not in the library`);
}

/** After runs without faults: everything is in the library once, as in a run without any, and nothing is left behind. */
export async function judgeQuiet(
  scene: UploadScene,
  ended: Ended,
  reference: UploadReference,
  note: Note,
): Promise<void> {
  const { words, errors, code } = ended;
  if (code !== 0 || words?.light !== 'ready')
    return note('wrong', `started again it ended with ${code}, ${JSON.stringify(words)}: ${errors}`);
  const photos = libraryOf(scene);
  for (const [path, hash] of reference.library)
    if (photos.get(path) !== hash) note('lost', `${path} is not in the library`);
  for (const folder of ['inbox', TAKEN])
    for (const path of rawTree(join(scene.drive, folder)).keys()) note('wrong', `${folder}/${path} is left`);
  judgeLeftovers(scene.drive, note);
  const ours = new Map([...photos].filter(([path]) => path !== FOREIGN.path));
  await judgeManifests(scene.drive, ours, note);
}
