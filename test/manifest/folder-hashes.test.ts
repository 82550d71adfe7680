import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFolderReader } from '../../adapters/mhl-folder/folder-reader.ts';
import { FolderHashes } from '../../services/manifest/folder-hashes.ts';
import type { GenerationFolder } from '../../services/manifest/mhl-writer.ts';
import { hashOf, rel } from './memory-drive.ts';

const SCENARIOS = join(import.meta.dirname, '../mhl/scenarios');
/** Hash of nothing: of a folder without anything. */
const EMPTY = hashOf('');

function hashesOf(files: Readonly<Record<string, string | null>>) {
  const hashes = new FolderHashes();
  const folders: GenerationFolder[] = [];
  for (const [path, content] of Object.entries(files)) {
    folders.push(...hashes.add(rel(path), content === null ? null : hashOf(content)));
  }
  const end = hashes.end();
  return { folders: [...folders, ...end.folders], root: end.root };
}

describe('directory hashes', () => {
  it.each([
    'scenario_01/travel_01/A002R2EC/ascmhl/0001_A002R2EC_2020-01-16_091500Z.mhl',
    'scenario_02/file_server/A002R2EC/ascmhl/0002_A002R2EC_2020-01-17_143000Z.mhl',
  ])('are those of the reference tool: %s', async (generation) => {
    const folder = join(SCENARIOS, generation, '../..');
    const reader = await openFolderReader(folder);
    const hashes = new FolderHashes();
    const folders: GenerationFolder[] = [];
    for await (const { path } of reader.walk()) {
      if (path.startsWith('ascmhl/')) continue;
      folders.push(...hashes.add(path, (await reader.hash(path, 'xxh64')).value));
    }
    const { folders: rest, root } = hashes.end();
    const text = readFileSync(join(SCENARIOS, generation), 'utf8');
    const written = [...text.matchAll(/<(?:content|structure)>\s*<xxh64 [^>]*>([0-9a-f]{16})</g)].map(
      ([, value]) => value,
    );
    const [clips] = [...folders, ...rest];
    expect(clips?.path).toBe('Clips');
    // The root's stand at the top of the file.
    expect([root?.content, root?.structure, clips?.content, clips?.structure]).toEqual(written);
  });

  it('name each folder once, when all of it has come, innermost first', () => {
    const { folders } = hashesOf({ 'a/b/c/1': '1', 'a/b/2': '2', 'a!': 'x', 'd/e/3': '3' });
    expect(folders.map(({ path }) => path)).toEqual(['a/b/c', 'a/b', 'a', 'd/e', 'd']);
  });

  it('do not take a name that begins alike for the same folder', () => {
    const { folders } = hashesOf({ 'a/1': '1', 'ab/2': '2' });
    expect(folders.map(({ path }) => path)).toEqual(['a', 'ab']);
  });

  it('of nothing are the hash of nothing', () => {
    expect(hashesOf({})).toEqual({ folders: [], root: { content: EMPTY, structure: EMPTY } });
  });

  it('stay when files come in another order, and the structure alone tells a name', () => {
    const name = fc.stringMatching(/^[a-c]{1,2}$/);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, fc.string()), { selector: ([path]) => path }), (files) => {
        const there = hashesOf(Object.fromEntries(files));
        expect(hashesOf(Object.fromEntries([...files].reverse()))).toEqual(there);
        const renamed = hashesOf(Object.fromEntries(files.map(([path, content]) => [`${path}x`, content])));
        expect(renamed.root?.content).toBe(there.root?.content);
        if (files.length > 0) expect(renamed.root?.structure).not.toBe(there.root?.structure);
      }),
    );
  });

  it('change up to the root with one byte, and nowhere else', () => {
    const before = hashesOf({ 'a/b/1': '1', 'c/2': '2' });
    const after = hashesOf({ 'a/b/1': 'X', 'c/2': '2' });
    const changed = (path: string) => {
      const of = ({ folders }: typeof before) => folders.find((folder) => folder.path === path);
      return [of(before)?.content !== of(after)?.content, of(before)?.structure !== of(after)?.structure];
    };
    expect(['a/b', 'a', 'c'].map(changed)).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
    expect(before.root?.content).not.toBe(after.root?.content);
  });

  it('are not there for a folder in which something could not be read, nor above it', () => {
    const { folders, root } = hashesOf({ 'a/b/1': null, 'a/c/2': '2', 'd/3': '3' });
    expect(folders.map(({ path }) => path)).toEqual(['a/c', 'd']);
    expect(root).toBeNull();
    expect(hashesOf({ x: null }).root).toBeNull();
  });
});
