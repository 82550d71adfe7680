import { describe, expect, it } from 'vitest';
import { ADVICE, CODE_OF_REASON } from '../../machines/reasons.ts';
import { LED_SIGNALS } from '../../machines/signals.ts';
import { lightsMarkdown, replaceBetween } from '../../services/lights/table.ts';

const lines = lightsMarkdown().split('\n');
const rowOf = (first: string) => lines.find((line) => line.startsWith(`| ${first} |`))?.split(' | ') ?? [];

describe('the light table of the README', () => {
  it.each([
    ['`booting`', 'red `blink 200/200`', '`blink 200/200` |'],
    ['`ready`', 'green `on`', '`on` |'],
    ['`attention`', 'amber `blink 100/1900`', '`blink 100/900` |'],
    ['`waiting`', 'amber `blink 100/1900`', '`blink 100/1900` |'],
    ['`copying`', 'amber `pulse 400/400`', '`blink 400/400` |'],
    ['`verifying`', 'amber `blink 100/100`', '`blink 100/100` |'],
    ['`error`', 'red `code N`', '`code N` |'],
    ['`shutting-down`', 'red `blink 200/200`', '`blink 200/200` |'],
    ['`off`', 'all off', '`off` |'],
  ])('%s as in contract.md section 1', (signal, three, one) => {
    const [, when, leds, single] = rowOf(signal);
    expect([leds, single]).toEqual([three, one]);
    expect(when).toMatch(/\w{3}/);
  });

  it('has a row for each signal, and names green for one of them only', () => {
    expect(LED_SIGNALS.filter((signal) => rowOf(`\`${signal}\``).length === 0)).toEqual([]);
    expect(lines.filter((line) => line.includes('green `'))).toHaveLength(1);
  });

  it('explains every code and every reason, in order', () => {
    const codes = lines.map((line) => /^\| (\d) \|/.exec(line)?.[1]).filter((code) => code !== undefined);
    expect(codes).toEqual(['2', '3', '4', '5', '6', '7', '8', '9']);
    for (const [reason, code] of Object.entries(CODE_OF_REASON)) {
      expect(rowOf(String(code))[1]).toContain(ADVICE[reason as keyof typeof ADVICE]);
    }
  });

  it('is valid Markdown: every row has the columns of its head', () => {
    const columns = (line: string) => line.split('|').length;
    for (const [index, line] of lines.entries()) {
      const above = lines[index - 1] ?? '';
      if (line.startsWith('|') && above.startsWith('|')) expect(columns(line), line).toBe(columns(above));
    }
  });
});

describe('replacing between markers', () => {
  const text = 'above\n<!-- lights:begin -->\nold\n<!-- lights:end -->\nbelow $& \n';

  it('keeps what stands around, and is stable', () => {
    const once = replaceBetween(text, 'lights', 'new $& $1');
    expect(once).toBe('above\n<!-- lights:begin -->\n\nnew $& $1\n\n<!-- lights:end -->\nbelow $& \n');
    expect(replaceBetween(once, 'lights', 'new $& $1')).toBe(once);
  });

  it('leaves other markers alone', () => {
    const other = '<!-- other:begin -->x<!-- other:end -->';
    expect(replaceBetween(other + text, 'lights', 'new')).toContain(other);
  });

  it.each([
    ['no begin', 'x <!-- lights:end -->'],
    ['no end', '<!-- lights:begin --> x'],
    ['end before begin', '<!-- lights:end --> <!-- lights:begin -->'],
    ['two begins', '<!-- lights:begin --><!-- lights:begin --><!-- lights:end -->'],
    ['two ends', '<!-- lights:begin --><!-- lights:end --><!-- lights:end -->'],
    ['nothing', ''],
  ])('%s is an error that names the markers', (_, bad) => {
    expect(() => replaceBetween(bad, 'lights', 'new')).toThrow(
      new RangeError('needs <!-- lights:begin --> and <!-- lights:end --> once, in this order'),
    );
  });
});
