import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What esbuild tells of a file that it wrote (https://esbuild.github.io/api/#metafile). */
interface Output {
  readonly entryPoint?: string;
  readonly imports: readonly {
    readonly path: string;
    readonly kind: string;
    readonly external?: boolean;
  }[];
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Of text that the daemon keeps in memory, in bytes: zod's JSON Schema is 32 kB of it, the search for parts of names 8. */
const MOST_TEXT = 1_820_000;

let folder: string;
/** Everything that a running daemon has loaded: the way of `imagetank run`, without what is imported when it is needed. */
let loaded: readonly (readonly [path: string, output: Output])[];

/** The program as `npm run build` makes it, in a folder of its own. */
function build(into: string): Readonly<Record<string, Output>> {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly build: string };
  };
  const esbuild = scripts.build.split(' && ').find((command) => command.startsWith('esbuild '));
  if (esbuild === undefined) throw new Error('the build does not use esbuild');
  const meta = join(into, 'meta.json');
  const command = `${esbuild.replace('--outdir=.build', '--outdir="$INTO"')} --metafile="$META"`;
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`;
  execFileSync('sh', ['-c', command], {
    cwd: ROOT,
    env: { ...process.env, PATH: path, INTO: into, META: meta },
  });
  return (JSON.parse(readFileSync(meta, 'utf8')) as { readonly outputs: Record<string, Output> }).outputs;
}

/** A file and all that it imports by a statement, which is loaded with it. */
function closure(outputs: Readonly<Record<string, Output>>, entryPoint: string): readonly string[] {
  const found = new Set<string>();
  const visit = (path: string) => {
    const output = outputs[path];
    if (output === undefined || found.has(path)) return;
    found.add(path);
    for (const { path: next, kind } of output.imports) if (kind === 'import-statement') visit(next);
  };
  for (const [path, output] of Object.entries(outputs)) if (output.entryPoint === entryPoint) visit(path);
  if (found.size === 0) throw new Error(`${entryPoint} begins no file`);
  return [...found];
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-bundle-'));
  const outputs = build(folder);
  const entries = ['bin/imagetank.ts', 'bin/cli/program.ts', 'bin/cli/run.ts', 'bin/daemon.ts'];
  const paths = new Set(entries.flatMap((entry) => closure(outputs, entry)));
  loaded = [...paths].map((path) => [path, outputs[path] as Output]);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (path: string) => readFileSync(join(folder, basename(path)), 'utf8');
const inputs = () =>
  loaded.flatMap(([, output]) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );

describe('what a daemon at rest has loaded', () => {
  test('is the daemon', () => {
    expect(inputs()).toContain('services/runtime/runtime.ts');
    expect(inputs().some((path) => path.includes('node_modules/fastify/'))).toBe(true);
  });

  test.each([
    ['drawings', 'node_modules/@viz-js/'],
    ['the reader of photos, which has a process of its own', 'node_modules/exifr/'],
    ['the library about machines', 'node_modules/systeminformation/'],
    [
      'compilers of schemas',
      'node_modules/(ajv|@fastify/ajv-compiler|@fastify/fast-json-stringify-compiler)/',
    ],
    ['a second logger', 'node_modules/pino/'],
    ['a client for tests', 'node_modules/light-my-request/'],
    ['error messages in other languages', 'node_modules/zod/v4/locales/(?!en\\.)'],
    ['all of rxjs', 'node_modules/rxjs/dist/(cjs|esm5)/'],
    ['the demo', 'bin/demo\\.ts'],
    ['what prints the diagram', 'bin/cli/diagram\\.ts'],
  ])('is not %s', (_what, pattern) => {
    expect(inputs().filter((path) => new RegExp(pattern).test(path))).toEqual([]);
  });

  test('imports of Node what it needs, and packages by require only: their text would be read by a lexer of 8 MB', () => {
    const named = loaded.flatMap(([path]) =>
      [...text(path).matchAll(/(?:^|;|\n)import[^"'()]*["']([^"']+)["']/g)].map(([, name = '']) => name),
    );
    const builtin = named.filter((name) => !name.startsWith('./'));
    expect(builtin).toContain('node:http');
    expect(builtin.filter((name) => !isBuiltin(name))).toEqual([]);
  });

  test('has no servers for TLS, which would load the TLS of Node', () => {
    const asked = loaded.filter(([path]) => /["']node:(https|http2|tls)["']/.test(text(path)));
    expect(asked.map(([path]) => path)).toEqual([]);
  });

  test('is text of one byte a letter: a single other letter doubles all of its file in memory', () => {
    const wide = loaded.filter(([path]) => /[\u0100-\uffff]/.test(text(path)));
    expect(wide.map(([path]) => path)).toEqual([]);
  });

  test('is little text', () => {
    const bytes = loaded.reduce((sum, [path]) => sum + text(path).length, 0);
    expect(bytes).toBeLessThan(MOST_TEXT);
  });
});
