import type { Text } from './text.ts';

export const FRAME = {
  loading: { en: 'Loading …', de: 'Wird geladen …' },
  navigation: { en: 'Main navigation', de: 'Hauptnavigation' },
  skip: { en: 'Skip to content', de: 'Zum Inhalt' },
  navNow: { en: 'Now', de: 'Jetzt' },
  navPhotos: { en: 'Photos', de: 'Fotos' },
  navUpload: { en: 'Upload', de: 'Hochladen' },
  navHistory: { en: 'History', de: 'Verlauf' },
  navSettings: { en: 'Settings', de: 'Optionen' },
  cancel: { en: 'Cancel', de: 'Abbrechen' },
  close: { en: 'Close', de: 'Schließen' },
  tryAgain: { en: 'Try again', de: 'Noch einmal' },
  more: { en: 'Show more', de: 'Mehr anzeigen' },
  noAnswer: {
    en: 'The box does not answer. Is it on, and is this phone in its network?',
    de: 'Die Box antwortet nicht. Ist sie an, und ist dieses Telefon in ihrem Netz?',
  },
} as const satisfies Record<string, Text>;
