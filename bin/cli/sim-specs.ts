import type { Spec } from './spec.ts';

/** The simulated board of a running daemon. */
export const SIM_SPECS: readonly Spec[] = [
  {
    usage: 'sim insert <dir>',
    summary: 'a folder becomes a card of the simulated board',
    options: [['--as <label>', 'its label; default: the name of the folder']],
    example: 'imagetank sim insert ./DCIM --as SD32GB-03',
    load: async () => (await import('./sim.ts')).insert,
  },
  {
    usage: 'sim remove [dir]',
    summary: 'pull that card, or the only one',
    example: 'imagetank sim remove',
    load: async () => (await import('./sim.ts')).remove,
  },
  {
    usage: 'sim drive in <dir>',
    summary: 'a folder becomes an attached drive',
    example: 'imagetank sim drive in ./drive',
    load: async () => (await import('./sim.ts')).driveIn,
  },
  {
    usage: 'sim drive out <dir>',
    summary: 'pull that drive',
    example: 'imagetank sim drive out ./drive',
    load: async () => (await import('./sim.ts')).driveOut,
  },
  {
    usage: 'sim press',
    summary: 'press the button shortly',
    example: 'imagetank sim press',
    load: async () => (await import('./sim.ts')).press,
  },
  {
    usage: 'sim hold',
    summary: 'hold the button',
    options: [['--ms <n>', 'how long, default 2500: over 2000 shuts down']],
    example: 'imagetank sim hold --ms 2500',
    load: async () => (await import('./sim.ts')).hold,
  },
];
