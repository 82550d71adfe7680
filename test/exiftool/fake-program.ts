import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface FakeProgram {
  readonly program: string;
  /** A line for each start (`start PID`) and each file that it was asked for. */
  log(): Promise<readonly string[]>;
}

/** `say` writes what it answers of the file at `path` with this model; the JavaScript in `onFile` decides. */
export const SAY = "say(path, { 'IFD0:Model': 'E775' });";

/** Speaks as `exiftool -stay_open True -@ -` does: arguments a line, `-execute`, an answer, `{ready}`. */
export async function fakeProgram(folder: string, onFile = SAY, atStart = ''): Promise<FakeProgram> {
  const program = join(folder, 'exiftool');
  const log = join(folder, 'log');
  const text = `#!${process.execPath}
    const { appendFileSync } = require('node:fs');
    const note = (text) => appendFileSync(${JSON.stringify(log)}, text + '\\n');
    note('start ' + process.pid);
    ${atStart}
    const out = (text) => process.stdout.write(text);
    const say = (path, tags) => out(JSON.stringify([{ SourceFile: path, ...tags }]) + '\\n{ready}\\n');
    let lines = [];
    const answer = (args) => {
      if (args.includes('-ver')) return out('12.57\\n{ready}\\n');
      if (args.includes('False')) process.exit(0);
      const path = args.at(-1);
      note(path);
      ${onFile}
    };
    let rest = '';
    process.stdin.on('data', (bytes) => {
      const all = (rest + bytes).split('\\n');
      rest = all.pop();
      for (const line of all) {
        if (line === '-execute') answer(lines.splice(0));
        else lines.push(line);
        if (line === 'False') process.exit(0);
      }
    });
    process.stdin.on('end', () => process.exit(0));
  `;
  await writeFile(program, text, { mode: 0o755 });
  return {
    program,
    log: async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean),
  };
}

export function isAlive(start: string | undefined): boolean {
  try {
    return process.kill(Number(start?.split(' ')[1]), 0);
  } catch {
    return false;
  }
}
