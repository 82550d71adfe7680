import { describe, expect, it } from 'vitest';
import { isJournalError } from '../../services/errors.ts';
import { CHAIN_START, follow, followBytes, verifyChain } from '../../services/journal/chain.ts';
import { damaged, hashLine, NO_HASH, sealAll } from '../../services/journal/record.ts';
import { readRecording } from '../../services/journal/recording.ts';
import { FACT_VERSION } from '../../services/journal/upcasters.ts';
import { file, finished, planned, pressed, settled, stamped, started } from './facts.ts';

const FACTS = [
  started(),
  planned('b1'),
  settled('b1', { copied: [file('é😀.jpg')] }),
  finished('b1'),
  pressed(),
];
const LINES = sealAll(stamped(FACTS), CHAIN_START).map(({ line }) => line);
const TEXT = `${LINES.join('\n')}\n`;
const END = { seq: 5, hash: hashLine(LINES[4] ?? '') };

/** Code and line of the refusal, null when everything is taken. */
function faultOf(run: () => unknown) {
  try {
    run();
    return null;
  } catch (error) {
    if (!isJournalError(error)) throw error;
    return { code: error.code, line: error.line };
  }
}
const damagedAt = (line: number) => ({ code: 'damaged', line });
const replaced = (index: number, line: string) => LINES.map((old, at) => (at === index ? line : old));
const faultOfLines = (lines: readonly string[]) => faultOf(() => verifyChain(lines));

describe('verifyChain', () => {
  it('ends at the last line, and at the beginning when there is none', () => {
    expect(verifyChain(LINES)).toEqual(END);
    expect(verifyChain([])).toEqual({ seq: 0, hash: NO_HASH });
  });

  it('follows from any known end', () => {
    const [, second] = [...follow(CHAIN_START, LINES)];
    const rest = [...follow(second?.end ?? CHAIN_START, LINES.slice(2))];
    expect(rest.map(({ record }) => record.seq)).toEqual([3, 4, 5]);
    expect(rest.at(-1)?.end).toEqual(END);
  });

  it.each([0, 1, 2, 3])('finds line %i removed where the next one stands in its place', (index) => {
    expect(faultOfLines(LINES.filter((_, at) => at !== index))).toEqual(damagedAt(index + 1));
  });

  it('cannot know of a last line that was cut off: the seal on the drive does', () => {
    expect(faultOfLines(LINES.slice(0, 4))).toBeNull();
  });

  it('finds exchanged and repeated lines', () => {
    const [one = '', two = '', ...rest] = LINES;
    expect(faultOfLines([one, ...rest.slice(0, 1), two, ...rest.slice(1)])).toEqual(damagedAt(2));
    expect(faultOfLines([one, one, two, ...rest])).toEqual(damagedAt(2));
  });

  it.each([0, 1, 2, 3])('blames line %i when its data was edited', (index) => {
    const edited = (LINES[index] ?? '').replace('test-boot', 'best-boot');
    expect(faultOfLines(replaced(index, edited))).toEqual(damagedAt(index + 1));
  });

  it.each([
    0, 1, 2, 3,
  ])('blames line %i when its own prev was edited, not the innocent one before', (index) => {
    const edited = (LINES[index] ?? '').replace(
      /"prev":"(.)/,
      (_, digit) => `"prev":"${digit === '0' ? '1' : '0'}`,
    );
    expect(faultOfLines(replaced(index, edited))).toEqual(damagedAt(index + 1));
  });

  it('blames the first line for a wrong beginning, though nothing follows', () => {
    const [first = ''] = LINES;
    expect(faultOfLines([first.replace(NO_HASH, `1${NO_HASH.slice(1)}`)])).toEqual(damagedAt(1));
  });

  it('finds blanks that mean nothing to JSON', () => {
    expect(faultOfLines(replaced(1, `${LINES[1]} `))).toEqual(damagedAt(2));
  });
});

describe('readRecording', () => {
  const bytes = Buffer.from(TEXT);
  const read = (part: Uint8Array) => readRecording(Buffer.from(part).toString('utf8'));

  it('reads what was exported', () => {
    const { records, torn, end } = readRecording(TEXT);
    expect(records.map(({ fact }) => fact)).toEqual(FACTS);
    expect([torn, end]).toEqual([false, END]);
  });

  it('reads nothing from nothing', () => {
    expect(readRecording('')).toEqual({ records: [], torn: false, end: CHAIN_START });
  });

  it('drops and reports a last line that was torn at any of its bytes', () => {
    const begin = bytes.lastIndexOf('\n', bytes.length - 2) + 1;
    for (let cut = begin; cut < bytes.length - 1; cut += 1) {
      const { records, torn, end } = read(bytes.subarray(0, cut));
      expect([records.length, torn, end.seq], `cut at ${cut}`).toEqual([4, cut > begin, 4]);
    }
    const { records, torn } = read(bytes.subarray(0, -1));
    expect([records.length, torn]).toEqual([5, false]);
  });

  it('drops a tail of zeros, which is what some file systems leave after a power cut', () => {
    expect(readRecording(`${TEXT}\0\0\0\0`)).toMatchObject({ torn: true, end: END });
  });

  it('takes a torn last line with its newline for damage: nothing is written behind a newline that is not there', () => {
    expect(faultOf(() => readRecording(`${TEXT}{"v":1\n`))).toEqual(damagedAt(6));
  });

  it('finds every flipped byte of every line but the last and names the line', () => {
    let line = 1;
    const lastBegin = bytes.lastIndexOf('\n', bytes.length - 2) + 1;
    for (let at = 0; at < lastBegin - 1; at += 1) {
      for (const mask of [0x01, 0x20, 0x80]) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (bytes[at] ?? 0) ^ mask;
        const fault = faultOf(() => read(flipped));
        expect(fault?.line, `byte ${at} (${String.fromCharCode(bytes[at] ?? 0)}) by ${mask}`).toBe(line);
      }
      if (bytes[at] === 0x0a) line += 1;
    }
    expect(line).toBe(4);
  });

  it('does not hide an altered middle line behind a whole last one without a newline', () => {
    const edited = replaced(3, (LINES[3] ?? '').replace('test-boot', 'best-boot'));
    expect(faultOf(() => readRecording(edited.join('\n')))).toEqual(damagedAt(4));
  });

  it('names a removed middle line and an empty one', () => {
    expect(faultOf(() => readRecording(TEXT.replace(`${LINES[2]}\n`, '')))).toEqual(damagedAt(3));
    expect(faultOf(() => readRecording(TEXT.replace(LINES[2] ?? '', '')))).toEqual(damagedAt(3));
  });

  it('refuses a newer record, also as the last one without its newline', () => {
    const newer = (LINES[4] ?? '').replace(`"v":${FACT_VERSION}`, `"v":${FACT_VERSION + 1}`);
    const text = replaced(4, newer).join('\n');
    expect(faultOf(() => readRecording(text))).toEqual({ code: 'newer', line: 5 });
    expect(faultOf(() => readRecording(`${text}\n`))).toEqual({ code: 'newer', line: 5 });
  });
});

describe('followBytes', () => {
  it('ends where verifyChain ends, from any known end', () => {
    expect(followBytes(CHAIN_START, LINES)).toEqual(END);
    expect(followBytes(CHAIN_START, [])).toEqual(CHAIN_START);
    expect(followBytes({ seq: 2, hash: hashLine(LINES[1] ?? '') }, LINES.slice(2))).toEqual(END);
  });

  const tampered: readonly (readonly [string, readonly string[]])[] = LINES.flatMap((line, index) => [
    [`line ${index + 1} without a byte`, replaced(index, line.slice(0, -2))],
    [`line ${index + 1} with another text`, replaced(index, line.replace('test-boot', 'best-boot'))],
    [`line ${index + 1} with another number`, replaced(index, line.replace(/"seq":\d+/, '"seq":9'))],
    [`line ${index + 1} with another prev`, replaced(index, line.replace(/"prev":"./, '"prev":"g'))],
    [`line ${index + 1} in place of another`, replaced(index, LINES[(index + 1) % LINES.length] ?? '')],
    [
      `line ${index + 1} of a later version`,
      replaced(index, line.replace(/"v":\d+/, `"v":${FACT_VERSION + 1}`)),
    ],
    [`nothing in line ${index + 1}`, replaced(index, '')],
    [`no line ${index + 1}`, LINES.filter((_, at) => at !== index)],
  ]);
  /** What no later record saw is told from the hash that stands beside the journal. */
  const isLast = (lines: readonly string[]) => lines.slice(0, -1).every((line, at) => line === LINES[at]);

  it.each(tampered)('finds %s, as the chain of facts does', (_, lines) => {
    const bytes = faultOf(() => {
      if (followBytes(CHAIN_START, lines).hash !== END.hash)
        throw damaged(lines.length, 'the end is another');
    });
    expect(bytes).not.toBeNull();
    if (!isLast(lines)) expect(bytes).toEqual(faultOfLines(lines));
  });

  it('is not led astray by names that look like an envelope', () => {
    const name = `x","prev":"${'a'.repeat(64)}","type":"`;
    const lines = sealAll(stamped([planned(name), pressed()]), CHAIN_START).map(({ line }) => line);
    expect(followBytes(CHAIN_START, lines)).toEqual(verifyChain(lines));
  });
});
