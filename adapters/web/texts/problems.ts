import type { HealthCheck } from '../../../machines/facts.ts';
import type { Reason } from '../../../machines/reasons.ts';
import type { NoteCode } from '../../../services/shapes.ts';
import type { Text } from './text.ts';

/** Codes of `status.problems`; what to do about a note stands in the note. */
export type ProblemCode = Reason | Exclude<HealthCheck, 'power'> | NoteCode;

export const PROBLEMS = {
  'problem.note': { en: 'The last backup has a note', de: 'Hinweis der letzten Sicherung' },
  'todo.note': {
    en: 'Read what the box says before you erase the card.',
    de: 'Vor dem Löschen der Karte lesen, was die Box dazu sagt.',
  },
  'problem.inbox': {
    en: 'The folder for uploads needs a look',
    de: 'Der Ordner für Uploads braucht einen Blick',
  },
  'todo.inbox': {
    en: 'Not all of it is backed up. What to do stands in the words of the box.',
    de: 'Nicht alles darin ist gesichert. Was zu tun ist, steht im Wortlaut der Box.',
  },
  'problem.settings': {
    en: 'A setting of the page is not used',
    de: 'Eine der Optionen wirkt nicht',
  },
  'todo.settings': {
    en: 'Save it again in the settings.',
    de: 'In den Optionen noch einmal speichern.',
  },
  'problem.network': { en: 'The network is closed', de: 'Das Netz ist zu' },
  'todo.network': {
    en: 'Backups go on. It is tried again, once a minute at least.',
    de: 'Gesichert wird weiter. Es wird erneut versucht, mindestens jede Minute.',
  },
  'problem.no-drive': { en: 'No drive', de: 'Kein Laufwerk' },
  'todo.no-drive': {
    en: 'Attach an adopted drive: the backup then starts by itself.',
    de: 'Ein eingerichtetes Laufwerk anschließen: Die Sicherung beginnt dann von selbst.',
  },
  'problem.too-few-copies': { en: 'Too few drives', de: 'Zu wenige Laufwerke' },
  'todo.too-few-copies': {
    en: 'Fewer drives are attached than copies are asked for: attach another adopted drive.',
    de: 'Es sind weniger Laufwerke da als Kopien verlangt: noch ein eingerichtetes Laufwerk anschließen.',
  },
  'problem.drive-full': {
    en: 'The card does not fit on the drive',
    de: 'Die Karte passt nicht auf das Laufwerk',
  },
  'todo.drive-full': {
    en: 'Attach a drive with more room. Nothing was deleted.',
    de: 'Ein Laufwerk mit mehr Platz anschließen. Es wurde nichts gelöscht.',
  },
  'problem.file-too-large': {
    en: 'A file is too large for the drive',
    de: 'Eine Datei ist zu groß für das Laufwerk',
  },
  'todo.file-too-large': {
    en: 'FAT32 takes files up to 4 GiB only: use a drive with exFAT or ext4.',
    de: 'FAT32 fasst nur Dateien bis 4 GiB: ein Laufwerk mit exFAT oder ext4 verwenden.',
  },
  'problem.card-unreadable': { en: 'Some files could not be read', de: 'Einige Dateien waren nicht lesbar' },
  'todo.card-unreadable': {
    en: 'All others are copied. Try another reader, and keep the card.',
    de: 'Alle anderen sind kopiert. Einen anderen Kartenleser versuchen und die Karte aufheben.',
  },
  'problem.file-changed': { en: 'A file kept changing', de: 'Eine Datei änderte sich ständig' },
  'todo.file-changed': {
    en: 'Stop the camera from writing, then back up again.',
    de: 'Die Kamera nicht mehr schreiben lassen, dann noch einmal sichern.',
  },
  'problem.verify-mismatch': { en: 'A copy is not what was written', de: 'Eine Kopie stimmt nicht' },
  'todo.verify-mismatch': {
    en: 'Do not erase the card, and do not trust this drive or its cable: try another.',
    de: 'Die Karte nicht löschen und diesem Laufwerk und Kabel nicht trauen: ein anderes versuchen.',
  },
  'problem.card-altered': {
    en: 'The card’s own checksums do not match',
    de: 'Die Prüfsummen der Karte stimmen nicht',
  },
  'todo.card-altered': {
    en: 'The file is copied as it is. Try another reader, and keep the card.',
    de: 'Die Datei ist kopiert, wie sie ist. Einen anderen Kartenleser versuchen und die Karte aufheben.',
  },
  'problem.card-removed': { en: 'The card was removed too early', de: 'Die Karte wurde zu früh entfernt' },
  'todo.card-removed': {
    en: 'Insert it again: the backup goes on where it stopped.',
    de: 'Wieder einlegen: Die Sicherung geht weiter, wo sie aufgehört hat.',
  },
  'problem.interrupted': { en: 'A backup was interrupted', de: 'Eine Sicherung wurde unterbrochen' },
  'todo.interrupted': {
    en: 'Its card is not attached: insert it again to finish.',
    de: 'Ihre Karte ist nicht da: wieder einlegen, dann wird sie fertig.',
  },
  'problem.drive-lost': { en: 'The drive went away', de: 'Das Laufwerk ist weg' },
  'todo.drive-lost': {
    en: 'Check its cable and power, and attach it again.',
    de: 'Kabel und Strom prüfen und wieder anschließen.',
  },
  'problem.drive-failing': { en: 'The drive reports write errors', de: 'Das Laufwerk meldet Schreibfehler' },
  'todo.drive-failing': { en: 'Use another drive.', de: 'Ein anderes Laufwerk verwenden.' },
  'problem.drive-not-writable': {
    en: 'The drive cannot be written',
    de: 'Das Laufwerk ist nicht beschreibbar',
  },
  'todo.drive-not-writable': {
    en: 'Check its lock switch and its file system.',
    de: 'Schreibschutzschalter und Dateisystem prüfen.',
  },
  'problem.drive-id-clash': { en: 'Two drives with the same id', de: 'Zwei Laufwerke mit derselben Kennung' },
  'todo.drive-id-clash': {
    en: 'One is a clone of the other: detach one of them.',
    de: 'Eines ist eine Kopie des anderen: eines davon abziehen.',
  },
  'problem.mount-failed': { en: 'The card could not be opened', de: 'Die Karte ließ sich nicht öffnen' },
  'todo.mount-failed': { en: 'Try another reader.', de: 'Einen anderen Kartenleser versuchen.' },
  'problem.weak-power': { en: 'The power supply is too weak', de: 'Die Stromversorgung ist zu schwach' },
  'todo.weak-power': {
    en: 'Use the supply that was made for the Pi.',
    de: 'Das Netzteil verwenden, das für den Pi gemacht ist.',
  },
  'problem.internal': { en: 'Something went wrong inside imagetank', de: 'In imagetank ging etwas schief' },
  'todo.internal': {
    en: 'Do not erase the card. See imagetank log tail on the box, and report it.',
    de: 'Die Karte nicht löschen. Auf der Box imagetank log tail ansehen und melden.',
  },
  'problem.journal-damaged': { en: 'The journal was damaged', de: 'Das Journal war beschädigt' },
  'todo.journal-damaged': {
    en: 'It was moved aside; what is on the drives is read again.',
    de: 'Es wurde beiseitegelegt; was auf den Laufwerken ist, wird neu gelesen.',
  },
  'problem.state-disk-full': { en: 'The disk of the box is full', de: 'Die Platte der Box ist voll' },
  'todo.state-disk-full': {
    en: 'Free some space on the disk that holds the journal.',
    de: 'Auf der Platte mit dem Journal Platz schaffen.',
  },
  'problem.card-writable': {
    en: 'Another program can write to the card',
    de: 'Ein anderes Programm kann auf die Karte schreiben',
  },
  'todo.card-writable': { en: 'imagetank only reads it.', de: 'imagetank liest sie nur.' },
  'problem.low-space': { en: 'Little space left', de: 'Wenig Platz' },
  'todo.low-space': { en: 'Have another drive ready.', de: 'Ein weiteres Laufwerk bereithalten.' },
  'problem.temperature': { en: 'The box is hot', de: 'Die Box ist heiß' },
  'todo.temperature': {
    en: 'Give it air and shade; it copies more slowly until it has cooled down.',
    de: 'Luft und Schatten geben; bis sie abgekühlt ist, kopiert sie langsamer.',
  },
  'problem.throttling': { en: 'The processor is slowed down', de: 'Der Prozessor ist gebremst' },
  'todo.throttling': {
    en: 'Copying takes longer. Heat or weak power is the cause.',
    de: 'Kopieren dauert länger. Hitze oder schwacher Strom ist der Grund.',
  },
  'problem.memory': { en: 'imagetank uses much memory', de: 'imagetank braucht viel Speicher' },
  'todo.memory': {
    en: 'Please report it; a restart frees it.',
    de: 'Bitte melden; ein Neustart gibt ihn frei.',
  },
  'problem.state-disk': { en: 'The disk of the box is nearly full', de: 'Die Platte der Box ist fast voll' },
  'todo.state-disk': {
    en: 'Free some space on it, or backups will stop.',
    de: 'Platz schaffen, sonst hören die Sicherungen auf.',
  },
  'problem.disk': {
    en: 'A disk reports that it is not well',
    de: 'Eine Platte meldet, dass es ihr nicht gut geht',
  },
  'todo.disk': {
    en: 'Have another drive ready, and keep two copies.',
    de: 'Ein weiteres Laufwerk bereithalten und zwei Kopien behalten.',
  },
} as const satisfies Record<`problem.${ProblemCode}` | `todo.${ProblemCode}`, Text>;
