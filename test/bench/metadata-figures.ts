/** What metadata adds to a backup. Pure. */
import type { Extension } from './card.ts';
import { median, ratios, type Spread } from './figures.ts';
import { aligned } from './table.ts';
import { atMost, type Limit } from './targets.ts';

/** What a backup of as many files of each kind took in one run, in ms. */
export type MetadataRun = Readonly<Record<Extension, number>>;

export interface MetadataResult {
  readonly id: 'A-metadata';
  readonly medianMs: MetadataRun;
  /** Held against the files of which nothing is asked, run by run. */
  readonly ratios: Readonly<Record<'JPG' | 'CR3', Spread>>;
  readonly limits: readonly Limit[];
  readonly ok: boolean;
}

/** Issue 5: metadata adds 10 % at most. */
const MAX_RATIO = 1.1;

/** Throws a `RangeError` without runs. */
export function metadataOf(runs: readonly MetadataRun[]): MetadataResult {
  const took = (kind: Extension) => runs.map((run) => run[kind]);
  const ratio = (kind: Extension): Spread => {
    const spread = ratios(took(kind), took('WAV'));
    if (spread === null) throw new RangeError('no runs');
    return spread;
  };
  const [JPG, CR3] = [ratio('JPG'), ratio('CR3')];
  const limits = [
    atMost('× the same without metadata, JPEG', JPG.median, MAX_RATIO),
    atMost('× the same without metadata, CR3', CR3.median, MAX_RATIO),
  ];
  return {
    id: 'A-metadata',
    medianMs: { JPG: median(took('JPG')), CR3: median(took('CR3')), WAV: median(took('WAV')) },
    ratios: { JPG, CR3 },
    limits,
    ok: limits.every(({ ok }) => ok),
  };
}

export function metadataTable({ medianMs, ratios: { JPG, CR3 } }: MetadataResult): string {
  const spread = ({ median: middle, min, max }: Spread) =>
    [middle, min, max].map((value) => value.toFixed(2));
  return aligned([
    ['card-bound', 's', '× without', 'least', 'most'],
    ['nothing asked (WAV)', (medianMs.WAV / 1000).toFixed(2), '1.00', '', ''],
    ['exifr (JPEG)', (medianMs.JPG / 1000).toFixed(2), ...spread(JPG)],
    ['exiftool (CR3)', (medianMs.CR3 / 1000).toFixed(2), ...spread(CR3)],
  ]);
}
