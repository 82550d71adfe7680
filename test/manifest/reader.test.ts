import { describe, expect, it } from 'vitest';
import { isManifestError } from '../../services/manifest/manifest-error.ts';
import {
  type ListedFile,
  MAX_CHAIN_ENTRIES,
  MAX_ENTRIES,
  type ManifestItem,
  readChain,
  readGeneration,
} from '../../services/manifest/mhl-reader.ts';
import { generationText } from '../../services/manifest/mhl-writer.ts';
import { inChunks, MAX_DEPTH, MAX_TEXT_CHARS } from '../../services/manifest/xml-reader.ts';
import { rel } from './memory-drive.ts';

const C4 = `c4${'1'.repeat(88)}`;
const mhl = (hashes: string, before = ''): string =>
  `<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">${before}<hashes>${hashes}</hashes></hashlist>`;
const entry = (
  path: string,
  rest = '<md5>d41d8cd98f00b204e9800998ecf8427e</md5>',
  size = ' size="5"',
): string => `<hash><path${size}>${path}</path>${rest}</hash>`;
const items = (text: string): ManifestItem[] => [...readGeneration(inChunks(text))];
const files = (text: string): ListedFile[] => items(text).filter((item) => item.kind === 'file');

function errorOf(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (isManifestError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('reading a generation of any tool', () => {
  it('takes every format, the best first, hexadecimal in lower case', () => {
    const [file] = files(
      mhl(
        entry(
          'a.mov',
          `<c4>${C4}</c4><md5>D41D8CD98F00B204E9800998ECF8427E</md5><sha1>${'a'.repeat(40)}</sha1>` +
            `<xxh128>${'b'.repeat(32)}</xxh128><xxh3>${'c'.repeat(16)}</xxh3><xxh64>\n ${'d'.repeat(16)} </xxh64>`,
        ),
      ),
    );
    expect(file?.hashes).toEqual([
      { format: 'xxh64', value: 'd'.repeat(16) },
      { format: 'c4', value: C4 },
      { format: 'sha1', value: 'a'.repeat(40) },
      { format: 'xxh128', value: 'b'.repeat(32) },
      { format: 'xxh3', value: 'c'.repeat(16) },
      { format: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' },
    ]);
  });

  it('reads elements with a prefix, comments and CDATA', () => {
    const text = `<m:hashlist version="2.0" xmlns:m="urn:ASC:MHL:v2.0"><m:hashes><m:hash>
      <m:path size="1">a<!-- no --> &amp; <![CDATA[<b>]]></m:path><m:xxh3>${'c'.repeat(16)}</m:xxh3>
      </m:hash></m:hashes></m:hashlist>`;
    expect(files(text)).toMatchObject([{ path: 'a & <b>', sizeBytes: 1 }]);
  });

  it('passes over metadata and elements of others, whatever they are called', () => {
    const metadata = `<metadata><x:path xmlns:x="urn:x">evil<x:hash/></x:path></metadata><x:md5 xmlns:x="urn:x">no</x:md5>`;
    const [file] = files(mhl(entry('a', `<md5>${'0'.repeat(32)}</md5>${metadata}`)));
    expect(file).toMatchObject({ path: 'a', hashes: [{ format: 'md5', value: '0'.repeat(32) }] });
  });

  it('does not take the hash of a mismatch for the hash of the file', () => {
    const [file] = files(mhl(entry('a', `<md5 action="failed">${'0'.repeat(32)}</md5>`)));
    expect(file?.hashes).toEqual([]);
  });

  it('knows no size where none, or an impossible one, is given', () => {
    for (const size of ['', ' size="-1"', ' size="99999999999999999"', ' size="0x5"', ' size=""']) {
      expect(files(mhl(entry('a', '', size)))[0]?.sizeBytes).toBeNull();
    }
  });

  it('reads where a file was before, what is ignored and which histories lie below', () => {
    const text = `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
      <processinfo><ignore><pattern>*.tmp</pattern><pattern>/cache/</pattern></ignore></processinfo>
      <hashes>${entry('new/a', '<previousPath>old/a</previousPath>')}<directoryhash><path>new</path></directoryhash></hashes>
      <references><hashlistreference><path>A/ascmhl/0001_A.mhl</path><c4>${C4}</c4></hashlistreference></references>
    </hashlist>`;
    expect(items(text)).toEqual([
      { kind: 'ignore', pattern: '*.tmp' },
      { kind: 'ignore', pattern: '/cache/' },
      { kind: 'file', path: 'new/a', sizeBytes: 5, hashes: [], previousPath: 'old/a' },
      { kind: 'reference', path: 'A/ascmhl/0001_A.mhl', c4: C4 },
    ]);
  });

  it.each([
    '/etc/shadow',
    '../up',
    'a/../../b',
    'a//b',
    './a',
    '',
    'a/',
    '..',
  ])('refuses the path %j', (path) => {
    expect(items(mhl(entry(path) + entry('good')))).toMatchObject([
      { kind: 'refused', path },
      { kind: 'file', path: 'good' },
    ]);
  });

  it('refuses a reference that climbs, and forgets an earlier path that does', () => {
    const climbing = `<references><hashlistreference><path>../x</path><c4>${C4}</c4></hashlistreference></references>`;
    expect(items(mhl(entry('a'), climbing))).toMatchObject([{ kind: 'refused' }, { kind: 'file' }]);
    expect(files(mhl(entry('a', '<previousPath>../../a</previousPath>')))[0]?.previousPath).toBeNull();
  });

  it('reads 50,000 entries as they come, not at the end', () => {
    const count = 50_000;
    const all = Array.from({ length: count }, (_, at) => ({
      path: rel(`2026/2026-11-21/IMG_${at}.CR3`),
      sizeBytes: at,
      mtimeMs: 0,
      xxh64: at.toString(16).padStart(16, '0'),
      action: 'original' as const,
    }));
    const header = { at: '2026-11-21T04:10:37Z', hostname: 'tank', version: '1' };
    let written = 0;
    const chunks = (function* () {
      for (const chunk of generationText(header, all)) {
        written += 1;
        yield chunk;
      }
    })();
    let read = 0;
    let mostAhead = 0;
    for (const item of readGeneration(chunks)) {
      if (item.kind !== 'file') continue;
      if (item.sizeBytes !== read || item.hashes[0]?.value !== all[read]?.xxh64)
        throw new Error(`wrong at ${read}`);
      read += 1;
      mostAhead = Math.max(mostAhead, written - Math.ceil(read / 256));
    }
    expect(read).toBe(count);
    // A chunk is 256 files: the writer is never more than a few ahead of the reader.
    expect(mostAhead).toBeLessThanOrEqual(3);
  });
});

describe('hostile and damaged XML', () => {
  it('never expands entities: a billion laughs is refused at its document type', () => {
    const laughs = `<?xml version="1.0"?><!DOCTYPE hashlist [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
      <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>${mhl(entry('&c;')).slice(21)}`;
    expect(errorOf(() => items(laughs))).toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(/document type/),
    });
  });

  it('has no entity but XML’s own five', () => {
    expect(errorOf(() => items(mhl(entry('&c;'))))).toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(/entity/i),
    });
  });

  it('reads nothing from elsewhere', () => {
    const external = `<!DOCTYPE hashlist [<!ENTITY x SYSTEM "file:///etc/passwd">]>${mhl(entry('&x;')).slice(21)}`;
    expect(errorOf(() => items(external)).code).toBe('damaged');
  });

  it('stops at elements that nest for ever', () => {
    const deep = mhl(`<hash><metadata>${'<a xmlns="urn:x">'.repeat(MAX_DEPTH)}`);
    expect(errorOf(() => items(deep))).toMatchObject({
      code: 'limit',
      message: expect.stringMatching(/deeper/),
    });
    expect(errorOf(() => items(mhl('<hash>'.repeat(MAX_DEPTH))))).toMatchObject({ code: 'limit' });
  });

  it('stops at a text without end, but not at blanks between elements', () => {
    expect(errorOf(() => items(mhl(entry('a'.repeat(MAX_TEXT_CHARS + 1)))))).toMatchObject({ code: 'limit' });
    const blanks = ' '.repeat(MAX_TEXT_CHARS - 1);
    expect(files(mhl(blanks + entry('a') + blanks + entry('b')))).toHaveLength(2);
  });

  it('stops at entries without end', () => {
    const chunks = (function* () {
      yield '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><processinfo><ignore>';
      for (;;) yield '<pattern>a</pattern>'.repeat(1000);
    })();
    let read = 0;
    const error = errorOf(() => {
      for (const _item of readGeneration(chunks)) read += 1;
    });
    expect(error).toMatchObject({ code: 'limit', message: expect.stringMatching(/entries/) });
    expect(read).toBe(MAX_ENTRIES);
  });

  it('gives the whole entries of a torn file, then says that it is torn, wherever it is cut', () => {
    const whole = mhl(entry('a') + entry('b'));
    for (let cut = 0; cut < whole.length; cut += 1) {
      let read = 0;
      const { code } = errorOf(() => {
        for (const item of readGeneration([whole.slice(0, cut)])) read += item.kind === 'file' ? 1 : 0;
      });
      expect(code).toBe('damaged');
      expect(read).toBe(whole.slice(0, cut).split('</hash>').length - 1);
    }
  });

  it.each([
    ['another root', '<hashlist version="2.0"/>'],
    ['another version', '<hashlist version="1.1" xmlns="urn:ASC:MHL:v2.0"/>'],
    ['a hash that is none', mhl(entry('a', '<md5>zz</md5>'))],
    ['a C4 that is none', mhl(entry('a', '<c4>c4</c4>'))],
    ['no XML at all', 'ÿØÿà JFIF'],
    ['nothing', ''],
  ])('refuses %s', (_name, text) => {
    expect(errorOf(() => items(text)).code).toBe('damaged');
  });

  it('is the same in whatever pieces it comes', () => {
    const whole = mhl(entry('\u{1F39E}é &amp; b') + entry('c'));
    expect([...readGeneration(whole)]).toEqual(items(whole));
  });
});

describe('reading a chain', () => {
  const chain = (name: string, c4 = C4): string =>
    `<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="7"><path>${name}</path><c4>${c4}</c4>
    </hashlist></ascmhldirectory>`;

  it('gives number, name and C4', () => {
    expect(readChain(chain('0007_A.mhl', ` ${C4}\n`))).toEqual([{ sequence: 7, name: '0007_A.mhl', c4: C4 }]);
  });

  it.each([
    '../0001_A.mhl',
    '/0001_A.mhl',
    'x/0001_A.mhl',
    '',
  ])('refuses a name that leads away: %j', (name) => {
    expect(errorOf(() => readChain(chain(name))).code).toBe('damaged');
  });

  it('refuses an entry without a C4, and a torn chain', () => {
    expect(errorOf(() => readChain(chain('0001_A.mhl', 'abc')))).toMatchObject({
      message: expect.stringMatching(/C4/),
    });
    expect(errorOf(() => readChain(chain('0001_A.mhl').slice(0, -5))).code).toBe('damaged');
  });

  it('stops at more generations than anybody makes', () => {
    const one = `<hashlist sequencenr="1"><path>0001_A.mhl</path><c4>${C4}</c4></hashlist>`;
    const text = `<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">${one.repeat(MAX_CHAIN_ENTRIES + 1)}</ascmhldirectory>`;
    expect(errorOf(() => readChain(text)).code).toBe('limit');
  });
});
