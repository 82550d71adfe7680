import type { Text } from './text.ts';

/** What the box may refuse, and what to do: several codes share one answer. */
export const REFUSALS = {
  'refused.misread': {
    en: 'The page and the box do not understand each other',
    de: 'Die Seite und die Box verstehen sich nicht',
  },
  'refused.misread.todo': {
    en: 'Load the page anew. If it stays so, restart the box.',
    de: 'Die Seite neu laden. Bleibt es so, die Box neu starten.',
  },
  'refused.address': {
    en: 'The box does not know itself by this address',
    de: 'Unter dieser Adresse kennt sich die Box nicht',
  },
  'refused.address.todo': {
    en: 'Open the page at the address that the box shows.',
    de: 'Die Seite unter der Adresse öffnen, die die Box anzeigt.',
  },
  'refused.crowded': { en: 'The box has too much to do right now', de: 'Die Box hat gerade zu viel zu tun' },
  'refused.crowded.todo': {
    en: 'Wait a moment, then try again.',
    de: 'Einen Moment warten, dann noch einmal versuchen.',
  },
  'refused.stranger': { en: 'This device has no access', de: 'Dieses Gerät hat keinen Zugang' },
  'refused.stranger.todo': {
    en: 'Pair it with a new code of the box.',
    de: 'Mit einem neuen Code der Box koppeln.',
  },
  'refused.viewer': { en: 'This device may only look', de: 'Dieses Gerät darf nur ansehen' },
  'refused.viewer.todo': { en: 'Pair it anew as owner.', de: 'Als Besitzer neu koppeln.' },
  'refused.on-the-box': { en: 'This is done on the box itself', de: 'Das geht nur an der Box selbst' },
  'refused.on-the-box.todo': {
    en: 'Log in there and use the command line.',
    de: 'Dort anmelden und die Befehlszeile verwenden.',
  },
  'refused.in-use': { en: 'It is being used right now', de: 'Das wird gerade verwendet' },
  'refused.in-use.todo': {
    en: 'Wait until the backup or check has ended, then try again.',
    de: 'Warten, bis die Sicherung oder Prüfung fertig ist, dann noch einmal versuchen.',
  },
  'refused.leaving': {
    en: 'The box is switching off, or a drive is being ejected',
    de: 'Die Box schaltet sich aus, oder ein Laufwerk wird ausgeworfen',
  },
  'refused.leaving.todo': { en: 'Try again afterwards.', de: 'Danach noch einmal versuchen.' },
  'refused.away': { en: 'It is not there any more', de: 'Das ist nicht mehr da' },
  'refused.away.todo': {
    en: 'Attach it again, or look again at what is there.',
    de: 'Wieder anschließen oder noch einmal nachsehen, was da ist.',
  },
  'refused.no-picture': { en: 'There is no picture of it', de: 'Davon gibt es kein Bild' },
  'refused.no-picture.todo': { en: 'The original can be downloaded.', de: 'Das Original lässt sich laden.' },
  'refused.ambiguous': { en: 'Several have this name', de: 'Mehrere heißen so' },
  'refused.ambiguous.todo': {
    en: 'Detach all but one, then try again.',
    de: 'Alle bis auf eines abziehen, dann noch einmal versuchen.',
  },
  'refused.no-drive': {
    en: 'No drive is attached that could take it',
    de: 'Kein Laufwerk ist da, das es nimmt',
  },
  'refused.no-drive.todo': {
    en: 'Attach a drive that is set up.',
    de: 'Ein eingerichtetes Laufwerk anschließen.',
  },
  'refused.drive-unfit': { en: 'This cannot become a drive', de: 'Das kann kein Laufwerk werden' },
  'refused.drive-unfit.todo': {
    en: 'It is the disk of the box, a card, or a folder inside of another drive. Take another one.',
    de: 'Es ist die Platte der Box, eine Karte oder ein Ordner in einem anderen Laufwerk. Ein anderes nehmen.',
  },
  'refused.drive-file': {
    en: 'What imagetank wrote on this drive cannot be used',
    de: 'Was imagetank auf diesem Laufwerk notiert hat, ist nicht zu gebrauchen',
  },
  'refused.drive-file.todo': {
    en: 'Its photos are untouched. Check the cable and update imagetank.',
    de: 'Die Fotos darauf sind unberührt. Das Kabel prüfen und imagetank aktualisieren.',
  },
  'refused.not-writable': { en: 'It cannot be written', de: 'Darauf lässt sich nicht schreiben' },
  'refused.not-writable.todo': {
    en: 'Check its lock switch, its room and its cable.',
    de: 'Schreibschutzschalter, Platz und Kabel prüfen.',
  },
  'refused.unreadable': { en: 'It cannot be read', de: 'Das ist nicht lesbar' },
  'refused.unreadable.todo': {
    en: 'Check the cable and the reader. Do not erase anything.',
    de: 'Kabel und Kartenleser prüfen. Nichts löschen.',
  },
  'refused.inbox': {
    en: 'Uploads on this drive are not backed up yet',
    de: 'Uploads auf diesem Laufwerk sind noch nicht gesichert',
  },
  'refused.inbox.todo': {
    en: 'Wait until the light is green. A second Eject lets the drive go as it is.',
    de: 'Warten, bis das Licht grün ist. Ein zweites Auswerfen gibt das Laufwerk so frei, wie es ist.',
  },
  'refused.setting': { en: 'This cannot be set like that', de: 'Das lässt sich so nicht einstellen' },
  'refused.setting.todo': {
    en: 'Look at the value again, or change it where it is set on the box.',
    de: 'Den Wert noch einmal ansehen oder dort ändern, wo er auf der Box gesetzt ist.',
  },
  'refused.drive-full': {
    en: 'The drive is full. What arrived is kept',
    de: 'Das Laufwerk ist voll. Was angekommen ist, bleibt',
  },
  'refused.drive-full.todo': {
    en: 'Attach a larger one or make room on it.',
    de: 'Ein größeres anschließen oder darauf Platz schaffen.',
  },
  'refused.uploads': { en: 'The box does not take this upload', de: 'Die Box nimmt diesen Upload nicht an' },
  'refused.uploads.todo': {
    en: 'Finish or cancel other uploads, give shorter names, and look whether uploads are switched on.',
    de: 'Andere Uploads beenden oder abbrechen, kürzere Namen geben und nachsehen, ob Uploads eingeschaltet sind.',
  },
  'refused.code': {
    en: 'The box does not let this device in',
    de: 'Die Box lässt dieses Gerät nicht herein',
  },
  'refused.code.todo': {
    en: 'Ask the box for a new code, and wait a minute after several wrong ones.',
    de: 'An der Box einen neuen Code holen und nach mehreren falschen eine Minute warten.',
  },
  'refused.words': { en: 'What the box said', de: 'Wortlaut der Box (englisch)' },
} as const satisfies Record<string, Text>;
