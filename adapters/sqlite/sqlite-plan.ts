import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RelativePath } from '../../machines/ids.ts';
import type { FailedFile } from '../../machines/media.ts';
import type {
  Decision,
  GroupState,
  PlannedFile,
  PlanStore,
  StoredGroup,
} from '../../services/backup/ports.ts';
import { JournalError } from '../../services/errors.ts';
import type { ShotGroup } from '../../services/library/groups.ts';
import type { CardPath } from '../../services/media-ports.ts';
import { type Database, openDatabase, type Row, type SqlValue, type Statement } from './database.ts';
import { journalErrorOf } from './sqlite-error.ts';

/** Groups fetched at once: no cursor stays open while something is decided. */
const PAGE = 128;

/**
 * Nothing here outlives the process, so nothing is synced. SQLite refuses `journal_mode = OFF` in its defensive mode;
 * in memory it holds the pages of one small transaction. The page cache is 2 MiB.
 */
const SETTINGS =
  'PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -2048';

/** `age` is the time of the newest file, negated: one direction for the whole key. */
const TABLES = `
  CREATE TABLE groups (
    number INTEGER PRIMARY KEY,
    age REAL NOT NULL,
    time REAL GENERATED ALWAYS AS (-age) VIRTUAL,
    urgency INTEGER,
    states TEXT NOT NULL DEFAULT ''
  ) STRICT;
  CREATE INDEX groups_copying ON groups (urgency, age, number) WHERE urgency IS NOT NULL;
  CREATE TABLE files (
    number INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    n INTEGER NOT NULL,
    path TEXT NOT NULL,
    raw TEXT,
    size INTEGER NOT NULL,
    mtime REAL NOT NULL,
    PRIMARY KEY (number, rank)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE unreadable (n INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
`;

const ORDERS = {
  scan: { key: 'number', only: '1' },
  newest: { key: 'age, number', only: '1' },
  copying: { key: 'urgency, age, number', only: 'urgency IS NOT NULL' },
  counting: { key: 'urgency, time, number', only: 'urgency IS NOT NULL' },
} as const;

type Order = keyof typeof ORDERS;

/** Opens plans; each call gives one that nobody else has. Throws `JournalError`. */
export function sqlitePlans(stateDir: string): () => PlanStore {
  // With the package, a closed file stays open in the kernel until its statements are collected: plans are used again.
  const spare: SqlitePlan[] = [];
  return () => {
    const plan = spare.pop() ?? openSqlitePlan(stateDir);
    const close = (): void => {
      if (plan.empty()) spare.push(plan);
    };
    return leased(plan, close);
  };
}

/** The plan until it is closed, once; what follows is an error. */
function leased(plan: SqlitePlan, close: () => void): PlanStore {
  let isOpen = true;
  const open = (): SqlitePlan => {
    if (!isOpen) throw new JournalError('io', null, 'the plan of this backup is closed');
    return plan;
  };
  return {
    addGroups: (groups) => open().addGroups(groups),
    addUnreadable: (failures) => open().addUnreadable(failures),
    groups: (order) => open().groups(order),
    unreadable: () => open().unreadable(),
    decide: (decisions) => open().decide(decisions),
    find: (file) => open().find(file),
    close: () => {
      if (isOpen) close();
      isOpen = false;
    },
  };
}

/**
 * The plan of one backup in a file of the state folder that has no name any more: however the process ends, the
 * system gives its room back.
 */
function openSqlitePlan(stateDir: string): SqlitePlan {
  const path = join(stateDir, `plan-${randomUUID()}.tmp`);
  let db: Database | null = null;
  let fd: number | null = null;
  try {
    mkdirSync(stateDir, { recursive: true });
    db = openDatabase(path, false);
    db.exec(`${SETTINGS}; BEGIN; ${TABLES} COMMIT`);
    fd = openSync(path, 'r+');
    return new SqlitePlan(db, fd, path);
  } catch (error) {
    db?.close();
    if (fd !== null) closeSync(fd);
    throw journalErrorOf(error, path);
  } finally {
    removeName(path);
  }
}

function removeName(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It was never made: the error of making it is on its way.
  }
}

class SqlitePlan {
  readonly #db: Database;
  readonly #path: string;
  readonly #add: Readonly<Record<'group' | 'file' | 'failure' | 'decide', Statement>>;
  readonly #fd: number;
  #groups = 0;
  #isBroken = false;

  constructor(db: Database, fd: number, path: string) {
    this.#db = db;
    this.#fd = fd;
    this.#path = path;
    this.#add = {
      group: db.prepare('INSERT INTO groups (number, age) VALUES (?, ?)'),
      file: db.prepare(
        'INSERT INTO files (number, rank, n, path, raw, size, mtime) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      failure: db.prepare('INSERT INTO unreadable (entry) VALUES (?)'),
      decide: db.prepare('UPDATE groups SET urgency = ?, states = ? WHERE number = ?'),
    };
  }

  addGroups(groups: readonly ShotGroup<PlannedFile>[]): void {
    this.#together(() => {
      for (const { members } of groups) {
        const number = this.#groups;
        this.#groups += 1;
        this.#add.group.run(number, -Math.max(...members.map(({ mtimeMs }) => mtimeMs)));
        for (const [rank, file] of members.entries()) {
          const { index, path, pathBase64 = null, sizeBytes, mtimeMs } = file;
          this.#add.file.run(number, rank, index, path, pathBase64, sizeBytes, mtimeMs);
        }
      }
    });
  }

  addUnreadable(failures: readonly FailedFile[]): void {
    this.#together(() => {
      for (const failure of failures) this.#add.failure.run(JSON.stringify(failure));
    });
  }

  decide(decisions: readonly Decision[]): void {
    this.#together(() => {
      for (const { number, states, urgent } of decisions)
        this.#add.decide.run(Number(!urgent), states.join(' '), number);
    });
  }

  *groups(order: Order): Generator<StoredGroup> {
    const { key, only } = ORDERS[order];
    const columns = key.split(', ');
    const places = columns.map(() => '?').join(', ');
    // Each step of the order is an index: nothing is ever sorted as a whole.
    if (order === 'newest')
      this.#guard(() => this.#db.exec('CREATE INDEX IF NOT EXISTS groups_newest ON groups (age, number)'));
    if (order === 'counting')
      this.#guard(() =>
        this.#db.exec(
          'CREATE INDEX IF NOT EXISTS groups_counting ON groups (urgency, time, number) WHERE urgency IS NOT NULL',
        ),
      );
    const page = this.#guard(() =>
      this.#db.prepare(
        `SELECT page.*, files.* FROM (
           SELECT * FROM groups WHERE ${only} AND (${key}) > (${places}) ORDER BY ${key} LIMIT ${PAGE}
         ) AS page JOIN files ON files.number = page.number
         ORDER BY ${columns.map((column) => `page.${column}`).join(', ')}, files.rank`,
      ),
    );
    let last: readonly SqlValue[] = columns.map(() => -Number.MAX_VALUE);
    for (;;) {
      const rows = this.#guard(() => page.all(...last));
      const end = rows.at(-1);
      if (end === undefined) return;
      yield* groupsOf(rows);
      last = columns.map((column) => end[column] ?? null);
    }
  }

  *unreadable(): Generator<FailedFile> {
    const page = this.#guard(() =>
      this.#db.prepare(`SELECT n, entry FROM unreadable WHERE n > ? ORDER BY n LIMIT ${PAGE}`),
    );
    for (let last = 0; ; ) {
      const rows = this.#guard(() => page.all(last));
      for (const row of rows) yield JSON.parse(String(row['entry'])) as FailedFile;
      if (rows.length < PAGE) return;
      last = Number(rows.at(-1)?.['n']);
    }
  }

  find({ path, pathBase64 }: CardPath): PlannedFile | null {
    const row = this.#guard(() => {
      // Asked for only when a card changed under the backup: it is not worth its price before.
      this.#db.exec('CREATE INDEX IF NOT EXISTS files_path ON files (path)');
      return this.#db
        .prepare('SELECT * FROM files WHERE path = ? AND raw IS ?')
        .get(path, pathBase64 ?? null);
    });
    return row === undefined ? null : fileOf(row);
  }

  /** Gives its room back and is as new; false when it is of no use any more. */
  empty(): boolean {
    try {
      if (this.#isBroken) throw new Error('an earlier error');
      this.#db.exec(`DELETE FROM groups; DELETE FROM files; DELETE FROM unreadable;
        DROP INDEX IF EXISTS groups_newest; DROP INDEX IF EXISTS groups_counting; DROP INDEX IF EXISTS files_path; VACUUM`);
      this.#groups = 0;
      return true;
    } catch {
      this.#db.close();
      ftruncateSync(this.#fd, 0);
      closeSync(this.#fd);
      return false;
    }
  }

  #together(work: () => void): void {
    this.#guard(() => {
      this.#db.exec('BEGIN');
      work();
      this.#db.exec('COMMIT');
    });
  }

  /** After an error the plan is of no use any more: nothing is rolled back. */
  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.#isBroken = true;
      throw journalErrorOf(error, this.#path);
    }
  }
}

function* groupsOf(rows: readonly Row[]): Generator<StoredGroup> {
  for (let start = 0; start < rows.length; ) {
    const number = Number(rows[start]?.['number']);
    let end = start;
    while (end < rows.length && rows[end]?.['number'] === number) end += 1;
    const states = String(rows[start]?.['states']);
    yield {
      number,
      group: { members: rows.slice(start, end).map(fileOf) },
      states: states === '' ? [] : (states.split(' ') as GroupState[]),
    };
    start = end;
  }
}

function fileOf(row: Row): PlannedFile {
  const raw = row['raw'];
  return {
    kind: 'file',
    index: Number(row['n']),
    path: row['path'] as RelativePath,
    ...(raw === null ? {} : { pathBase64: String(raw) }),
    sizeBytes: Number(row['size']),
    mtimeMs: Number(row['mtime']),
  };
}
