import type { Text } from './text.ts';

export const PAIRING = {
  'pair.title': { en: 'Pair this device', de: 'Dieses Gerät koppeln' },
  'pair.how': {
    en: 'On the box, run imagetank pair: it shows six digits.',
    de: 'Auf der Box imagetank pair aufrufen: Es zeigt sechs Ziffern.',
  },
  'pair.code': { en: 'Code', de: 'Code' },
  'pair.name': { en: 'Name of this device', de: 'Name dieses Geräts' },
  'pair.go': { en: 'Pair', de: 'Koppeln' },
  'pair.going': { en: 'Pairing …', de: 'Wird gekoppelt …' },
  'pair.button': { en: 'Or with the button', de: 'Oder mit der Taste' },
  'pair.button.how': {
    en: 'While the light is green, press the button of the box three times. Tap here only then: who asks before has to wait.',
    de: 'Solange das Licht grün ist, die Taste der Box dreimal drücken. Erst dann hier tippen: Wer früher fragt, muss warten.',
  },
  'pair.button.go': { en: 'I have pressed it', de: 'Ich habe gedrückt' },
  'pair.wrong-code': {
    en: 'This is not the code. It may have run out: look at the box again.',
    de: 'Das ist nicht der Code. Vielleicht ist er abgelaufen: noch einmal auf die Box sehen.',
  },
  'pair.no-pairing': {
    en: 'The box is not open for a new device. Run imagetank pair there, or press its button three times.',
    de: 'Die Box lässt gerade niemanden ein. Dort imagetank pair aufrufen oder dreimal die Taste drücken.',
  },
  'pair.pressed-in-vain': {
    en: 'The button had not been pressed, so this device has to wait ten minutes before it may ask like this again. The code comes in at once: run imagetank pair on the box.',
    de: 'Die Taste war nicht gedrückt, darum muss dieses Gerät zehn Minuten warten, bis es wieder so fragen darf. Mit dem Code geht es sofort: auf der Box imagetank pair aufrufen.',
  },
  'pair.too-many-guesses': {
    en: 'Too many wrong codes. Try again in {seconds} s.',
    de: 'Zu viele falsche Codes. In {seconds} s noch einmal versuchen.',
  },
  'pair.asked-too-early': {
    en: 'This device asked before the button was pressed. Use the code (imagetank pair), or wait ten minutes.',
    de: 'Dieses Gerät hat gefragt, bevor die Taste gedrückt war. Den Code nehmen (imagetank pair) oder zehn Minuten warten.',
  },
  'pair.too-many-devices': {
    en: 'As many devices as possible are paired already. Revoke one of them first.',
    de: 'Es sind schon so viele Geräte gekoppelt wie möglich. Zuerst einem davon den Zugang nehmen.',
  },
  'pair.six': { en: 'Type all six digits.', de: 'Alle sechs Ziffern eingeben.' },
} as const satisfies Record<string, Text>;
