import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sentenceIn } from '../../adapters/web/sentence.ts';
import { SENTENCES } from '../../adapters/web/texts/sentences.ts';
import { backupId, type DriveId, type RelativePath, relativePath } from '../../machines/ids.ts';
import { endsEarly } from '../../services/backup/card-end.ts';
import { historyNotes, notesOf } from '../../services/backup/plan-notes.ts';
import { Tally } from '../../services/backup/tally.ts';
import type { ShownDrive } from '../../services/control/devices.ts';
import { driveStatus } from '../../services/control/status.ts';
import type { InboxListing, TakenFile } from '../../services/inbox/ports.ts';
import { Troubles } from '../../services/inbox/troubles.ts';
import { SpecialFiles } from '../../services/library/special-files.ts';
import type { CardHistory } from '../../services/manifest/card-history.ts';
import type { DriveStore } from '../../services/media-ports.ts';

const FAT = { maxFileBytes: 4_294_967_295, restrictedNames: true, verifiedFrom: 'medium' } as const;
const path = (name: string): RelativePath => relativePath(`DCIM/${name}`);

/** As the services build them, for one file and for several. */
function said(): readonly string[] {
  return [1, 2, 7].flatMap((count) => [
    ...planned(count),
    ...ofManifest(count),
    ...ofCardEnd(count),
    ...undated(count),
    ...ofInbox(count),
    ...ofDrives(),
  ]);
}

function planned(count: number): readonly string[] {
  const share = { driveId: 'x' as DriveId, files: 0, bytes: 0 };
  const plan = { share, fits: true, neededBytes: 0, roomBytes: 0, renamed: count, tooLarge: count };
  const specials = new SpecialFiles();
  for (let at = 0; at < count; at += 1) specials.add(`link ${at}`, 'link');
  const card = { label: 'SD1', fsType: 'vfat', sizeBytes: 5 };
  const lane = { store: { drive: { label: 'SSD: A' }, rules: FAT } as DriveStore };
  const specialNote = (label: string) => specials.note(label);
  return notesOf(card, { bytes: 6, specialNote }, [lane], { drives: [plan] });
}

function ofManifest(count: number): readonly string[] {
  const missing = Array.from({ length: count }, (_, at) => path(`IMG_${at}.JPG`));
  return historyNotes({ problems: [], missing: () => missing } as unknown as CardHistory, {
    find: () => null,
  });
}

function ofCardEnd(count: number): readonly string[] {
  const files = Array.from({ length: count + 5 }, (_, index) => ({
    kind: 'file' as const,
    index,
    path: path(`IMG_${index}.JPG`),
    sizeBytes: 1,
    mtimeMs: index,
  }));
  const isSuspect = (index: number) => index > 0;
  const note = endsEarly({ label: 'SD1', files: () => files, suspects: files.length - 1, isSuspect });
  return note === null ? [] : [note];
}

function undated(count: number): readonly string[] {
  const tally = new Tally(count, 0);
  for (let at = 0; at < count; at += 1) tally.undated(at, path(`IMG_${at}.JPG`));
  return tally.undatedNote === null ? [] : [tally.undatedNote];
}

function ofInbox(count: number): readonly string[] {
  const listing: InboxListing = { files: [], unreadable: count, firstUnreadable: path('a'), more: false };
  const file = { path: path('IMG_1.JPG'), backupId: backupId('b1') } as TakenFile;
  const looks: readonly InboxListing[] = [
    { ...listing, instead: 'link' },
    { ...listing, instead: 'other', hidden: { files: count, first: path('.x') } },
    { ...listing, hidden: { files: 10_000, first: path('.x') } },
  ];
  return looks.flatMap((look) => {
    const clock = { stamp: () => ({ at: '2026-11-22T11:00:00.000Z', monoMs: 0 }) };
    const troubles = new Troubles('inbox of SSD-A', { clock, warn: () => undefined } as never);
    troubles.ofInbox(look);
    const stuck = Array.from({ length: count }, () => file);
    troubles.ofTaken({ files: [file], unreadable: count, more: true, stuck });
    return troubles.problems.map(({ message }) => message);
  });
}

function ofDrives(): readonly string[] {
  return (['damaged', 'unreadable'] as const).map((identityTrouble) => {
    const drive = { id: null, label: 'SSD', uuid: null, adopted: false, path: '/media/x', sizeBytes: 1 };
    return driveStatus({ ...drive, identityTrouble } as ShownDrive, new Map()).trouble ?? '';
  });
}

describe('a sentence of the box', () => {
  test.each([...new Set(said())])('has words in German: %s', (sentence) => {
    const { text, lang } = sentenceIn('de', sentence);
    expect(lang).toBeUndefined();
    expect(text).not.toMatch(/\b(is|are|and|the|of|it)\b/);
    expect(sentenceIn('en', sentence)).toEqual({ text: sentence });
  });

  test('is one that the box does say', () => {
    const services = join(import.meta.dirname, '../../services');
    const sources = readdirSync(services, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(services, name), 'utf8').replaceAll('\\`', '`'))
      .join('\n');
    const spoken = `${sources}\n${said().join('\n')}`;
    // Between its holes; a template of the source may have a hole beside a bracket or a colon.
    const unknown = SENTENCES.flatMap(({ en }) => en.split(/\{\w+\}|[():]/)).filter(
      (part) => !spoken.includes(part.trim().replace(/\.$/, '')),
    );
    expect(unknown).toEqual([]);
  });

  test.each([
    [
      'NIKON: DCIM/a.JPG, DCIM/b.JPG, DCIM/c.JPG and 2 others have no capture date that can be read: the time of the file counts instead',
      'NIKON: DCIM/a.JPG, DCIM/b.JPG, DCIM/c.JPG und 2 weitere haben kein lesbares Aufnahmedatum: Es zählt die Zeit der Datei',
    ],
    [
      'SD1: drive SSD-B does not have all of it (drive-full)',
      'SD1: Das Laufwerk SSD-B hat nicht alles davon (Die Karte passt nicht auf das Laufwerk)',
    ],
    [
      'SD1: drive SSD-B does not have all of it (of-a-newer-server)',
      'SD1: Das Laufwerk SSD-B hat nicht alles davon (of-a-newer-server)',
    ],
    [
      'inbox of SSD-A: 1204 of its files are not in the library yet (a.JPG, b.JPG, 1202 more): still arriving, or changed',
      'Uploads auf SSD-A: 1.204 der Dateien sind noch nicht in der Bibliothek (a.JPG, b.JPG und 1202 weitere): noch unterwegs oder geändert',
    ],
  ])('keeps its names and numbers: %s', (sentence, german) => {
    expect(sentenceIn('de', sentence)).toEqual({ text: german });
  });

  test('for which the page has no words is read out as English', () => {
    expect(sentenceIn('de', 'a sentence of a newer server')).toEqual({
      text: 'a sentence of a newer server',
      lang: 'en',
    });
  });

  test('has the same holes in both languages', () => {
    const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).toSorted().join();
    expect(SENTENCES.filter(({ en, de }) => holes(en) !== holes(de))).toEqual([]);
  });
});
