import type { BackupStatus, Status } from './shapes.ts';

const MAX_SHOWN_BACKUPS = 2;

const ENDED = {
  poweroff: 'safe to cut power',
  reboot: 'restarting',
  stop: 'stopped',
} as const satisfies Record<NonNullable<Status['ending']>, string>;

/**
 * One line for `systemctl status`: `copying SD32GB-03: 312 of 1,024 files, 41 %, 2 min left`. Labels are as the card
 * has them: whoever shows the line escapes it.
 */
export function statusLine({ state, signal, backups, problems, cards, drives, ending }: Status): string {
  const running = backups.filter(({ outcome }) => outcome === null);
  if (state === 'boot') return 'looking for cards and drives';
  if (state === 'shutdown') return signal === 'off' ? ENDED[ending ?? 'stop'] : 'shutting down';
  const parts = running.slice(0, MAX_SHOWN_BACKUPS).map(progressOf);
  const worst = problems.filter(({ blinks }) => blinks > 0).toSorted((a, b) => a.blinks - b.blinks)[0];
  if (worst !== undefined) parts.push(`error ${worst.blinks}: ${worst.message}`);
  if (parts.length > 0) return parts.join('; ');
  const ready = drives.filter(({ adopted, mounted }) => adopted && mounted).length;
  const safe = cards.filter(({ backedUp }) => backedUp).length;
  const all = [
    `${count(ready, 'drive')}`,
    cards.length === 0 ? 'no card' : `${safe} of ${count(cards.length, 'card')} backed up`,
  ];
  return `${signal}: ${all.join(', ')}`;
}

function progressOf(backup: BackupStatus): string {
  const { phase, card, filesDone, filesTotal, bytesDone, bytesTotal, secondsLeft } = backup;
  if (phase === 'planned') return `reading the list of ${card}`;
  const parts = [`${phase} ${card}: ${grouped(filesDone)} of ${count(filesTotal, 'file')}`];
  // Never 100 % before the end: somebody would pull the card.
  if (bytesTotal > 0) parts.push(`${Math.min(99, Math.floor((100 * bytesDone) / bytesTotal))} %`);
  if (secondsLeft !== null) parts.push(`${timeOf(secondsLeft)} left`);
  return parts.join(', ');
}

function timeOf(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const count = (many: number, noun: string) => `${grouped(many)} ${noun}${many === 1 ? '' : 's'}`;

/** By hand, because the first use of Intl costs 10 ms. */
const grouped = (many: number) => String(many).replace(/\B(?=(\d{3})+$)/g, ',');
