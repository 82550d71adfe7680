import type { Command } from '../../machines/commands.ts';
import { contextOf } from '../../machines/decide.ts';
import type { Fact } from '../../machines/facts.ts';
import type { Drive } from '../../machines/media.ts';
import type { Access } from '../access/access.ts';
import { noAnswer, withDeadline } from '../deadline.ts';
import { messageOf } from '../errors.ts';
import type { DriveStore } from '../media-ports.ts';
import type { Clock, PowerSwitch } from '../ports.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Timers } from '../runtime/timers.ts';
import type { Backups } from './backups.ts';
import type { Devices } from './devices.ts';

export interface ExecutorParts {
  readonly runtime: () => Runtime;
  readonly timers: Timers;
  readonly backups: () => Backups;
  readonly devices: Devices;
  readonly power: PowerSwitch;
  readonly access: Pick<Access, 'openByButton'>;
  readonly openDrive: (drive: Drive) => Promise<DriveStore>;
  /** Resolves when nothing else reads or writes a drive. Rejects when that takes too long. */
  readonly quiet: () => Promise<void>;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly warn: (text: string) => void;
}

/** All that a backup wrote is synced by then: a drive that takes longer does not come back. The unit's stop allows for it. */
const RELEASE_MS = 60_000;

/** Does what was decided. What goes wrong comes back as a fact. */
export function executor(parts: ExecutorParts): (command: Command) => void {
  const submit = (fact: Fact) => {
    parts
      .runtime()
      .submit(fact)
      .catch((error: unknown) => parts.warn(`${fact.type} was not recorded: ${messageOf(error)}`));
  };
  const attempt = (what: string, work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      parts.warn(`${what}: ${messageOf(error)}`);
      submit({ type: 'InternalErrorOccurred', reason: 'internal', detail: `${what}: ${messageOf(error)}` });
    });
  const drives = () => contextOf(parts.runtime().state).drives;
  const execute: { readonly [Type in Command['type']]: (command: Extract<Command, { type: Type }>) => void } =
    {
      'timer.arm': ({ timer, delayMs }) => parts.timers.arm(timer, delayMs),
      'timer.disarm': ({ timer }) => parts.timers.disarm(timer),
      'backup.start': (command) => {
        const wanted = drives().filter((drive) => command.driveIds.includes(drive.id));
        void attempt(`backup ${command.backupId}`, parts.backups().start(command, wanted));
      },
      'backup.stop': ({ backupId, why }) => parts.backups().stop(backupId, why),
      'drive.adoptCandidate': () => void attempt('adopting the drive', parts.devices.adoptCandidate()),
      'pairing.open': () => parts.access.openByButton(),
      'drives.release': () => {
        const sync = async (drive: Drive) => (await parts.openDrive(drive)).sync();
        const release = (drive: Drive) =>
          withDeadline(sync(drive), RELEASE_MS, parts.clock, noAnswer(drive.label, RELEASE_MS));
        // A drive that fails now must not keep the machine on for ever: the owner would pull the plug.
        const letGo = async () => {
          // Before the last sync, and before anything that is open could keep a drive mounted.
          await parts.quiet().catch((error: unknown) => parts.warn(messageOf(error)));
          await Promise.all(drives().map((drive) => attempt(`releasing ${drive.label}`, release(drive))));
          for (const trouble of await parts.devices.letGo()) parts.warn(trouble);
        };
        void attempt('unmounting', letGo()).then(() => submit({ type: 'DrivesReleased' }));
      },
      'power.end': ({ action }) => void attempt(action, parts.power.end(action)),
    };
  return (command) => (execute[command.type] as (command: Command) => void)(command);
}
