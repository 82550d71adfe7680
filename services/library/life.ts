import type { FactOf, FactRecord } from '../../machines/facts.ts';
import type { BackupId, DriveId, RelativePath } from '../../machines/ids.ts';
import type { Capture, FileOnDrive } from '../../machines/media.ts';
import type { Store } from '../ports.ts';
import { dayBy } from './day-by.ts';
import { laterOn } from './later.ts';
import type { Photo } from './ports.ts';
import type { Chapter, Life, PhotoLine } from './shapes.ts';
import { type Labels, toldBy } from './told.ts';

/** Records of one photo that are read: its beginning and what happened last. A card that stays in is seen again every day. */
const FIRST_RECORDS = 20;
const LAST_RECORDS = 60;

type Parts = Pick<Store, 'shelf' | 'history' | 'log'>;

/** Reads the records that tell of this content, one by one, and those of the drives that it went to. */
export function lifeOf(store: Parts, photo: Photo, line: PhotoLine, labels: Labels): Life {
  const bounds = { head: FIRST_RECORDS, tail: LAST_RECORDS };
  const { seqs, total } = store.shelf.records(photo.id, bounds);
  const teller = new Teller(store, photo, labels);
  for (const seq of seqs) {
    for (const record of store.log.read({ after: seq - 1, limit: 1 })) teller.read(record);
  }
  const later = laterOn(store, teller.chapters, labels);
  const chapters = [...folded(teller.chapters), ...later].sort((one, other) => one.seq - other.seq);
  const told = { ...line, capture: teller.capture, chapters, omitted: total - seqs.length };
  const by = teller.dayBy ?? null;
  if (line.dayFrom !== 'file' || by === null) return told;
  return { ...told, dayFrom: 'shot', ...(by.name === null ? {} : { dayBy: by.name }) };
}

class Teller {
  readonly #store: Parts;
  readonly #photo: Photo;
  readonly #labels: Labels;
  /** Where on which drive it was, for what only names a path. */
  readonly #known = new Set<string>();
  readonly chapters: Chapter[] = [];
  capture: Capture | null = null;
  /** By the first record, under whose day it is shown. */
  dayBy: ReturnType<typeof dayBy> | undefined;

  constructor(store: Parts, photo: Photo, labels: Labels) {
    this.#store = store;
    this.#photo = photo;
    this.#labels = labels;
  }

  read(record: FactRecord): void {
    const { fact } = record;
    if (fact.type === 'FilesSettled') {
      for (const file of fact.copied.filter(this.#isIt)) this.#settled('copied', record, fact, file);
      for (const file of fact.duplicates.filter(this.#isIt)) this.#settled('found', record, fact, file);
    } else if (fact.type === 'DriveContentLearned') {
      for (const { to } of fact.files.filter(this.#isIt)) {
        this.chapters.push({ what: 'claimed', ...toldBy(record), ...this.#place(fact.driveId, to) });
      }
    } else if (fact.type === 'FilesIndexed') {
      const { driveId, verifiedFrom } = fact;
      for (const { to, capture } of fact.files.filter(this.#isIt)) {
        this.capture ??= capture ?? null;
        if (this.dayBy === undefined) this.dayBy = null;
        const place = this.#place(driveId, to);
        this.chapters.push({ what: 'indexed', ...toldBy(record), ...place, verifiedFrom });
      }
    } else if (fact.type === 'CopiesLost') {
      for (const file of fact.files) this.#lost(record, fact, file);
    }
  }

  readonly #isIt = ({ xxh64, sizeBytes }: Pick<FileOnDrive, 'xxh64' | 'sizeBytes'>): boolean =>
    xxh64 === this.#photo.xxh64 && sizeBytes === this.#photo.sizeBytes;

  #settled(
    what: 'copied' | 'found',
    record: FactRecord,
    fact: FactOf<'FilesSettled'>,
    file: FileOnDrive,
  ): void {
    const { path, pathBase64, to, mtimeMs, capture } = file;
    const { backupId, cardId, driveId, verifiedFrom, secondReading = null } = fact;
    this.capture ??= capture ?? null;
    if (this.dayBy === undefined) this.dayBy = dayBy(fact, file);
    const chapter = {
      ...toldBy(record),
      backup: this.#backup(backupId),
      card: { id: cardId, label: this.#labels.card.get(cardId) ?? cardId },
      path,
      ...(pathBase64 === undefined ? {} : { pathBase64 }),
      ...this.#place(driveId, to),
      verifiedFrom,
      modifiedAt: timeOf(mtimeMs),
      secondReading: what === 'copied' ? secondReading : null,
      notes: (fact.notes ?? []).filter((note) => note.includes(path)),
    };
    this.chapters.push(
      what === 'copied' ? { what, ...chapter } : { what, ...chapter, times: 1, lastAt: record.at },
    );
  }

  /** A record of lost copies names paths alone: those that held this content are of this life. */
  #lost(
    record: FactRecord,
    { driveId, backupId, by }: FactOf<'CopiesLost'>,
    file: FactOf<'CopiesLost'>['files'][number],
  ) {
    if (!this.#known.has(`${driveId}/${file.to}`)) return;
    const place = this.#place(driveId, file.to);
    this.#known.delete(`${driveId}/${file.to}`);
    const backup = backupId === null ? null : this.#backup(backupId);
    const found = { ...place, why: file.why, backup, ...(by === undefined ? {} : { by }) };
    this.chapters.push({ what: 'lost', ...toldBy(record), ...found });
  }

  #place(driveId: DriveId, to: RelativePath) {
    this.#known.add(`${driveId}/${to}`);
    return { drive: { id: driveId, label: this.#labels.drive.get(driveId) ?? driveId }, to };
  }

  #backup(id: BackupId) {
    return { id, outcome: this.#store.history.find(id)?.outcome ?? null };
  }
}

function timeOf(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** A card that is backed up again and again tells the same each time: one chapter, with how often. */
function folded(chapters: readonly Chapter[]): readonly Chapter[] {
  const kept: Chapter[] = [];
  for (const chapter of chapters) {
    const before = kept.findLast((one) => 'to' in one && isSamePlace(one, chapter));
    const isAgain =
      chapter.what === 'found' &&
      before?.what === 'found' &&
      before.card.id === chapter.card.id &&
      before.path === chapter.path;
    if (!isAgain) kept.push(chapter);
    else kept[kept.indexOf(before)] = { ...before, times: before.times + 1, lastAt: chapter.at };
  }
  return kept;
}

const isSamePlace = (one: Chapter, other: Chapter): boolean =>
  'to' in one && 'to' in other && one.drive.id === other.drive.id && one.to === other.to;
