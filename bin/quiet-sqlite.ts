/** Node 22 and 24 announce on standard error that node:sqlite is experimental; errors there are one line of ours. */
export function quietSqlite(): void {
  const emit = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes('SQLite is an experimental feature')) emit(warning, ...rest);
  }) as typeof process.emitWarning;
}
