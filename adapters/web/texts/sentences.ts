import type { Text } from './text.ts';

/**
 * What the box says in whole sentences, in status, history and journal, and what the page says for each in another
 * language. `en` is the sentence as the services build it; what stands between braces is taken over as it is, but for
 * `{names}`, whose "and 2 others" is put in words, and `{reason}`, which is one of `machines/reasons.ts`.
 */
export const SENTENCES: readonly Text[] = [
  // services/backup/suspect-card.ts, settle.ts and card-end.ts.
  {
    en: 'its files are {bytes} bytes and the card is {size}: it has less room than it says (fake flash), or its file system is damaged',
    de: 'Die Dateien haben {bytes} Bytes, die Karte nur {size}: Sie fasst weniger, als sie angibt (gefälscht), oder ihr Dateisystem ist beschädigt',
  },
  {
    en: '{path} begins as flash that was never written: copied as it is, look at it (a card with less room than it says?)',
    de: '{path} beginnt wie nie beschriebener Speicher: kopiert, wie sie ist; bitte ansehen (fasst die Karte weniger, als sie angibt?)',
  },
  {
    en: 'its newest {count} files cannot be read or are blank ({names}), the older ones are well: it may have less room than it says (fake flash); keep it as it is and use another card',
    de: 'Die neuesten {count} Dateien sind unlesbar oder leer ({names}), die älteren sind gut: Vielleicht fasst sie weniger, als sie angibt (gefälscht); so aufheben, wie sie ist, und eine andere Karte nehmen',
  },
  // services/library/special-files.ts.
  {
    en: '1 entry is no file and is not backed up: {names}',
    de: '1 Eintrag ist keine Datei und wird nicht gesichert: {names}',
  },
  {
    en: '{count} entries are no files and are not backed up: {names}',
    de: '{count} Einträge sind keine Dateien und werden nicht gesichert: {names}',
  },
  // services/backup/plan-notes.ts.
  {
    en: '1 file cannot keep the name there and gets another',
    de: '1 Datei kann dort ihren Namen nicht behalten und bekommt einen anderen',
  },
  {
    en: '{count} files cannot keep the name there and get another',
    de: '{count} Dateien können dort ihre Namen nicht behalten und bekommen andere',
  },
  {
    en: '1 file of more than {bytes} bytes cannot be copied there',
    de: '1 Datei von mehr als {bytes} Bytes kann nicht dorthin kopiert werden',
  },
  {
    en: '{count} files of more than {bytes} bytes cannot be copied there',
    de: '{count} Dateien von mehr als {bytes} Bytes können nicht dorthin kopiert werden',
  },
  {
    en: '1 file of the card’s own manifest, not on the card: {path}',
    de: '1 Datei aus der Liste der Karte selbst ist nicht auf der Karte: {path}',
  },
  {
    en: '{count} files of the card’s own manifest, not on the card: {path} and others',
    de: '{count} Dateien aus der Liste der Karte selbst sind nicht auf der Karte: {path} und andere',
  },
  // services/backup/tally.ts.
  {
    en: '{names} has no capture date that can be read: the time of the file counts instead',
    de: '{names} hat kein lesbares Aufnahmedatum: Es zählt die Zeit der Datei',
  },
  {
    en: '{names} have no capture date that can be read: the time of the file counts instead',
    de: '{names} haben kein lesbares Aufnahmedatum: Es zählt die Zeit der Datei',
  },
  // services/control/status.ts.
  {
    en: 'drive {label} does not have all of it ({reason})',
    de: 'Das Laufwerk {label} hat nicht alles davon ({reason})',
  },
  {
    en: '{path} is damaged, or of a newer imagetank: nothing is written there; its photos are untouched; update imagetank, and if that does not help move that file aside and adopt it again',
    de: '{path} ist beschädigt oder von einem neueren imagetank: Dort wird nichts geschrieben; die Fotos sind unberührt; imagetank aktualisieren, und wenn das nicht hilft, diese Datei beiseitelegen und das Laufwerk neu einrichten',
  },
  {
    en: '{path} cannot be read: nothing is written there; check its cable, or move that file aside and adopt it again',
    de: '{path} ist nicht lesbar: Dort wird nichts geschrieben; das Kabel prüfen, oder diese Datei beiseitelegen und das Laufwerk neu einrichten',
  },
  // services/inbox/inbox-backup.ts and troubles.ts.
  {
    en: '{count} of its files are not in the library yet ({names}): still arriving, or changed',
    de: '{count} der Dateien sind noch nicht in der Bibliothek ({names}): noch unterwegs oder geändert',
  },
  {
    en: '{count} of its files are not in the library yet: still arriving, or changed',
    de: '{count} der Dateien sind noch nicht in der Bibliothek: noch unterwegs oder geändert',
  },
  {
    en: '{count} of its files are hard links of files in the library: they stay where they are',
    de: '{count} der Dateien sind harte Links auf Dateien der Bibliothek: Sie bleiben, wo sie sind',
  },
  {
    en: 'it is a link, which is never followed: nothing in it is copied; make a folder `inbox` there, or set `inbox = false`.',
    de: '`inbox` ist ein Link, und Links wird nie gefolgt: Nichts darin wird kopiert; dort einen Ordner `inbox` anlegen, oder `inbox = false` setzen.',
  },
  {
    en: 'it is no folder, so nothing can be uploaded; rename it and make a folder `inbox`, or set `inbox = false`.',
    de: '`inbox` ist kein Ordner, also kann nichts hochgeladen werden; umbenennen und einen Ordner `inbox` anlegen, oder `inbox = false` setzen.',
  },
  {
    en: '1 file lies in a hidden folder ({path}): not copied; give the folder a name without a dot, or remove it.',
    de: '1 Datei liegt in einem versteckten Ordner ({path}): nicht kopiert; dem Ordner einen Namen ohne Punkt geben, oder ihn entfernen.',
  },
  {
    en: '{count} or more files lie in hidden folders ({path}): not copied; give the folder a name without a dot, or remove it.',
    de: '{count} oder mehr Dateien liegen in versteckten Ordnern ({path}): nicht kopiert; dem Ordner einen Namen ohne Punkt geben, oder ihn entfernen.',
  },
  {
    en: '{count} files lie in hidden folders ({path}): not copied; give the folder a name without a dot, or remove it.',
    de: '{count} Dateien liegen in versteckten Ordnern ({path}): nicht kopiert; dem Ordner einen Namen ohne Punkt geben, oder ihn entfernen.',
  },
  {
    en: '{names} cannot be read, so what lies there is not copied; check owner and permissions, and the drive.',
    de: '{names}: nicht lesbar, also wird nicht kopiert, was dort liegt; Besitzer und Rechte prüfen, und das Laufwerk.',
  },
  {
    en: '{names} cannot be read, so what lies there is not looked at again; check owner and permissions, and the drive.',
    de: '{names}: nicht lesbar, also wird nicht noch einmal angesehen, was dort liegt; Besitzer und Rechte prüfen, und das Laufwerk.',
  },
  {
    en: 'more than {count} files were copied and taken out within the hour, and the others cannot be looked at again before these are deleted; nothing to do.',
    de: 'Mehr als {count} Dateien wurden in dieser Stunde kopiert und herausgenommen; die anderen können erst noch einmal angesehen werden, wenn diese gelöscht sind; nichts zu tun.',
  },
  {
    en: '{names} changed after being copied, or lost a copy, and cannot go back into the inbox; make `inbox` a folder again, and it will be copied.',
    de: '{names}: nach dem Kopieren geändert, oder eine Kopie ging verloren, und der Weg zurück nach `inbox` ist versperrt; `inbox` wieder zum Ordner machen, dann wird sie kopiert.',
  },
  {
    en: '{names} changed after being copied, or lost a copy, and cannot go back into the inbox; make `inbox` a folder again, and they will be copied.',
    de: '{names}: nach dem Kopieren geändert, oder Kopien gingen verloren, und der Weg zurück nach `inbox` ist versperrt; `inbox` wieder zum Ordner machen, dann werden sie kopiert.',
  },
];
