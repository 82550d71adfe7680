import type { Text } from './text.ts';

export const CHECK = {
  check: { en: 'Check: safe to format?', de: 'Prüfen: formatieren?' },
  checkCard: { en: 'Check: safe to format? {card}', de: 'Prüfen: formatieren? {card}' },
  'check.running': { en: 'Every byte of the card is read', de: 'Jedes Byte der Karte wird gelesen' },
  'check.stop': { en: 'Stop checking', de: 'Prüfung abbrechen' },
  'check.safe': { en: 'Yes, {card} may be formatted', de: 'Ja, {card} darf formatiert werden' },
  'check.safe.why': {
    en: '{files} {files:file lies|files lie} verified on {copies} {copies:drive|drives}. Checked at {time}.',
    de: '{files} {files:Datei liegt|Dateien liegen} geprüft auf {copies} {copies:Laufwerk|Laufwerken}. Geprüft um {time}.',
  },
  'check.no': { en: 'No, do not format {card}', de: 'Nein, {card} nicht formatieren' },
  'check.no.why': {
    en: '{missing} of {files} {files:file|files} {missing:has|have} no verified copy that counts.',
    de: '{missing} von {files} {files:Datei|Dateien} {missing:hat|haben} keine geprüfte Kopie, die zählt.',
  },
  'check.old': {
    en: 'Something changed since the last check. Check again.',
    de: 'Seit der letzten Prüfung hat sich etwas geändert. Noch einmal prüfen.',
  },
  'check.gaps': {
    en: 'Numbers that were on no card: {gaps}',
    de: 'Nummern, die auf keiner Karte waren: {gaps}',
  },
  'check.others': { en: 'and {count} more', de: 'und {count} weitere' },
  'why.not-on-drive': { en: 'on no drive', de: 'auf keinem Laufwerk' },
  'why.altered': { en: 'the copy was altered', de: 'die Kopie wurde verändert' },
  'why.unverified': { en: 'not verified', de: 'nicht geprüft' },
  'why.unreadable': { en: 'cannot be read', de: 'nicht lesbar' },
  'why.hard-link': { en: 'two names for one file', de: 'zwei Namen für eine Datei' },
  'why.too-few-copies': { en: 'too few copies', de: 'zu wenige Kopien' },
  'why.not-offsite': { en: 'not off-site', de: 'nicht außer Haus' },
} as const satisfies Record<string, Text>;
