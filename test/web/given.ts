import { threeLeds } from '../../machines/signals.ts';
import type { BackupStatus, CardStatus, LightLine, Status } from '../../services/shapes.ts';

const STATE = {
  booting: 'boot',
  ready: 'ready',
  attention: 'ready',
  waiting: 'ready',
  copying: 'copying',
  verifying: 'copying',
  error: 'error',
  'shutting-down': 'shutdown',
  off: 'shutdown',
} as const satisfies Record<LightLine['signal'], LightLine['state']>;

const lightsOf = (signal: LightLine['signal']) => {
  const code = signal === 'error' ? 3 : null;
  return { state: STATE[signal], signal, code, leds: threeLeds({ signal, code, activity: null }) };
};

export const lightOf = (signal: LightLine['signal']): LightLine => ({
  seq: 1,
  at: '2026-11-21T14:05:00Z',
  monoMs: 1,
  ...lightsOf(signal),
});

export const statusOf = (signal: LightLine['signal'], parts: Partial<Status> = {}): Status => ({
  ...lightsOf(signal),
  drives: [],
  cards: [cardOf({})],
  backups: [],
  verifications: [],
  problems: [],
  health: null,
  address: null,
  ending: null,
  ...parts,
});

export const cardOf = (parts: Partial<CardStatus>): CardStatus => ({
  id: 'card-1',
  label: 'SD32GB-03',
  uuid: null,
  path: '/media/SD32GB-03',
  readOnly: true,
  backedUp: true,
  insertion: 7,
  ...parts,
});

export const backupOf = (parts: Partial<BackupStatus>): BackupStatus => ({
  id: 'backup-1',
  card: 'SD32GB-03',
  drives: [],
  phase: 'copying',
  filesDone: 1,
  filesTotal: 2,
  bytesDone: 1,
  bytesTotal: 2,
  rateBytesPerSecond: null,
  secondsLeft: null,
  startedAt: '2026-11-21T14:05:00Z',
  finishedAt: null,
  outcome: null,
  secondReading: null,
  ...parts,
});
