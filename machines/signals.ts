import type { ErrorCode } from './reasons.ts';

export const LED_SIGNALS = [
  'booting',
  'ready',
  'attention',
  'waiting',
  'copying',
  'verifying',
  'error',
  'shutting-down',
  'off',
] as const;
export type LedSignal = (typeof LED_SIGNALS)[number];

/** Exactly the words of `contract.md` section 1, milliseconds. */
export type LedPattern =
  | 'off'
  | 'on'
  | `blink ${number}/${number}`
  | `pulse ${number}/${number}`
  | `code ${number}`;

export interface ThreeLeds {
  readonly red: LedPattern;
  readonly amber: LedPattern;
  readonly green: LedPattern;
}

/** A copy that goes on while an error is shown. */
export type Activity = 'copying' | 'verifying' | null;

/** What the lights say: all a board needs to know. */
export interface Light {
  readonly signal: LedSignal;
  /** Lowest latched code, with the signal `error` only. */
  readonly code: ErrorCode | null;
  readonly activity: Activity;
}

const DARK: ThreeLeds = { red: 'off', amber: 'off', green: 'off' };
const FAST: LedPattern = 'blink 200/200';

const THREE = {
  booting: { ...DARK, red: FAST },
  ready: { ...DARK, green: 'on' },
  attention: { ...DARK, amber: 'blink 100/1900' },
  waiting: { ...DARK, amber: 'blink 100/1900' },
  copying: { ...DARK, amber: 'pulse 400/400' },
  verifying: { ...DARK, amber: 'blink 100/100' },
  error: { ...DARK, red: 'code 9' },
  'shutting-down': { ...DARK, red: FAST },
  off: DARK,
} as const satisfies Record<LedSignal, ThreeLeds>;

const ONE = {
  booting: FAST,
  ready: 'on',
  attention: 'blink 100/900',
  waiting: 'blink 100/1900',
  copying: 'blink 400/400',
  verifying: 'blink 100/100',
  error: 'code 9',
  'shutting-down': FAST,
  off: 'off',
} as const satisfies Record<LedSignal, LedPattern>;

/** `code 9` when an error has no code: an unknown error is an internal one. */
const codePattern = (light: Light): LedPattern => `code ${light.code ?? 9}`;

export function threeLeds(light: Light): ThreeLeds {
  if (light.signal !== 'error') return THREE[light.signal];
  const amber = light.activity === null ? 'off' : THREE[light.activity].amber;
  return { red: codePattern(light), amber, green: 'off' };
}

export function oneLed(light: Light): LedPattern {
  return light.signal === 'error' ? codePattern(light) : ONE[light.signal];
}
