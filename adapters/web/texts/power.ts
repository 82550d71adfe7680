import type { Text } from './text.ts';

export const POWER = {
  power: { en: 'Power', de: 'Ein/Aus' },
  powerOff: { en: 'Power off', de: 'Ausschalten' },
  restartBox: { en: 'Restart the box', de: 'Box neu starten' },
  'power.title': { en: 'Power off the box?', de: 'Die Box ausschalten?' },
  'power.text': {
    en: 'A running backup stops at a safe place and goes on next time.',
    de: 'Eine laufende Sicherung hält an sicherer Stelle an und geht beim nächsten Mal weiter.',
  },
  'reboot.title': { en: 'Restart the box?', de: 'Die Box neu starten?' },
  'leaving.ending': { en: 'Shutting down', de: 'Schaltet sich aus' },
  'leaving.ending.why': {
    en: 'Do not unplug yet. You may unplug when the light is off.',
    de: 'Noch nicht ausstecken. Erst wenn das Licht aus ist, darf der Stecker gezogen werden.',
  },
  'leaving.off': { en: 'The box says that it is off', de: 'Die Box meldet, dass sie aus ist' },
  'leaving.off.why': {
    en: 'Look at it: you may unplug when no light is on.',
    de: 'Hinsehen: Wenn kein Licht mehr brennt, darf der Stecker gezogen werden.',
  },
  'leaving.gone': { en: 'The box is not heard any more', de: 'Von der Box kommt nichts mehr' },
  'leaving.gone.why': {
    en: 'This alone does not mean that it is off. Look at it: you may unplug when no light is on.',
    de: 'Das allein heißt nicht, dass sie aus ist. Hinsehen: Wenn kein Licht mehr brennt, darf der Stecker gezogen werden.',
  },
  'leaving.restart': { en: 'imagetank restarts', de: 'imagetank startet neu' },
  'leaving.restart.why': {
    en: 'Only the program: the box stays on. This page comes back by itself.',
    de: 'Nur das Programm: Die Box bleibt an. Diese Seite kommt von selbst wieder.',
  },
  'leaving.stop': { en: 'imagetank stops', de: 'imagetank hört auf' },
  'leaving.stop.why': {
    en: 'The program alone, as far as it knows: the box may stay on. Leave the power on, unless you are switching it off yourself and no light is on.',
    de: 'Nur das Programm, soweit es weiß: Die Box kann an bleiben. Den Strom anlassen, es sei denn, man schaltet sie gerade selbst aus und kein Licht brennt mehr.',
  },
  'leaving.again': { en: 'The box restarts', de: 'Die Box startet neu' },
  'leaving.again.why': {
    en: 'This page comes back by itself. Leave the power on.',
    de: 'Diese Seite kommt von selbst wieder. Den Strom anlassen.',
  },
} as const satisfies Record<string, Text>;
