import { appendFile, copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore } from '../../../adapters/sqlite/sqlite-store.ts';
import { verifyChain } from '../../../services/journal/chain.ts';
import { DRIVE_JOURNAL } from '../../../services/manifest/names.ts';
import { quickFolder } from '../../backup/world.ts';
import { file, finished, planned, settled, stamped, started } from '../../journal/facts.ts';
import { openBox } from '../box.ts';
import type { Note } from '../judge.ts';
import { spread } from '../random.ts';
import { Score, type Stage } from '../stage.ts';

const PARTS = ['', '-wal', '-shm'];
/** Of the daemon's journal; that of a drive is tried at every byte in any case. */
const SHORT_CUTS = 200;

/** The last record of a journal, torn at each of its bytes: what was acknowledged before stands, and it goes on. */
export const stage: Stage = {
  name: 'journal',
  run: async ({ full, seed, print }) => {
    const score = new Score(print);
    const folder = await mkdtemp(join(quickFolder(), 'imagetank-fault-'));
    try {
      await tearDatabase(folder, full ? Number.POSITIVE_INFINITY : SHORT_CUTS, seed, score);
    } finally {
      await rm(folder, { recursive: true });
    }
    await tearDriveJournal(score);
    return score.figures();
  },
};

async function tearDatabase(folder: string, limit: number, seed: number, score: Score): Promise<void> {
  const path = join(folder, 'journal.db');
  const live = openSqliteStore(path);
  await live.log.append(stamped([started(), planned('b1'), settled('b1', { copied: [file('a.jpg')] })]));
  const { size: acknowledged } = await stat(`${path}-wal`);
  await live.log.append(stamped([settled('b1', { copied: [file('b.jpg')] }), finished('b1')]));
  const log = await readFile(`${path}-wal`);
  const cuts = Array.from({ length: log.length - acknowledged }, (_, at) => acknowledged + at);
  const torn = join(folder, 'torn.db');
  for (const cut of spread(cuts, limit, seed)) {
    const note: Note = (harm, text) => score.note(harm, `journal torn at ${cut} of ${log.length}: ${text}`);
    await copyFile(path, torn);
    await writeFile(`${torn}-wal`, log.subarray(0, cut));
    try {
      await judgeDatabase(torn, note);
    } catch (error) {
      note('wrong', String(error));
    }
    score.tried();
    for (const part of PARTS) await rm(torn + part, { force: true });
  }
  live.log.close();
}

/** The first batch and nothing of the second; the next record follows it. */
async function judgeDatabase(path: string, note: Note): Promise<void> {
  const store = openSqliteStore(path);
  try {
    const { seq } = store.log.head();
    if (seq < 3) note('lost', `${seq} of 3 acknowledged records`);
    if (seq > 3) note('wrong', `${seq - 3} records of a batch that was not committed`);
    if (store.history.rows().at(-1)?.outcome != null) note('wrong', 'the history calls the backup over');
    await store.log.append(stamped([started()]));
    if (verifyChain(store.log.lines()).seq !== seq + 1) note('wrong', 'the chain does not go on');
  } finally {
    store.log.close();
  }
}

/** A torn line that was never acknowledged is dropped by the next append. */
async function tearDriveJournal(score: Score): Promise<void> {
  const box = await openBox(new Map());
  try {
    const { drive } = box.world;
    const path = join(drive.drive.path, DRIVE_JOURNAL);
    const [first, last, next] = ['{"seq":1}', '{"seq":2,"note":"é😀"}', '{"seq":3}'];
    for (let cut = 0; cut < Buffer.byteLength(last) + 1; cut += 1) {
      await drive.appendOwn(DRIVE_JOURNAL, [first]);
      await appendFile(path, Buffer.from(last).subarray(0, cut));
      await drive.appendOwn(DRIVE_JOURNAL, [next]);
      const text = await readFile(path, 'utf8');
      if (text !== `${first}\n${next}\n`)
        score.note('wrong', `the drive's journal, torn at ${cut}: ${JSON.stringify(text)}`);
      score.tried();
      await truncate(path, 0);
    }
  } finally {
    await box.remove();
  }
}
