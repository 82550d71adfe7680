import type { Spec } from './spec.ts';

const VIEWER = ['--viewer', 'it may read and change nothing; default: an owner'] as const;

/** Who may come in over the network. */
export const ACCESS_SPECS: readonly Spec[] = [
  {
    usage: 'pair',
    summary: 'let one phone or browser in: a code and a QR code for five minutes; ends when somebody came in',
    options: [VIEWER, ['--name <name>', 'what it is called; default: as it calls itself']],
    example: 'imagetank pair --name "my phone"',
    load: async () => (await import('./pair.ts')).pair,
  },
  {
    usage: 'pair list',
    summary: 'who may come in',
    example: 'imagetank pair list --json',
    load: async () => (await import('./pair.ts')).list,
  },
  {
    usage: 'pair revoke <device>',
    summary: 'no longer let this device in, by name or id; what it has open ends at once',
    example: 'imagetank pair revoke "my phone"',
    load: async () => (await import('./pair.ts')).revoke,
  },
  {
    usage: 'pair token',
    summary: 'a bearer token for a script, printed once and kept nowhere',
    options: [['--name <name>', 'what the script is called, for the list'], VIEWER],
    example: 'imagetank pair token --name "shortcut of my phone" --viewer',
    load: async () => (await import('./pair.ts')).token,
  },
];
