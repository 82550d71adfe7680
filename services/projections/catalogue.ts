import type { FactOf, FactRecord } from '../../machines/facts.ts';
import type { BackupId, CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import type { FileOnDrive, IndexedFile, LearnedFile, PlaceKind } from '../../machines/media.ts';
import { fileName } from '../library/names.ts';
import type { DriveEvent } from '../library/ports.ts';
import { isBelowRoots } from '../manifest/names.ts';
import type { Copy, SeenFile } from '../ports.ts';
import { claimedWords, indexedWords, nameKey, type PhotoWords, settledWords } from './photos.ts';

/** What is told of the content of a copy; `card` and `backup` that read it, null for a manifest's claim. */
export interface PhotoNews {
  readonly words: PhotoWords;
  readonly card: CardId | null;
  readonly backup: BackupId | null;
}

/** What one record changes in the catalogue. */
export type CatalogueChange =
  | { readonly type: 'put'; readonly copy: Copy; readonly news: PhotoNews }
  /** A copy that was there already: verified now, but still the work of the backup that made it. */
  | {
      readonly type: 'confirm';
      readonly copy: Copy;
      readonly news: PhotoNews;
      /** In the history of its own folder, which no backup seals. */
      readonly isListedApart: boolean;
    }
  /** A claim never demotes a copy that was verified. A manifest lists it already. */
  | { readonly type: 'claim'; readonly copy: Copy; readonly news: PhotoNews }
  /** The card's file is that copy, as long as the copy holds this content: a name that was lost is given again. */
  | {
      readonly type: 'see';
      readonly seen: Omit<SeenFile, 'copy'>;
      readonly xxh64: string;
      readonly driveId: DriveId;
      readonly to: RelativePath;
    }
  /** The copy is no longer what was recorded. */
  | { readonly type: 'drop'; readonly driveId: DriveId; readonly to: RelativePath }
  /** Nothing recorded up to `seq` waits for a seal any more. */
  | {
      readonly type: 'seal';
      readonly driveId: DriveId;
      readonly seq: number;
      readonly generations: readonly RelativePath[];
      readonly extent: 'all' | 'added';
    }
  | { readonly type: 'forget'; readonly driveId: DriveId }
  /** No shot may get this number, or a lower one, again. */
  | { readonly type: 'count'; readonly number: number }
  /** A file of this name could not be copied. */
  | { readonly type: 'fail'; readonly name: string }
  /** All that lies on the drive has a part in it. */
  | { readonly type: 'event'; readonly driveId: DriveId; readonly what: DriveEvent['what'] }
  | {
      readonly type: 'place';
      readonly role: 'card' | 'drive';
      readonly id: string;
      readonly label: string;
      /** Its owner's word makes a copy count that was verified from the cache. */
      readonly folder: boolean;
    };

/** Pure: the catalogue is nothing but these changes in the order of the journal. */
export function catalogueChanges({ fact }: Pick<FactRecord, 'fact'>): readonly CatalogueChange[] {
  switch (fact.type) {
    case 'FilesSettled':
      return [
        ...fact.copied.flatMap((file) => settled('put', fact, file)),
        ...fact.duplicates.flatMap((file) => settled('confirm', fact, file)),
        ...counted([...fact.copied, ...fact.duplicates]),
        ...fact.failed.map(({ path }) => ({ type: 'fail' as const, name: nameKey(fileName(path)) })),
      ];
    case 'DriveContentLearned':
      return [...fact.files.map((file) => claimed(fact.driveId, file)), ...counted(fact.files)];
    case 'FilesIndexed':
      return [...fact.files.map((file) => indexed(fact, file)), ...counted(fact.files)];
    case 'CopiesLost':
      return fact.files.map(({ to }) => ({ type: 'drop', driveId: fact.driveId, to }));
    case 'DriveSealed': {
      const { driveId, seq, generations, extent } = fact;
      return [{ type: 'seal', driveId, seq, generations, extent }];
    }
    case 'DriveForgotten':
      return [
        { type: 'event', driveId: fact.driveId, what: 'forgotten' },
        { type: 'forget', driveId: fact.driveId },
      ];
    case 'VerificationStarted':
      return [{ type: 'event', driveId: fact.driveId, what: 'verification-started' }];
    case 'VerificationFinished':
      return [{ type: 'event', driveId: fact.driveId, what: 'verification-finished' }];
    case 'BackupPlanned':
      return [placeOf('card', { id: fact.cardId, label: fact.label, kind: 'volume' })];
    case 'DriveAttached':
      return fact.drive.adopted ? [placeOf('drive', fact.drive)] : [];
    case 'DriveAdopted':
      return [placeOf('drive', fact.drive)];
    default:
      return [];
  }
}

/** One change for all of them: the catalogue keeps the highest. */
function counted(files: readonly { readonly number?: number }[]): readonly CatalogueChange[] {
  const number = files.reduce((highest, file) => Math.max(highest, file.number ?? 0), 0);
  return number === 0 ? [] : [{ type: 'count', number }];
}

function claimed(driveId: DriveId, { to, sizeBytes, xxh64 }: LearnedFile): CatalogueChange {
  return {
    type: 'claim',
    news: { words: claimedWords(to), card: null, backup: null },
    copy: {
      driveId,
      to,
      sizeBytes,
      xxh64,
      toMtimeMs: null,
      state: 'claimed',
      verifiedFrom: null,
      backupId: null,
    },
  };
}

/** Of a backup's own copy it stays that backup's. */
function indexed({ driveId, verifiedFrom }: FactOf<'FilesIndexed'>, file: IndexedFile): CatalogueChange {
  const { to, sizeBytes, xxh64, toMtimeMs } = file;
  return {
    type: 'confirm',
    isListedApart: !isBelowRoots(to),
    news: { words: indexedWords(file), card: null, backup: null },
    copy: { driveId, to, sizeBytes, xxh64, toMtimeMs, state: 'verified', verifiedFrom, backupId: null },
  };
}

const placeOf = (
  role: 'card' | 'drive',
  { id, label, kind }: { readonly id: string; readonly label: string; readonly kind: PlaceKind },
): CatalogueChange => ({ type: 'place', role, id, label, folder: kind === 'folder' });

function settled(
  type: 'put' | 'confirm',
  fact: FactOf<'FilesSettled'>,
  file: FileOnDrive,
): readonly CatalogueChange[] {
  const { driveId, cardId, backupId, verifiedFrom } = fact;
  const { path, to, sizeBytes, mtimeMs, xxh64, headXxh64, toMtimeMs, hash } = file;
  const copy: Copy = {
    driveId,
    to,
    sizeBytes,
    xxh64,
    toMtimeMs,
    state: 'verified',
    verifiedFrom,
    backupId,
    ...(hash === undefined ? {} : { hash }),
  };
  const news: PhotoNews = { words: settledWords(file), card: cardId, backup: backupId };
  return [
    type === 'put' ? { type, copy, news } : { type, copy, news, isListedApart: false },
    { type: 'see', seen: { cardId, path, sizeBytes, mtimeMs, headXxh64 }, xxh64, driveId, to },
  ];
}
