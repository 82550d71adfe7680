import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { c4OfText } from '../../services/manifest/c4.ts';
import { createManifestHash } from '../../services/manifest/hashers.ts';
import type { HashFormat } from '../../services/manifest/mhl-reader.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';

export interface FixtureFile {
  readonly path: string;
  readonly content: string;
  readonly action?: 'original' | 'verified' | 'failed';
  readonly previousPath?: string;
}

export interface FixtureGeneration {
  readonly files: readonly FixtureFile[];
  readonly formats: readonly HashFormat[];
  readonly ignored?: readonly string[];
  /** Generations of histories further down, by path below this root. */
  readonly references?: readonly { readonly path: string; readonly text: string }[];
}

/** The order that the schema asks for. */
const ORDER: readonly HashFormat[] = ['c4', 'md5', 'sha1', 'xxh128', 'xxh3', 'xxh64'];
const DATE = '2020-01-16T09:15:00+00:00';

export function digestOf(format: HashFormat, content: string): string {
  const hash = createManifestHash(format);
  hash.update(Buffer.from(content));
  return hash.digest();
}

function fileText(
  { path, content, action = 'original', previousPath }: FixtureFile,
  formats: readonly HashFormat[],
): string {
  const hashes = ORDER.filter((format) => formats.includes(format)).map(
    (format) => `<${format} action="${action}" hashdate="${DATE}">${digestOf(format, content)}</${format}>`,
  );
  const previous = previousPath === undefined ? '' : `<previousPath>${previousPath}</previousPath>`;
  return `<hash><path size="${Buffer.byteLength(content)}" lastmodificationdate="${DATE}">${path}</path>${hashes.join('')}${previous}</hash>`;
}

/** A whole generation as a tool of the film set writes it; none of our writer's code is in it. */
export function generation({ files, formats, ignored = [], references = [] }: FixtureGeneration): string {
  const patterns = ['.DS_Store', 'ascmhl', 'ascmhl/', ...ignored].map(
    (pattern) => `<pattern>${pattern}</pattern>`,
  );
  const below = references.map(
    ({ path, text }) =>
      `<hashlistreference><path>${path}</path><c4>${c4OfText(text)}</c4></hashlistreference>`,
  );
  const hashes = files.map((file) => fileText(file, formats)).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><creatorinfo><creationdate>${DATE}</creationdate><hostname>cart</hostname>
<tool version="1.0">another tool</tool><author role="DIT" email="dit@example.com" phone="1">A. Person</author><location>set</location>
<comment>day 3</comment></creatorinfo><processinfo><process>transfer</process><ignore>${patterns.join('')}</ignore></processinfo>
${hashes === '' ? '' : `<hashes>${hashes}</hashes>`}${below.length === 0 ? '' : `<references>${below.join('')}</references>`}</hashlist>
`;
}

/** A folder on a real disk with histories that another tool left. */
export class FixtureFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  put(path: string, content: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  remove(path: string): void {
    rmSync(join(this.folder, path));
  }

  /** Generations and their chain below a root (`''` is the folder itself). Returns the generations, path and text. */
  seal(root: string, ...generations: readonly FixtureGeneration[]): { path: string; text: string }[] {
    const at = root === '' ? '' : `${root}/`;
    const written = generations.map((words, index) => {
      const name = `000${index + 1}_X_2020-01-1${index}_091500Z.mhl`;
      return { name, path: `${at}ascmhl/${name}`, text: generation(words) };
    });
    for (const { path, text } of written) this.put(path, text);
    const chain = written.map(({ name, text }, index) => ({ sequence: index + 1, name, c4: c4OfText(text) }));
    this.put(`${at}ascmhl/ascmhl_chain.xml`, chainText(chain));
    return written;
  }
}
