/** Answers of the daemon as text for people. Everything that a card or drive supplied is escaped here. */
import { cardId, isInboxCard } from '../../machines/ids.ts';
import type {
  BackupStatus,
  DriveStatus,
  HistoryLine,
  LightLine,
  Status,
  VerificationStatus,
} from '../../services/shapes.ts';
import { colours } from './colours.ts';
import { escapeText as safe } from './escape.ts';
import { alignRows } from './table.ts';
import { formatBytes, formatCount, formatRate, formatSeconds, formatTime } from './units.ts';

const BAR_CELLS = 20;

const COLOUR = { red: colours.red, amber: colours.yellow, green: colours.green } as const;
type Led = keyof typeof COLOUR;
const LEDS: readonly Led[] = ['red', 'amber', 'green'];

/** `● red off  ● amber pulse 400/400  ● green off`: hollow when it is dark, so that it reads without colours. */
export function renderLeds(leds: Status['leds']): string {
  const dot = (led: Led) =>
    leds[led] === 'off' ? colours.dim(`○ ${led} off`) : `${COLOUR[led]('●')} ${led} ${leds[led]}`;
  return LEDS.map(dot).join('   ');
}

export function renderLight(line: LightLine): string {
  const code = line.code === null ? '' : ` ${line.code}`;
  return `${formatTime(line.at, true)}  ${`${line.signal}${code}`.padEnd(13)}  ${renderLeds(line.leds)}`;
}

export function renderStatus(status: Status): string[] {
  const code = status.code === null ? '' : `, code ${status.code}`;
  const running = status.backups.filter((backup) => backup.finishedAt === null);
  const finished = status.backups.filter((backup) => backup.finishedAt !== null);
  return [
    `State   ${colours.bold(status.state)}, signal ${status.signal}${code}`,
    `Lights  ${renderLeds(status.leds)}`,
    ...healthLine(status.health),
    ...section('Cards', status.cards.map(cardRow)),
    ...section('Drives', status.drives.map(driveRow)),
    ...section(
      'Running',
      running.flatMap((backup) => [runningRow(backup), ...shareRows(backup)]),
    ),
    ...section('Verifying', status.verifications.map(verifyingRow)),
    ...section(
      'Problems',
      status.problems.map((problem) => [
        colours.yellow(problem.code),
        problem.blinks === 0 ? '' : `code ${problem.blinks}`,
        `since ${formatTime(problem.since)}`,
        safe(problem.message),
      ]),
    ),
    ...section(
      'Last backups',
      finished.flatMap((backup) => [finishedRow(backup), ...shareRows(backup)]),
    ),
  ];
}

/** Only what is not good; a healthy machine needs no line. */
function healthLine(health: Status['health']): string[] {
  if (health === null) return [];
  const { temperature, power, throttling, memory, stateDisk: state, disks } = health;
  const named = Object.entries({ temperature, power, throttling, memory, 'state disk': state });
  const all = [...named, ...disks.map((disk) => [disk.subject, disk] as const)];
  const ailing = all.filter(([, { level }]) => level === 'warning' || level === 'bad');
  if (ailing.length === 0) return [];
  const words = ailing.map(([name, { level, reading }]) => `${safe(name)} ${safe(reading ?? '')} (${level})`);
  return [`Health  ${colours.yellow(words.join(', '))}`];
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [title, ...alignRows(rows, '  ')];
}

const cardRow = (card: Status['cards'][number]): string[] => [
  safe(card.label),
  card.backedUp ? colours.green('backed up') : colours.yellow('not backed up'),
  card.readOnly || isInboxCard(cardId(card.id)) ? '' : 'mounted writable by somebody else',
  safe(card.path),
];

export const driveRow = (drive: DriveStatus): string[] => [
  safe(drive.label),
  drive.adopted ? 'adopted' : colours.dim('not adopted'),
  drive.mounted ? roomOf(drive) : 'not mounted',
  safe(drive.uuid ?? ''),
  safe(drive.path ?? ''),
  colours.yellow(safe(drive.trouble ?? '')),
];

/** A folder has no size of its own. */
function roomOf({ freeBytes, sizeBytes }: DriveStatus): string {
  const size = sizeBytes === null ? '' : ` of ${formatBytes(sizeBytes)}`;
  return freeBytes === null ? 'free space not known' : `${formatBytes(freeBytes)} free${size}`;
}

export const renderDrives = (drives: readonly DriveStatus[]): string[] => alignRows(drives.map(driveRow));

/** Where there are several drives, what each of them holds by now. */
function shareRows({ drives }: BackupStatus): string[][] {
  if (drives.length < 2) return [];
  return drives.map(({ label, phase, outcome, reason, files, bytes }) => {
    const why = reason === null ? '' : ` (${safe(reason)})`;
    return [
      '',
      safe(label),
      `${outcome ?? phase}${why}  ${formatCount(files, 'file')}  ${formatBytes(bytes)} verified`,
    ];
  });
}

const runningRow = (backup: BackupStatus): string[] => [backup.id, safe(backup.card), renderProgress(backup)];

/** `copying [#####…] 41 %  12 of 40 files  1.2 GB of 3.0 GB  80.1 MB/s  22 s left`. */
export function renderProgress(backup: BackupStatus): string {
  return `${backup.phase}  ${amounts(backup, formatRate(backup.rateBytesPerSecond))}`;
}

const verifyingRow = (at: VerificationStatus): string[] => [
  safe(at.target),
  amounts(at, at.waiting ? 'waiting, a backup goes first' : formatRate(at.rateBytesPerSecond)),
];

type Amounts = Pick<BackupStatus, 'filesDone' | 'filesTotal' | 'bytesDone' | 'bytesTotal' | 'secondsLeft'>;

function amounts(
  { filesDone, filesTotal, bytesDone, bytesTotal, secondsLeft }: Amounts,
  pace: string,
): string {
  const share = bytesTotal === 0 ? 0 : Math.min(1, bytesDone / bytesTotal);
  const cells = Math.floor(share * BAR_CELLS);
  return [
    `[${'#'.repeat(cells)}${'.'.repeat(BAR_CELLS - cells)}] ${Math.floor(share * 100)} %`,
    `${filesDone} of ${formatCount(filesTotal, 'file')}`,
    `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`,
    pace,
    secondsLeft === null ? '' : `${formatSeconds(secondsLeft)} left`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}

const finishedRow = (backup: BackupStatus): string[] => [
  backup.id,
  safe(backup.card),
  outcomeText(backup.outcome),
  `${formatTime(backup.startedAt)} → ${formatTime(backup.finishedAt)}`,
  formatCount(backup.filesTotal, 'file'),
  formatBytes(backup.bytesTotal),
];

export function renderHistory(lines: readonly HistoryLine[]): string[] {
  const rows = alignRows(lines.map(historyRow));
  return lines.flatMap(({ notes }, at) => [
    ...rows.slice(at, at + 1),
    ...notes.map((note) => `  note: ${safe(note)}`),
  ]);
}

/** What the verification of a finished backup read: the medium, or only the cache of some drive; and the card, how often. */
function verifiedText({ drives, secondReading }: HistoryLine): string {
  const done = drives.filter(({ outcome, verifiedFrom }) => outcome === 'done' && verifiedFrom !== null);
  if (done.length === 0) return '';
  const from = done.every(({ verifiedFrom }) => verifiedFrom === 'medium') ? 'medium' : 'cache';
  return `from ${from}${secondReading === null ? '' : TWICE[secondReading]}`;
}

const TWICE = {
  medium: ', card read twice',
  cache: ', card read twice (from the cache)',
} as const satisfies Record<NonNullable<HistoryLine['secondReading']>, string>;

const historyRow = (line: HistoryLine): string[] => [
  line.id,
  `${formatTime(line.startedAt)} → ${formatTime(line.finishedAt)}`,
  safe(line.card),
  outcomeText(line.outcome) + (line.reason === null ? '' : ` (${safe(line.reason)})`),
  verifiedText(line),
  formatCount(line.files, 'file'),
  formatBytes(line.bytes),
  `${line.copied} copied`,
  formatCount(line.duplicates, 'duplicate'),
  `${line.failed} failed`,
];

function outcomeText(outcome: HistoryLine['outcome']): string {
  if (outcome === null) return 'running';
  return outcome === 'done' ? colours.green(outcome) : colours.red(outcome);
}
