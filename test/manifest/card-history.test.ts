import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ManifestHash } from '../../machines/media.ts';
import { c4OfText } from '../../services/manifest/c4.ts';
import { isManifest, MAX_CARD_FILES, openCardHistory } from '../../services/manifest/card-history.ts';
import { createManifestHash } from '../../services/manifest/hashers.ts';
import { HASH_FORMATS, type HashFormat } from '../../services/manifest/mhl-reader.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { MemoryCard } from '../check/memory-card.ts';
import { hashOf, rel } from './memory-drive.ts';

const CLIP = 'Clips/A002C006.mov';

function digestOf(format: HashFormat, content: string): string {
  const hash = createManifestHash(format);
  hash.update(Buffer.from(content));
  return hash.digest();
}

const entry = (path: string, content: string, format: HashFormat = 'xxh64', size = content.length): string =>
  `<hash><path size="${size}">${path}</path><${format}>${digestOf(format, content)}</${format}></hash>`;

/** Writes a history as a camera does. */
function seal(card: MemoryCard, root: string, ...generations: string[]): void {
  const chain = generations.map((entries, index) => {
    const name = `000${index + 1}_A002R2EC_2026-11-21_00000${index}Z.mhl`;
    const text = `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>${entries}</hashes></hashlist>`;
    card.put(`${root}ascmhl/${name}`, text);
    return { sequence: index + 1, name, c4: c4OfText(text) };
  });
  card.put(`${root}ascmhl/ascmhl_chain.xml`, chainText(chain));
}

const open = (card: MemoryCard, further: ManifestHash['format'] | null = null) =>
  openCardHistory(card, '/card', [...card.files.keys()].map(rel).filter(isManifest), further);

/** As the engine reads: XXH64, and what was wanted. */
const read = (content: string, format: ManifestHash['format'] | null = null) => ({
  sizeBytes: content.length,
  xxh64: hashOf(content),
  ...(format === null ? {} : { hash: { format, value: digestOf(format, content) } }),
});

describe('a card without a history', () => {
  it('is not read, and says nothing', async () => {
    const card = new MemoryCard();
    card.put(CLIP, 'clip');
    const history = await open(card);
    expect([history.isEmpty, card.opened, history.problems]).toEqual([true, [], []]);
    expect(history.wanted(rel(CLIP))).toBeNull();
    expect(history.contradiction(rel(CLIP), read('clip'))).toBeNull();
  });

  it.each([
    ['ascmhl/0001_A_2026-11-21_000000Z.mhl', true],
    ['A002R2EC/ascmhl/ascmhl_chain.xml', true],
    ['A002R2EC/ascmhl/notes.txt', false],
    ['0001_A_2026-11-21_000000Z.mhl', false],
    ['DCIM/ascmhl', false],
  ])('%s: %s', (path, answer) => {
    expect(isManifest(rel(path))).toBe(answer);
  });
});

describe('a card that a camera sealed', () => {
  it('agrees with what is as it was, names what is not, and knows nothing of the rest', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip') + entry('Sidecar.txt', 'side'));
    const history = await open(card);
    expect(history.isEmpty).toBe(false);
    expect(history.contradiction(rel(CLIP), read('clip'))).toBeNull();
    expect(history.contradiction(rel('new.mov'), read('new'))).toBeNull();
    expect(history.contradiction(rel('Sidecar.txt'), read('SIDE'))).toBe(
      `Sidecar.txt: xxh64 ${hashOf('SIDE')}, ascmhl/0001_A002R2EC_2026-11-21_000000Z.mhl says ${hashOf('side')}`,
    );
  });

  it('names a file of another size, also where no hash could be held against it', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip', 'xxh128'));
    const history = await open(card);
    expect(history.wanted(rel(CLIP))).toBeNull();
    expect(history.contradiction(rel(CLIP), read('clip, cut'))).toMatch(/9 bytes, ascmhl\/0001.* says 4$/);
    expect(history.contradiction(rel(CLIP), read('CLIP'))).toBeNull();
  });

  it.each(HASH_FORMATS.filter((format) => format !== 'xxh64'))('is held against its %s', async (format) => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip', format));
    const history = await open(card, format);
    expect(history.wanted(rel(CLIP))).toBe(format);
    expect(history.contradiction(rel(CLIP), read('clip', format))).toBeNull();
    expect(history.contradiction(rel(CLIP), read('CLIP', format))).toContain(digestOf(format, 'clip'));
    // What was never computed proves nothing.
    expect(history.contradiction(rel(CLIP), read('CLIP'))).toBeNull();
  });

  it('asks for XXH128 only where it is computed anyhow', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip', 'xxh128'));
    expect((await open(card, 'md5')).wanted(rel(CLIP))).toBeNull();
  });

  it('has the word of its newest generation, and of the deepest history', async () => {
    const card = new MemoryCard();
    seal(card, 'A002R2EC/', entry(CLIP, 'old'), entry(CLIP, 'new'));
    seal(card, '', entry(`A002R2EC/${CLIP}`, 'from above'));
    const history = await open(card);
    expect(history.contradiction(rel(`A002R2EC/${CLIP}`), read('new'))).toBeNull();
    expect(history.contradiction(rel(`A002R2EC/${CLIP}`), read('old'))).not.toBeNull();
  });

  it('tells what it lists and nobody met', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip') + entry('gone.mov', 'gone'));
    const history = await open(card);
    history.contradiction(rel(CLIP), read('clip'));
    expect([...history.missing()]).toEqual(['gone.mov']);
  });
});

describe('a history on a card that is not in order', () => {
  it('vouches for nothing where a generation was altered, and says so', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip'));
    const path = 'ascmhl/0001_A002R2EC_2026-11-21_000000Z.mhl';
    card.put(path, `${card.files.get(path)?.bytes} `);
    const history = await open(card);
    expect(history.contradiction(rel(CLIP), read('other'))).toBeNull();
    expect(history.problems).toMatchObject([{ path, detail: expect.stringContaining('C4') }]);
  });

  it('loses the word of a generation with a bad sector, and no other', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip'), entry('b.mov', 'b'));
    card.unreadable.add('ascmhl/0002_A002R2EC_2026-11-21_000001Z.mhl');
    const history = await open(card);
    expect(history.contradiction(rel(CLIP), read('other'))).not.toBeNull();
    expect(history.contradiction(rel('b.mov'), read('other'))).toBeNull();
    expect(history.problems).toMatchObject([{ detail: expect.stringContaining('EIO') }]);
    expect(card.openFiles).toBe(0);
  });

  it('takes a chain that ends early for damaged', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip'));
    card.endsAt.set('ascmhl/ascmhl_chain.xml', 60);
    const { problems } = await open(card);
    expect(problems[0]).toMatchObject({ path: 'ascmhl/ascmhl_chain.xml' });
  });

  it('ends with a card that is pulled', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip'));
    card.onRead = () => {
      card.present = false;
    };
    await expect(open(card)).rejects.toMatchObject({ code: 'gone' });
    expect(card.openFiles).toBe(0);
  });

  it('is held against its first hundred thousand files only, and says so', async () => {
    const card = new MemoryCard();
    const hash = createHash('md5').update('x').digest('hex');
    const many = Array.from(
      { length: MAX_CARD_FILES + 1 },
      (_, at) => `<hash><path size="1">${at}</path><md5>${hash}</md5></hash>`,
    );
    seal(card, '', many.join(''));
    const history = await open(card);
    expect(history.problems).toMatchObject([{ detail: expect.stringContaining('more than 100000 files') }]);
    expect([...history.missing()]).toHaveLength(MAX_CARD_FILES);
  });

  it('never asks the card for a file that its listing did not have', async () => {
    const card = new MemoryCard();
    seal(card, '', entry(CLIP, 'clip'));
    card.files.delete('ascmhl/0001_A002R2EC_2026-11-21_000000Z.mhl');
    const { problems } = await open(card);
    expect(problems).toMatchObject([{ detail: 'the chain names it' }]);
    expect(card.opened).toEqual(['ascmhl/ascmhl_chain.xml']);
  });
});
