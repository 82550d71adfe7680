import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { c4OfText } from '../../services/manifest/c4.ts';
import { readChain, readGeneration } from '../../services/manifest/mhl-reader.ts';
import { chainText, type GenerationFile, generationText } from '../../services/manifest/mhl-writer.ts';
import { generationName, sequenceOf } from '../../services/manifest/names.ts';
import { rel } from './memory-drive.ts';
import { assertSchema, hasXmllint } from './xmllint.ts';

const HEADER = { at: '2026-11-21T04:10:37.123Z', hostname: 'tank & <co>', version: '0.1.0' };
const FILE: GenerationFile = {
  path: rel('2026/2026-11-21/IMG_0001.CR3'),
  sizeBytes: 24_000_000,
  mtimeMs: Date.UTC(2026, 10, 21, 3, 4, 5, 678),
  xxh64: '0ea03b369a463d9d',
  action: 'original',
};
const write = (...files: GenerationFile[]): string => [...generationText(HEADER, files)].join('');

describe('a generation', () => {
  it('says who made it, when, and what each file was', () => {
    expect(write(FILE)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo>
    <creationdate>2026-11-21T04:10:37+00:00</creationdate>
    <hostname>tank &amp; &lt;co&gt;</hostname>
    <tool version="0.1.0">imagetank</tool>
    <comment>Each file was read back from its medium, past the page cache, and compared with what was read from the card; where the metadata of a file says verifiedFrom cache, from the page cache only; where it says sourceRead twice, the card was read a second time, past its cache, and gave the same.</comment>
  </creatorinfo>
  <processinfo>
    <process>transfer</process>
    <ignore>
      <pattern>.DS_Store</pattern>
      <pattern>ascmhl</pattern>
      <pattern>ascmhl/</pattern>
    </ignore>
  </processinfo>
  <hashes>
    <hash>
      <path size="24000000" lastmodificationdate="2026-11-21T03:04:05+00:00">2026/2026-11-21/IMG_0001.CR3</path>
      <xxh64 action="original" hashdate="2026-11-21T04:10:37+00:00">0ea03b369a463d9d</xxh64>
    </hash>
  </hashes>
</hashlist>
`);
  });

  it('leaves out a time that no calendar of four digits holds', () => {
    for (const mtimeMs of [null, -62_167_219_200_001, 8.64e15, Number.NaN]) {
      expect(write({ ...FILE, mtimeMs })).not.toContain('lastmodificationdate');
    }
    expect(write({ ...FILE, mtimeMs: -1 })).toContain('lastmodificationdate="1969-12-31T23:59:59+00:00"');
  });

  it('marks what was read again', () => {
    expect(write({ ...FILE, action: 'verified' })).toContain('<xxh64 action="verified"');
  });

  it('keeps the card’s own name of a file beside it', () => {
    const text = write({ ...FILE, cardPathBase64: Buffer.from([0x49, 0xff, 0x0a]).toString('base64') });
    expect(text).toContain('<cardPath xmlns="urn:imagetank:manifest:1" encoding="base64">Sf8K</cardPath>');
  });

  it('marks a file that could be read back from the cache only', () => {
    const mark = '<verifiedFrom xmlns="urn:imagetank:manifest:1">cache</verifiedFrom>';
    expect(write({ ...FILE, isFromCache: true })).toContain(mark);
    const both = write({ ...FILE, isFromCache: true, cardPathBase64: 'AA==' });
    expect(both.match(/<metadata>/g)).toHaveLength(1);
    expect(both).toContain(mark);
    expect(write(FILE)).not.toContain('<metadata>');
  });

  it('marks a file of which the card was read twice', () => {
    const mark = '<sourceRead xmlns="urn:imagetank:manifest:1">twice</sourceRead>';
    expect(write({ ...FILE, isReadTwice: true })).toContain(mark);
    expect(write({ ...FILE, isReadTwice: false })).not.toContain('<metadata>');
    const all = write({ ...FILE, isReadTwice: true, isFromCache: true, cardPathBase64: 'AA==' });
    expect(all.match(/<metadata>/g)).toHaveLength(1);
  });

  it('comes in chunks, however many files there are', () => {
    const files = Array.from({ length: 1000 }, (_, at) => ({ ...FILE, path: rel(`DCIM/${at}`) }));
    const chunks = [...generationText(HEADER, files)];
    expect(chunks.length).toBeGreaterThan(3);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(100_000);
  });

  it('gives back every name that a drive can carry', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => {
      const carried = ![...text].some((one) => one < ' ' || one === '\ufffe' || one === '\uffff');
      return carried && !text.includes('/') && text !== '.' && text !== '..';
    });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const path = rel(names.join('/'));
        const read = [...readGeneration([write({ ...FILE, path })])].find((item) => item.kind === 'file');
        expect(read).toMatchObject({ path, sizeBytes: FILE.sizeBytes });
      }),
      { numRuns: 300 },
    );
  });

  it.each(['tab\tand\nline\r', ' blanks ', '<&>"\']]>'])('gives back %j', (name) => {
    const items = [...readGeneration([write({ ...FILE, path: rel(name) })])];
    expect(items.find((item) => item.kind === 'file')).toMatchObject({ path: name });
  });

  it.each(['bell\u0007', '\ud800', '\uffff'])('refuses %j, which no XML can carry', (name) => {
    expect(() => write({ ...FILE, path: rel(name) })).toThrow(/XML cannot carry/);
  });

  it.runIf(hasXmllint)('follows the schema, metadata included', () => {
    const odd = {
      ...FILE,
      path: rel('a & "b" <c>/d\u00e9\u{1F39E}.jpg'),
      cardPathBase64: 'Sf8K',
      isFromCache: true,
      isReadTwice: true,
      mtimeMs: null,
    };
    assertSchema(write(FILE, odd, { ...FILE, action: 'verified' }), 'ASCMHL.xsd');
    expect(() => assertSchema(write(), 'ASCMHL.xsd')).toThrow(/hashes/);
  });
});

describe('a chain', () => {
  const entries = [
    { sequence: 1, name: '0001_Photos_2026-11-21_041037Z.mhl', c4: c4OfText('one') },
    { sequence: 2, name: '0002_Photos & more_2026-11-22_041037Z.mhl', c4: c4OfText('two') },
  ];

  it('reads as it was written', () => {
    expect(readChain(chainText(entries))).toEqual(entries);
  });

  it('looks like the reference tool’s', () => {
    expect(chainText(entries.slice(0, 1))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">
  <hashlist sequencenr="1">
    <path>0001_Photos_2026-11-21_041037Z.mhl</path>
    <c4>${c4OfText('one')}</c4>
  </hashlist>
</ascmhldirectory>
`);
  });

  it.runIf(hasXmllint)('follows the schema', () => {
    assertSchema(chainText(entries), 'ASCMHLDirectory__combined.xsd');
  });
});

describe('the name of a generation', () => {
  it('is that of the reference tool', () => {
    expect(generationName(1, 'Photos', '2026-11-21T04:10:37.999Z')).toBe(
      '0001_Photos_2026-11-21_041037Z.mhl',
    );
    expect(generationName(12_345, 'Other', '2026-11-21T04:10:37Z')).toBe(
      '12345_Other_2026-11-21_041037Z.mhl',
    );
  });

  it('has the last folder of a deeper root, cut where it would be too long for a file system', () => {
    const at = '2026-11-21T04:10:37Z';
    expect(generationName(1, 'old/photos 2019', at)).toBe('0001_photos 2019_2026-11-21_041037Z.mhl');
    const long = generationName(1, 'é📷'.repeat(60), at);
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255);
    expect(long).toContain('é📷_2026');
  });

  it('tells its number', () => {
    expect(sequenceOf('0042_Photos_2026-11-21_041037Z.mhl')).toBe(42);
    expect(sequenceOf('12345_Photos_2026-11-21_041037Z.mhl')).toBe(12_345);
    for (const other of ['ascmhl_chain.xml', '1_x.mhl', '0001_x.mhl.part', 'x0001_a.mhl', '0001x.mhl']) {
      expect(sequenceOf(other)).toBeNull();
    }
  });
});
