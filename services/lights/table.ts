import { ADVICE, CODE_OF_REASON, type ErrorCode, type Reason } from '../../machines/reasons.ts';
import { LED_SIGNALS, type LedSignal } from '../../machines/signals.ts';
import { litLeds, oneLedWords } from './words.ts';

/** `contract.md` section 1 in the words of the README; what the chart's guards mean to a photographer. */
const WHEN = {
  booting: 'from power until the journal is read and devices are known',
  ready:
    '**safe to erase the cards that are attached**: every one is backed up and verified (or none is attached), and a drive is there',
  attention:
    'a card is attached that is not backed up, and nothing runs: it has just arrived, waits for your word, failed and was acknowledged, or was verified from the cache only',
  waiting: 'no adopted drive is attached',
  copying: 'a card is still being read, or a backup is queued',
  verifying: 'all cards are read; copies are being flushed, read back and sealed',
  error:
    'something failed; stays until acknowledged or until that card succeeds; amber goes on showing a running copy',
  'shutting-down': 'until power may be cut',
  off: 'safe to cut power',
} as const satisfies Record<LedSignal, string>;

/** In Markdown, generated from the pattern tables and the reasons, so that the README cannot disagree with the code. */
export function lightsMarkdown(): string {
  return [
    table(['light', 'when', 'three LEDs', 'one LED'], LED_SIGNALS.map(signalRow)),
    '`blink A/B` is A ms lit and B ms dark. Where a code is shown, red blinks N times, then pauses:',
    table(['red blinks', 'meaning and what to do'], codes().map(codeRow)),
  ].join('\n\n');
}

/**
 * Puts a block between `<!-- marker:begin -->` and `<!-- marker:end -->` and keeps the rest byte for byte.
 * Throws a `RangeError` unless each marker stands there once, in this order.
 */
export function replaceBetween(text: string, marker: string, block: string): string {
  const [before, rest, more] = text.split(`<!-- ${marker}:begin -->`);
  const [, after, tooMany] = rest?.split(`<!-- ${marker}:end -->`) ?? [];
  if (before === undefined || after === undefined || more !== undefined || tooMany !== undefined) {
    throw new RangeError(`needs <!-- ${marker}:begin --> and <!-- ${marker}:end --> once, in this order`);
  }
  return `${before}<!-- ${marker}:begin -->\n\n${block}\n\n<!-- ${marker}:end -->${after}`;
}

function signalRow(signal: LedSignal): readonly string[] {
  const lit = litLeds({ signal, activity: null }).map(({ color, words }) => `${color} \`${words}\``);
  const three = lit.length === 0 ? 'all off' : lit.join(', ');
  return [`\`${signal}\``, WHEN[signal], three, `\`${oneLedWords(signal)}\``];
}

function codes(): readonly ErrorCode[] {
  return [...new Set<ErrorCode>(Object.values(CODE_OF_REASON))].toSorted((a, b) => a - b);
}

function codeRow(blinks: ErrorCode): readonly string[] {
  const reasons = (Object.keys(CODE_OF_REASON) as Reason[]).filter(
    (reason) => CODE_OF_REASON[reason] === blinks,
  );
  return [String(blinks), reasons.map((reason) => ADVICE[reason]).join('<br>')];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
