import { map } from 'rxjs';
import { fileAt } from '../adapters/fs/file-at.ts';
import { openFolderReader } from '../adapters/mhl-folder/folder-reader.ts';
import { contextOf } from '../machines/decide.ts';
import type { Card } from '../machines/media.ts';
import { attachedStores } from '../services/attached-drives.ts';
import type { Counter } from '../services/backup/numbering.ts';
import { NOTHING_OFFSITE } from '../services/check/offsite.ts';
import { Checking, type CheckingParts } from '../services/checking.ts';
import { Indexing, type IndexingParts } from '../services/indexing.ts';
import { type AskedStyle, askedStyle } from '../services/library/asked-style.ts';
import { foreignNumberReader, type Style } from '../services/library/layout.ts';
import type { PreviewDrives } from '../services/preview/lane.ts';
import { type PreviewParts, preview } from '../services/preview/preview.ts';
import type { Runtime } from '../services/runtime/runtime.ts';
import { Verifying, type VerifyingParts } from '../services/verifying.ts';

type Own = 'backups' | 'openFolder' | 'fileAt' | 'facts$' | 'numberIn' | 'dayStarts' | 'met';

type QuestionParts = Omit<CheckingParts, 'offsite'> &
  Omit<VerifyingParts, Own> &
  Omit<IndexingParts, Own> & {
    readonly runtime: Runtime;
    readonly style: Style;
    readonly openPlan: PreviewParts['openPlan'];
    readonly counter: Counter;
    /** Stays free on each drive. */
    readonly reserveBytes: number;
  };

/**
 * What reads cards and drives because somebody asked: `check`, `verify`, `library index`, `library preview`.
 * `verify` and `library index` let a running backup go first; `check` and `library preview` do not wait.
 */
export function questions(parts: QuestionParts) {
  const { runtime, style, counter } = parts;
  const backups = {
    isBusy: () => contextOf(runtime.state).running.length > 0,
    changed$: runtime.decided$,
  };
  const indexing = {
    ...{ backups, openFolder: openFolderReader, fileAt },
    facts$: runtime.decided$.pipe(map(({ record }) => record.fact)),
    numberIn: foreignNumberReader(style),
    dayStarts: style.dayStarts,
    met: (number: number) => counter.met(number),
  };
  const drives = async (): Promise<PreviewDrives> => ({
    stores: [...(await attachedStores(runtime.state, parts.openLearned)).values()],
    catalogue: parts.store.catalogue,
    known: parts.drives().map(({ id }) => id),
    reserveBytes: parts.reserveBytes,
  });
  return {
    previewed: (card: Card, asked: AskedStyle, left: AbortSignal) =>
      preview(card, askedStyle(style, asked), { ...parts, drives, left, highestNumber: () => counter.last }),
    checking: new Checking({ ...parts, offsite: NOTHING_OFFSITE }),
    verifying: new Verifying({ ...parts, backups, openFolder: openFolderReader }),
    indexing: new Indexing({ ...parts, ...indexing }),
  };
}
