import type { Text } from '../texts/text.ts';

export const UPLOAD = {
  upload: { en: 'Upload', de: 'Hochladen' },
  uploadLead: {
    en: 'Photos and films from this phone go to the box, whole and unchanged.',
    de: 'Fotos und Filme von diesem Telefon kommen ganz und unverändert auf die Box.',
  },
  uploadPick: { en: 'Choose photos and films', de: 'Fotos und Filme auswählen' },
  uploadDrop: { en: 'or drop them here', de: 'oder hierher ziehen' },
  uploadDropHere: { en: 'Let go to upload', de: 'Zum Hochladen loslassen' },
  uploadHintApple: {
    en: 'iPhone: to send HEIC and originals as they are, tap Options in the picker and choose Current, where it is offered.',
    de: 'iPhone: Damit HEIC und Originale so bleiben, in der Auswahl auf Optionen tippen und Aktuell wählen, wo es angeboten wird.',
  },
  uploadHintOpen: {
    en: 'Keep this page open. After a break, choose the same files again: they go on where they were.',
    de: 'Diese Seite offen lassen. Nach einer Unterbrechung dieselben Dateien wählen: Es geht weiter, wo es war.',
  },
  uploadRoom: {
    en: 'Files of up to {max} each. {free} free.',
    de: 'Dateien bis zu je {max}. {free} frei.',
  },
  uploadViewer: {
    en: 'This device may look, not upload. Its owner can pair it anew as owner.',
    de: 'Dieses Gerät darf ansehen, nicht hochladen. Neu gekoppelt als Besitzer darf es das.',
  },
  uploadClosed: { en: 'The box takes no uploads now', de: 'Die Box nimmt gerade nichts an' },
  uploadSending: {
    en: 'Uploading {done} of {n} {n:file|files}',
    de: '{done} von {n} {n:Datei|Dateien} hochgeladen',
  },
  uploadPausedAll: {
    en: 'Paused. {done} of {n} {n:file|files} uploaded',
    de: 'Angehalten. {done} von {n} {n:Datei|Dateien} hochgeladen',
  },
  uploadLost: {
    en: 'No connection. It goes on by itself.',
    de: 'Keine Verbindung. Es geht von selbst weiter.',
  },
  uploadOver: {
    en: '{done} of {n} {n:file|files} uploaded',
    de: '{done} von {n} {n:Datei|Dateien} hochgeladen',
  },
  uploadOverMeans: {
    en: 'Uploaded is not yet backed up. The box now copies and verifies; when its light turns green, they are safe.',
    de: 'Hochgeladen ist noch nicht gesichert. Die Box kopiert und prüft nun; leuchtet sie grün, sind sie sicher.',
  },
  uploadSeeNow: { en: 'See what the box does', de: 'Ansehen, was die Box tut' },
  uploadSlow: {
    en: 'Slow while a card is copied: the card comes first.',
    de: 'Langsam, solange eine Karte kopiert wird: Die Karte geht vor.',
  },
  uploadProgress: { en: '{sent} of {all}', de: '{sent} von {all}' },
  uploadLeft: { en: '{time} left', de: 'noch {time}' },
  uploadTotal: { en: 'All uploads', de: 'Alles zusammen' },
  uploadFiles: { en: 'Files', de: 'Dateien' },
  uploadPause: { en: 'Pause', de: 'Anhalten' },
  uploadResume: { en: 'Resume', de: 'Fortsetzen' },
  uploadCancelOne: { en: 'Cancel {name}', de: '{name} abbrechen' },
  uploadClear: { en: 'Clear list', de: 'Liste leeren' },
  uploadWaiting: { en: 'Waiting', de: 'Wartet' },
  uploadIsSending: { en: 'Uploading', de: 'Wird hochgeladen' },
  uploadPaused: { en: 'Paused', de: 'Angehalten' },
  uploadReconnecting: { en: 'No connection, tries again', de: 'Keine Verbindung, versucht es wieder' },
  uploadBusy: { en: 'The box is busy, tries again', de: 'Die Box ist beschäftigt, versucht es wieder' },
  uploadFull: { en: 'The drive is full, waits for room', de: 'Das Laufwerk ist voll, wartet auf Platz' },
  uploadFullMeans: {
    en: 'The drive is full. Attach a larger one or make room on it: it then goes on by itself. What arrived is kept.',
    de: 'Das Laufwerk ist voll. Ein größeres anschließen oder darauf Platz schaffen, dann geht es von selbst weiter. Was angekommen ist, bleibt.',
  },
  uploadDone: { en: 'Uploaded', de: 'Hochgeladen' },
  uploadCancelled: { en: 'Cancelled', de: 'Abgebrochen' },
  uploadTooLarge: { en: 'Too large for the room on the drive', de: 'Zu groß für den Platz auf dem Laufwerk' },
  uploadTooMany: { en: 'Too many uploads are unfinished', de: 'Zu viele Uploads sind nicht beendet' },
  uploadNoDrive: { en: 'No drive is attached that could take it', de: 'Kein Laufwerk ist da, das sie nimmt' },
  uploadOff: {
    en: 'Uploads are switched off in the settings',
    de: 'Uploads sind in den Optionen abgeschaltet',
  },
  uploadBadName: { en: 'Its name is too long', de: 'Der Name ist zu lang' },
  uploadViewerOnly: { en: 'This device may only look', de: 'Dieses Gerät darf nur ansehen' },
  uploadUnreadable: {
    en: 'The phone does not give the file. Choose it again',
    de: 'Das Telefon gibt die Datei nicht her. Noch einmal wählen',
  },
  uploadBeyond: {
    en: 'Not taken: at most {most} at once. Choose it again later',
    de: 'Nicht angenommen: höchstens {most} auf einmal. Später noch einmal wählen',
  },
  uploadBeyondAll: {
    en: '{n} {n:file was|files were} not taken: at most {most} at once. Choose {n:it|them} again when these are uploaded.',
    de: '{n} {n:Datei wurde|Dateien wurden} nicht angenommen: höchstens {most} auf einmal. Noch einmal wählen, wenn diese hochgeladen sind.',
  },
  uploadRefusedAll: {
    en: '{n} {n:file was|files were} refused: why stands beside {n:it|each}.',
    de: '{n} {n:Datei wurde|Dateien wurden} abgelehnt: Warum, steht {n:daneben|jeweils daneben}.',
  },
  uploadRefused: { en: 'The box refused it', de: 'Die Box hat sie abgelehnt' },
} as const satisfies Record<string, Text>;
