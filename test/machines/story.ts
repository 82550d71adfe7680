import type { Command } from '../../machines/commands.ts';
import { type DecisionState, decide, initialState, lightOf } from '../../machines/decide.ts';
import type { Fact, FactOf } from '../../machines/facts.ts';
import { type BackupId, cardId, driveId } from '../../machines/ids.ts';
import type { BackupTotals, Card, Drive } from '../../machines/media.ts';
import type { Interruption, Reason } from '../../machines/reasons.ts';

export const AT = '2026-11-21T10:00:00.000Z';

export const card = (label: string): Card => ({
  id: cardId(`card-${label}`),
  label,
  uuid: `UUID-${label}`,
  path: `/media/${label}`,
  kind: 'volume',
  sizeBytes: 32_000_000_000,
  fsType: 'exfat',
  hardware: null,
  readOnly: true,
});

export const drive = (label: string, change: Partial<Drive> = {}): Drive => ({
  id: driveId(`drive-${label}`),
  label,
  uuid: `UUID-${label}`,
  path: `/media/${label}`,
  kind: 'volume',
  sizeBytes: 1_000_000_000_000,
  fsType: 'ext4',
  hardware: null,
  adopted: true,
  writable: true,
  ...change,
});

const NO_TOTALS: BackupTotals = { files: 0, bytes: 0, copied: 0, duplicates: 0, failed: 0 };

export const daemonStarted = (): Fact => ({ type: 'DaemonStarted', version: '0.0.0' });
export const devicesKnown = (): Fact => ({ type: 'DevicesKnown' });
export const cardAttached = (label: string, start: 'auto' | 'manual' = 'auto'): Fact => ({
  type: 'CardAttached',
  card: card(label),
  start,
});
export const cardDetached = (label: string): Fact => ({ type: 'CardDetached', cardId: card(label).id });
export const driveAttached = (label: string, change: Partial<Drive> = {}): Fact => ({
  type: 'DriveAttached',
  drive: drive(label, change),
});
export const driveDetached = (label: string): Fact => ({ type: 'DriveDetached', driveId: drive(label).id });
export const timerElapsed = (timer: FactOf<'TimerElapsed'>['timer']): Fact => ({
  type: 'TimerElapsed',
  timer,
});
export const backupRequested = (label: string, change: Partial<FactOf<'BackupRequested'>> = {}): Fact => ({
  type: 'BackupRequested',
  cardId: card(label).id,
  by: 'person',
  driveId: null,
  fit: false,
  ...change,
});
export const backupPlanned = (backupId: BackupId, label: string): Fact => ({
  type: 'BackupPlanned',
  backupId,
  cardId: card(label).id,
  label,
  files: 1,
  bytes: 1,
  ignored: [],
  drives: [],
});
export const backupFinished = (backupId: BackupId, label: string, trusted = true, enough = true): Fact => ({
  type: 'BackupFinished',
  backupId,
  cardId: card(label).id,
  totals: NO_TOTALS,
  drives: [],
  trusted,
  enough,
});
export const backupFailed = (backupId: BackupId, label: string, reason: Reason): Fact => ({
  type: 'BackupFailed',
  backupId,
  cardId: card(label).id,
  reason,
  detail: '',
  totals: NO_TOTALS,
  drives: [],
});
export const backupInterrupted = (backupId: BackupId, label: string, reason: Interruption): Fact => ({
  type: 'BackupInterrupted',
  backupId,
  cardId: card(label).id,
  reason,
  totals: NO_TOTALS,
  drives: [],
});

export const power = (level: FactOf<'HealthChanged'>['level']): FactOf<'HealthChanged'> => ({
  type: 'HealthChanged',
  check: 'power',
  subject: null,
  level,
  reading: level === 'bad' ? 'under-voltage now' : 'no under-voltage now',
});

/** Facts folded so far, with the commands of the last one. */
export class Story {
  state: DecisionState = initialState();
  commands: readonly Command[] = [];
  #seq = 0;

  tell(...facts: readonly Fact[]): this {
    for (const fact of facts) {
      this.#seq += 1;
      const decision = decide(this.state, { seq: this.#seq, at: AT, fact });
      this.state = decision.state;
      this.commands = decision.commands;
    }
    return this;
  }

  /** The backup of a card that runs now. */
  backupOf(label: string): BackupId {
    const running = this.state.appliance.context.running.find((backup) => backup.card.label === label);
    if (running === undefined) throw new Error(`no backup of ${label} runs`);
    return running.backupId;
  }

  get light() {
    return lightOf(this.state);
  }

  get signal() {
    return this.light.signal;
  }

  names(): readonly string[] {
    return this.commands.map((command) => command.type);
  }
}

export const given = (...facts: readonly Fact[]): Story => new Story().tell(...facts);

/** Started, devices known, one drive: green. */
export const ready = (): Story => given(daemonStarted(), devicesKnown(), driveAttached('D'));

/** A card has settled and its backup runs. */
export const copying = (label = 'A'): Story => ready().tell(cardAttached(label), timerElapsed('settleDelay'));

/** The backup of a card is told to its good end. */
export function finished(story: Story, label = 'A'): Story {
  const id = story.backupOf(label);
  return story.tell(
    backupPlanned(id, label),
    { type: 'CardRead', backupId: id },
    { type: 'BackupFlushed', backupId: id },
    { type: 'BackupVerified', backupId: id },
    backupFinished(id, label),
  );
}
