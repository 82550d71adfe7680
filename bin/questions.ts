import { openFolderReader } from '../adapters/mhl-folder/folder-reader.ts';
import { contextOf } from '../machines/decide.ts';
import { NOTHING_OFFSITE } from '../services/check/offsite.ts';
import { Checking, type CheckingParts } from '../services/checking.ts';
import { Indexing, type IndexingParts } from '../services/indexing.ts';
import { Verifying, type VerifyingParts } from '../services/verifying.ts';

type QuestionParts = Omit<CheckingParts, 'offsite'> &
  Omit<VerifyingParts, 'openFolder' | 'backups'> &
  Omit<IndexingParts, 'backups'>;

/** What reads cards and drives because somebody asked: `check`, `verify`, `library index`. A running backup goes first. */
export function questions(parts: QuestionParts) {
  const { runtime } = parts;
  const backups = {
    isBusy: () => contextOf(runtime.state).running.length > 0,
    changed$: runtime.decided$,
  };
  return {
    checking: new Checking({ ...parts, offsite: NOTHING_OFFSITE }),
    verifying: new Verifying({ ...parts, backups, openFolder: openFolderReader }),
    indexing: new Indexing({ ...parts, backups }),
  };
}
