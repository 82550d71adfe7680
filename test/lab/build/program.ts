import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { run } from '../process.ts';
import type { Cache } from './cache.ts';
import { keyOf, keyOfFolder } from './key.ts';

/** The same for every build: a guest that was saved before the program was attached knows the size of its disk. */
export const PROGRAM_BYTES = 96 << 20;

/** Parts of packages that no Debian on x64 loads. */
const NOT_SHIPPED = [
  /\/prebuilds\/(?!linux-x64(\/|$))/,
  /@photostructure\/sqlite\/(src|scripts)(\/|$)/,
  /\.map$/,
];

/** What other programs of the repository leave in `.build`. */
const NOT_PROGRAM = /^(bench(\/|$)|record\.js$|tests\.json$|.*\.log$)/;

export interface Program {
  readonly image: string;
  readonly id: string;
}

/** An ext4 image of what lies in /opt/imagetank: the bundle as built, and the packages it does not hold. */
export async function programImage(cache: Cache, project: string): Promise<Program> {
  const draft = join(cache.dir, `draft-${process.pid}-program`);
  rmSync(draft, { recursive: true, force: true });
  try {
    gather(project, draft);
    const key = keyOf([keyOfFolder(draft), String(PROGRAM_BYTES)]);
    const stage = await cache.stage('program', key, async (dir) => {
      const image = join(dir, 'draft.img');
      const options = ['-O', '^has_journal', '-m', '0', '-L', 'program'];
      await run('mke2fs', ['-q', '-t', 'ext4', ...options, '-d', draft, image, `${PROGRAM_BYTES / 1024}k`]);
      renameSync(image, join(dir, 'program.img'));
    });
    return { image: join(stage.dir, 'program.img'), id: stage.id };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

interface Manifest {
  readonly files?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What `npm install` would have put there: the package's own files, and the packages that the bundle leaves out. */
function gather(project: string, to: string): void {
  const manifest = readManifest(project);
  if (!existsSync(join(project, '.build', 'imagetank.js'))) {
    throw new Error('imagetank is not built: npm run build');
  }
  for (const name of ['package.json', ...(manifest.files ?? [])]) {
    copy(join(project, name), join(to, name), NOT_PROGRAM);
  }
  const externals = externalsOf(manifest.scripts?.['build'] ?? '').flatMap((name) =>
    installed(project, name),
  );
  for (const name of closure(project, externals)) {
    copy(join(project, 'node_modules', name), join(to, 'node_modules', name));
  }
}

/** Names after `--external:` in the build's command line. */
export function externalsOf(command: string): string[] {
  return [...command.matchAll(/--external:(\S+)/g)].map((match) => match[1] ?? '');
}

/** `@node-rs/xxhash-*` is every such package that is there. */
export function installed(project: string, name: string): string[] {
  if (!name.endsWith('*')) return [name];
  const folder = dirname(name);
  const found = readdirSync(join(project, 'node_modules', folder)).map((one) => `${folder}/${one}`);
  return found.filter((one) => one.startsWith(name.slice(0, -1)));
}

/** The packages and all that they need, as far as it is installed here: optional ones of other systems are not. */
function closure(project: string, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const folder = join(project, 'node_modules', name);
    if (found.has(name) || name.startsWith('@types/') || !existsSync(folder)) continue;
    found.add(name);
    const { dependencies, optionalDependencies } = readManifest(folder);
    queue.push(...Object.keys({ ...dependencies, ...optionalDependencies }));
  }
  return found;
}

function copy(from: string, to: string, skip: RegExp = /^$/): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const inside = relative(from, path).split(sep).join('/');
      return inside === '' || (!skip.test(inside) && !NOT_SHIPPED.some((part) => part.test(path)));
    },
  });
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
