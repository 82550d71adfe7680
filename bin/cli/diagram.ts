import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { svgOf } from '../../adapters/viz/svg.ts';
import { diagramFile, diagramOf, TEXT_FORMATS, type TextFormat } from '../../services/diagrams/diagrams.ts';
import { MACHINES, type MachineName } from '../../services/diagrams/machines.ts';
import { messageOf, UserError } from '../../services/errors.ts';
import type { Action, Cli } from './cli.ts';

type Format = TextFormat | 'svg';
const FORMATS: readonly Format[] = [...TEXT_FORMATS, 'svg'];
/** Where the project keeps them. */
const FOLDER = 'diagrams';

export const diagram: Action = async (cli, _args, { machine, format, out, check }) => {
  const machines = chosen('--machine', machine, MACHINES);
  const formats = chosen('--format', format, FORMATS);
  const folder = typeof out === 'string' ? resolve(out) : null;
  if (check === true) return checkFiles(cli, folder ?? resolve(FOLDER), machines, formats);
  if (folder !== null) return writeFiles(cli, folder, machines, formats);
  const [one = 'appliance'] = machines;
  const text = await draw(one, typeof format === 'string' ? (formats[0] ?? 'mermaid') : 'mermaid');
  cli.answer({ machine: one, text }, () => text.trimEnd().split('\n'));
  return 0;
};

/** The one that was named, or all. Throws 64. */
function chosen<Name extends string>(flag: string, value: unknown, names: readonly Name[]): readonly Name[] {
  if (value === undefined) return names;
  const found = names.filter((name) => name === value);
  if (found.length > 0) return found;
  throw new UserError('usage', 64, `${flag} ${String(value)} is unknown`, `one of: ${names.join(', ')}`);
}

const draw = async (machine: MachineName, format: Format): Promise<string> =>
  format === 'svg' ? svgOf(diagramOf(machine, 'dot')) : diagramOf(machine, format);

async function* files(
  machines: readonly MachineName[],
  formats: readonly Format[],
): AsyncGenerator<{ readonly name: string; readonly text: string }> {
  for (const machine of machines) {
    for (const format of formats)
      yield { name: diagramFile(machine, format), text: await draw(machine, format) };
  }
}

async function writeFiles(
  cli: Cli,
  folder: string,
  machines: readonly MachineName[],
  formats: readonly Format[],
): Promise<number> {
  const written: string[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    for await (const { name, text } of files(machines, formats)) {
      writeFileSync(join(folder, name), text);
      written.push(join(folder, name));
    }
  } catch (error) {
    throw new UserError(
      'cannot-create',
      73,
      `${folder}: ${messageOf(error)}`,
      'name another folder: --out DIR',
      error,
    );
  }
  cli.answer({ written }, () => written);
  return 0;
}

/** 1 when a file is missing or differs from what the charts give now. */
async function checkFiles(
  cli: Cli,
  folder: string,
  machines: readonly MachineName[],
  formats: readonly Format[],
): Promise<number> {
  const stale: string[] = [];
  for await (const { name, text } of files(machines, formats)) {
    if (readOrNull(join(folder, name)) !== text) stale.push(join(folder, name));
  }
  const words =
    stale.length === 0 ? ['all diagrams are as the charts'] : stale.map((path) => `stale: ${path}`);
  cli.answer({ ok: stale.length === 0, stale }, () => words);
  return stale.length === 0 ? 0 : 1;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
