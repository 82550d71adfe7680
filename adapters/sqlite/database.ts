import { createRequire } from 'node:module';

/** The part of `DatabaseSync` that we use: the same in `node:sqlite` and in `@photostructure/sqlite`. */
export interface Statement {
  run(...values: readonly SqlValue[]): { readonly changes: number | bigint };
  get(...values: readonly SqlValue[]): Row | undefined;
  all(...values: readonly SqlValue[]): readonly Row[];
}

export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, SqlValue>>;

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

type Constructor = new (path: string, options?: { readonly readOnly?: boolean }) => Database;

/** `node:sqlite` where the runtime has it (22.5 and later), else the package with the same interface. */
function loadConstructor(): Constructor {
  const require = createRequire(import.meta.url);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const name = major > 22 || (major === 22 && minor >= 5) ? 'node:sqlite' : '@photostructure/sqlite';
  return (require(name) as { readonly DatabaseSync: Constructor }).DatabaseSync;
}

let DatabaseSync: Constructor | null = null;

/**
 * Statements are prepared once for each text; our texts are few. With the package, a closed file stays open in the
 * kernel until its statements are collected, because it cannot finalise them: nothing may rely on what closing does.
 */
export function openDatabase(path: string, readOnly: boolean): Database {
  DatabaseSync ??= loadConstructor();
  const database = new DatabaseSync(path, { readOnly });
  const statements = new Map<string, Statement>();
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => {
      const statement = statements.get(sql) ?? database.prepare(sql);
      statements.set(sql, statement);
      return statement;
    },
    close: () => {
      statements.clear();
      database.close();
    },
  };
}
