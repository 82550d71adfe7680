import { isFileFact } from '../../machines/facts.ts';
import { JournalError } from '../../services/errors.ts';
import { CHAIN_START, type ChainEnd, followBytes } from '../../services/journal/chain.ts';
import { damaged, hashLine, parseLine, sealAll } from '../../services/journal/record.ts';
import type { EventLog, ReadQuery, StampedFact } from '../../services/ports.ts';
import type { Database, Row, Statement } from './database.ts';
import type { ModelWriter } from './model-writer.ts';
import { getMeta, setMeta } from './schema.ts';
import { journalErrorOf } from './sqlite-error.ts';

/** Rows fetched at once, in number and in bytes of their lines: no cursor stays open while facts are appended. */
const PAGE = 500;
const PAGE_BYTES = 512 * 1024;
/**
 * How much of the chain is followed when the journal is opened; `log verify` follows all of it. A record of a backup
 * has 50 KB: 1,000 of those would be half of the time of a start, and 40 MB of memory that the daemon never gives back.
 */
const CHECKED_TAIL = 1000;
const CHECKED_TAIL_BYTES = 4 * 1024 * 1024;

interface Writer {
  readonly models: ModelWriter;
  readonly insert: Statement;
}

/** The journal in one table: the line as it was hashed, and what is needed to find it. */
export class SqliteLog implements EventLog {
  readonly #db: Database;
  readonly #path: string;
  #writer: Writer | null = null;
  #end: ChainEnd;

  /** For reading. Throws `JournalError` `damaged` or `newer`. */
  constructor(db: Database, path: string) {
    this.#db = db;
    this.#path = path;
    this.#end = this.#checkTail();
  }

  /** From now on it can be appended to, and each record reaches the read models. */
  writeWith(models: ModelWriter): void {
    const sql = 'INSERT INTO journal (seq, stream, about_files, line) VALUES (?, ?, ?, ?)';
    this.#writer = { models, insert: this.#db.prepare(sql) };
  }

  async append(facts: readonly StampedFact[]) {
    if (this.#writer === null) throw new JournalError('io', null, `${this.#path} is open for reading only`);
    const { models, insert } = this.#writer;
    const sealed = sealAll(facts, this.#end);
    const end = sealed.map(({ record, hash }) => ({ seq: record.seq, hash })).at(-1) ?? this.#end;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const { record, line } of sealed) {
        insert.run(record.seq, record.stream, Number(isFileFact(record.fact)), line);
        models.apply(record);
      }
      setMeta(this.#db, 'head', end.hash);
      this.#db.exec('COMMIT');
    } catch (error) {
      // A failed COMMIT may have rolled back already; then there is nothing left to do.
      this.#try('ROLLBACK');
      throw journalErrorOf(error, this.#path);
    }
    this.#end = end;
    return sealed.map(({ record }) => record);
  }

  *read(query: ReadQuery = {}) {
    for (const { seq, line } of this.#rows(query)) yield parseLine(line, seq);
  }

  *lines(query: Omit<ReadQuery, 'skipFileFacts'> = {}) {
    for (const { line } of this.#rows(query)) yield line;
  }

  head(): ChainEnd {
    return this.#end;
  }

  /** Leaves all of it in one file, for whoever copies that; where this fails, the write-ahead log still has it. */
  close(): void {
    if (this.#writer !== null) this.#try('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#db.close();
  }

  *#rows({ after = 0, limit = Number.POSITIVE_INFINITY, stream, skipFileFacts }: ReadQuery) {
    const filters = [
      stream === undefined ? '' : 'AND stream = ?',
      skipFileFacts === true ? 'AND about_files = 0' : '',
    ];
    const where = `FROM journal WHERE seq > ? ${filters.join(' ')} ORDER BY seq LIMIT ?`;
    // The length of a line is told without reading the line.
    const lengths = this.#guard(() => this.#db.prepare(`SELECT octet_length(line) AS bytes ${where}`));
    const lines = this.#guard(() => this.#db.prepare(`SELECT seq, line ${where}`));
    let last = after;
    for (let left = limit; left > 0; ) {
      const next = (count: number) => (stream === undefined ? [last, count] : [last, stream, count]);
      const sizes = this.#guard(() => lengths.all(...next(Math.min(PAGE, left))));
      if (sizes.length === 0) return;
      const page = this.#guard(() => lines.all(...next(countWithin(sizes, PAGE_BYTES))));
      for (const row of page) {
        last = Number(row['seq']);
        yield { seq: last, line: String(row['line']) };
      }
      left -= page.length;
    }
  }

  /** In one transaction, because another process may append meanwhile. */
  #checkTail(): ChainEnd {
    this.#guard(() => this.#db.exec('BEGIN'));
    try {
      return this.#followTail();
    } finally {
      this.#try('ROLLBACK');
    }
  }

  /** Follows the end of the chain, so that a journal that was cut or edited lately is not written on. */
  #followTail(): ChainEnd {
    const row = this.#guard(() =>
      this.#db.prepare('SELECT max(seq) AS last, count(*) AS records FROM journal').get(),
    );
    const records = Number(row?.['records'] ?? 0);
    const last = Number(row?.['last'] ?? 0);
    if (records !== last) throw damaged(last, `${last - records} records are missing`);
    const tail = this.#guard(() =>
      this.#db
        .prepare('SELECT octet_length(line) AS bytes FROM journal ORDER BY seq DESC LIMIT ?')
        .all(CHECKED_TAIL),
    );
    const before = last - countWithin(tail, CHECKED_TAIL_BYTES);
    const from = before === 0 ? CHAIN_START : this.#endAt(before);
    const end = followBytes(from, this.lines({ after: before }));
    const head = this.#guard(() => getMeta(this.#db, 'head'));
    if (head !== end.hash) throw damaged(last, 'it is not the record that was written last');
    return end;
  }

  #endAt(seq: number): ChainEnd {
    const [line = ''] = [...this.lines({ after: seq - 1, limit: 1 })];
    return { seq, hash: hashLine(line) };
  }

  #guard<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw journalErrorOf(error, this.#path);
    }
  }

  #try(sql: string): void {
    try {
      this.#db.exec(sql);
    } catch {
      return;
    }
  }
}

/** How many of the first lines are no more than `maxBytes` together; at least one, where there is one. */
function countWithin(lines: readonly Row[], maxBytes: number): number {
  let bytes = 0;
  const tooMany = lines.findIndex((line) => {
    bytes += Number(line['bytes']);
    return bytes > maxBytes;
  });
  return tooMany === -1 ? lines.length : Math.max(1, tooMany);
}
