import type { Interruption } from '../../../machines/reasons.ts';
import type { Text } from './text.ts';

const REASONS = {
  'reason.shutdown': { en: 'The box was shut down', de: 'Die Box wurde ausgeschaltet' },
  'reason.power-cut': { en: 'The power went', de: 'Der Strom war weg' },
  'reason.card-removed': { en: 'The card was removed', de: 'Die Karte wurde entfernt' },
  'reason.weak-power': { en: 'The power was too weak', de: 'Der Strom war zu schwach' },
  'reason.verified-from-cache': {
    en: 'Read back from memory only, not from the drive',
    de: 'Nur aus dem Arbeitsspeicher zurückgelesen, nicht vom Laufwerk',
  },
} as const satisfies Record<`reason.${Interruption | 'verified-from-cache'}`, Text>;

export const HISTORY = {
  ...REASONS,
  history: { en: 'History', de: 'Verlauf' },
  'outcome.done': { en: 'Done', de: 'Fertig' },
  'outcome.failed': { en: 'Failed', de: 'Fehlgeschlagen' },
  'outcome.interrupted': { en: 'Interrupted', de: 'Unterbrochen' },
  'outcome.running': { en: 'Under way', de: 'Läuft' },
  noHistory: {
    en: 'No backup yet. The first one appears here when a card is attached.',
    de: 'Noch keine Sicherung. Die erste erscheint hier, sobald eine Karte da ist.',
  },
  'history.files': { en: '{files} {files:file|files}, {size}', de: '{files} {files:Datei|Dateien}, {size}' },
  'history.copied': { en: 'copied', de: 'kopiert' },
  'history.duplicates': { en: 'there already', de: 'schon da' },
  'history.failed': { en: 'failed', de: 'fehlgeschlagen' },
  'history.took': { en: 'took {time}', de: 'dauerte {time}' },
  'history.notes': { en: 'Notes', de: 'Hinweise' },
  'history.cache': {
    en: 'Verified from the cache only: not counted as safe',
    de: 'Nur aus dem Zwischenspeicher geprüft: zählt nicht als sicher',
  },
} as const satisfies Record<string, Text>;
