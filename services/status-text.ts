import { cardId, isInboxCard } from '../machines/ids.ts';
import type { LedSignal } from '../machines/signals.ts';
import { escapeText, escapeJson as quoted } from './escape.ts';
import type { BackupStatus, Status } from './shapes.ts';

/** A voice reads them one by one; what matters most comes first. */
const MAX_PROBLEMS = 3;
const MAX_BACKUPS = 2;

const ENDED = {
  poweroff: 'Switched off. It is safe to cut the power.',
  reboot: 'Restarting. Leave the power on.',
  stop: 'Stopped. The box itself may still be on: do not cut its power.',
} as const satisfies Record<NonNullable<Status['ending']>, string>;

const STATE = {
  booting: 'Starting.',
  ready: 'Ready.',
  attention: 'A card is attached that is not backed up, and nothing runs.',
  waiting: 'Waiting for a drive.',
  copying: 'Copying.',
  verifying: 'Copied. Verifying what was written.',
  error: 'Error.',
  'shutting-down': 'Shutting down. Do not cut the power yet.',
  off: ENDED.stop,
} as const satisfies Record<LedSignal, string>;

const UPLOADS = 'Uploads are on a drive that are not backed up yet.';
const KEEP_ALL = 'Do not erase any card, and keep what you uploaded on your phone.';

/**
 * A few sentences in plain English, a line each, that a phone can show or read aloud. Cards are safe to erase only while
 * the green light is on. Labels are as the card has them: they stand in quotes, so that none looks like words of ours or like
 * two cards, and what steers a terminal or would begin a line of its own is escaped.
 */
export function statusText(status: Status): string {
  const { backups, problems, drives } = status;
  const running = backups.filter(({ outcome }) => outcome === null);
  const shown = problems.toSorted((a, b) => rank(a.blinks) - rank(b.blinks)).slice(0, MAX_PROBLEMS);
  const lines = [
    stateLine(status),
    eraseLine(status),
    ...running.slice(0, MAX_BACKUPS).map(progressOf),
    ...(running.length > MAX_BACKUPS
      ? [`${running.length - MAX_BACKUPS} more cards are being backed up.`]
      : []),
    ...shown.map(({ blinks, message }) => `${blinks === 0 ? 'Note' : 'Problem'}: ${message}`),
    ...(problems.length > shown.length ? [`${problems.length - shown.length} more problems.`] : []),
    ...drives.filter(({ adopted }) => adopted).map(roomOf),
  ];
  return `${lines.map(escapeText).join('\n')}\n`;
}

function stateLine({ signal, code, cards, ending }: Status): string {
  if (signal === 'error' && code !== null) return `Error ${code}.`;
  if (signal === 'off' && ending !== null) return ENDED[ending];
  if (signal !== 'attention') return STATE[signal];
  // The amber of uploads alone sends nobody to look for a card that is not there.
  const open = cards.filter(({ backedUp }) => !backedUp);
  return open.length > 0 && open.every(isInbox) ? UPLOADS : STATE.attention;
}

const isInbox = ({ id }: Status['cards'][number]): boolean => isInboxCard(cardId(id));

/** Those that are shown on the lights first, the lowest code before the others. */
const rank = (blinks: number) => (blinks === 0 ? 10 : blinks);

function eraseLine({ signal, cards }: Status): string {
  const real = cards.filter((card) => !isInbox(card));
  const uploads = real.length < cards.length;
  if (signal !== 'ready') return uploads ? KEEP_ALL : 'Do not erase any card.';
  // Whoever hears "safe to erase" of a drive's inbox might erase the drive.
  const arrived = uploads ? ' What was uploaded is backed up.' : '';
  if (real.length === 0) return `No card is attached.${arrived}`;
  return `Safe to erase: ${real.map(({ label }) => quoted(label)).join(', ')}.${arrived}`;
}

function progressOf(backup: BackupStatus): string {
  const { card, phase, filesDone, filesTotal, bytesDone, bytesTotal, secondsLeft } = backup;
  if (phase === 'planned') return `${quoted(card)}: reading the list of files.`;
  const parts = [`${quoted(card)}: ${phase}, ${filesDone} of ${many(filesTotal, 'file')}`];
  // Never 100 before the end: somebody would pull the card.
  if (bytesTotal > 0) parts.push(`${Math.min(99, Math.floor((100 * bytesDone) / bytesTotal))} per cent`);
  if (secondsLeft !== null) parts.push(`${timeOf(secondsLeft)} left`);
  return `${parts.join(', ')}.`;
}

function roomOf({ label, freeBytes, sizeBytes }: Status['drives'][number]): string {
  if (freeBytes === null) return `${quoted(label)}: free space is not known.`;
  return `${quoted(label)}: ${sizeOf(freeBytes)} free${sizeBytes === null ? '' : ` of ${sizeOf(sizeBytes)}`}.`;
}

/** Decimal units, as drives are sold; rounded down, for it is what one may count on. */
function sizeOf(size: number): string {
  const [unit, each] =
    size >= 1e12 ? (['TB', 1e12] as const) : size >= 1e9 ? (['GB', 1e9] as const) : (['MB', 1e6] as const);
  const tenths = Math.floor((10 * size) / each);
  return `${unit === 'TB' ? tenths / 10 : Math.floor(tenths / 10)} ${unit}`;
}

function timeOf(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return many(minutes, 'minute');
  return `${many(Math.floor(minutes / 60), 'hour')} ${many(minutes % 60, 'minute')}`;
}

const many = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
