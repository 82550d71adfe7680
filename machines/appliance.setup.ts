import { setup } from 'xstate';
import * as change from './appliance.changes.ts';
import {
  type ApplianceContext,
  anyUnprotected,
  type ChartEvent,
  type EventOf,
  startQueued,
} from './appliance.context.ts';
import { checkCard, loseCopies } from './appliance.doubts.ts';
import { judgePower } from './appliance.power.ts';
import type { CommandOf } from './commands.ts';

type Context = ApplianceContext;
const command = () => undefined;

const base = setup({
  types: { context: {} as Context, events: {} as ChartEvent, tags: '' as string },
  delays: {
    /** Cheap readers bounce for about a second. */
    settleDelay: 1000,
    /** `contract.md` section 1: held over 2 s. */
    holdDelay: 2000,
    /** Three short presses within 2 s. */
    pressWindow: 2000,
    /** Shutdown while copying stops within 10 s. */
    stopDelay: 10_000,
  },
  /** Executed by the runtime; in the chart a command is a name with parameters. */
  actions: {
    'backup.start': (_, _params: Omit<CommandOf<'backup.start'>, 'type'>) => command(),
    'backup.stop': (_, _params: Omit<CommandOf<'backup.stop'>, 'type'>) => command(),
    'power.end': (_, _params: Omit<CommandOf<'power.end'>, 'type'>) => command(),
    'drive.adoptCandidate': command,
    'drives.release': command,
    'pairing.open': command,
  },
  guards: {
    endAsked: ({ context }) => context.ending,
    aboutPower: ({ event }) => event.type === 'HealthChanged' && event.check === 'power',
    anyRunning: ({ context }) => context.running.length > 0,
    noneRunning: ({ context }) => context.running.length === 0,
    anyError: ({ context }) => context.errors.length > 0,
    noError: ({ context }) => context.errors.length === 0,
    allRead: ({ context }) =>
      context.queue.length === 0 && context.running.every((backup) => !backup.reading),
    stillReading: ({ context }) =>
      context.queue.length > 0 || context.running.some((backup) => backup.reading),
    anyUnprotected: ({ context }) => anyUnprotected(context),
    allProtected: ({ context }) => !anyUnprotected(context) && context.drives.length > 0,
    noDrive: ({ context }) => isWaiting(context),
    thirdPressSinceReady: ({ context }) =>
      context.presses === 2 && context.errors.length === 0 && context.pressedWhenReady,
    thirdPressWhileWaiting: ({ context }) =>
      context.presses === 2 && context.errors.length === 0 && isWaiting(context),
  },
});

/** Binds a change to its fact: the chart names it on transitions of that fact only. */
const by = <Type extends ChartEvent['type']>(run: (context: Context, event: EventOf<Type>) => Context) =>
  base.assign(({ context, event }) => run(context, event as EventOf<Type>));

/** The words of the chart: changes, commands, guards and delays. */
export const applianceSetup = base.extend({
  actions: {
    beginAgain: by(change.beginAgain),
    wake: by<'DevicesKnown'>(change.wake),
    announce: by<'DeviceAnnounced'>((context, { device }) => ({
      ...context,
      announced: [...context.announced.filter((other) => other !== device), device],
    })),
    settleDevice: by<'DeviceSettled'>((context, { device }) => ({
      ...context,
      announced: context.announced.filter((other) => other !== device),
    })),
    attachCard: by<'CardAttached'>(change.attachCard),
    detachCard: by<'CardDetached'>(change.detachCard),
    refuseCard: by<'CardRefused'>(change.refuseCard),
    dropDevice: by<'DeviceDetached'>(change.dropDevice),
    settleCards: base.assign(({ context, event }) => change.settleCards(context, event)),
    attachDrive: by<'DriveAttached'>(change.attachDrive),
    detachDrive: by<'DriveDetached'>(change.detachDrive),
    forgetDrive: by<'DriveForgotten'>(change.forgetDrive),
    failDrive: by<'DriveFailed'>(change.failDrive),
    requestBackup: by<'BackupRequested'>(change.requestBackup),
    cardRead: by<'CardRead'>(change.cardRead),
    finishBackup: by<'BackupFinished'>(change.finishBackup),
    failBackup: by<'BackupFailed'>(change.failBackup),
    interruptBackup: by<'BackupInterrupted'>(change.interruptBackup),
    loseCopies: by<'CopiesLost'>(loseCopies),
    checkCard: by<'CardChecked'>(checkCard),
    acknowledge: by(change.acknowledge),
    judgePower: by<'HealthChanged'>(judgePower),
    latchInternal: by<'InternalErrorOccurred'>(change.latchInternal),
    shortPress: by<'ButtonReleased'>(change.shortPress),
    forgetPresses: base.assign({ presses: 0, pressedWhenReady: false }),
    askForEnd: base.assign(({ context, event }) => ({
      awake: false,
      ending: true,
      power: event.type === 'ShutdownRequested' && !context.ending ? event.action : context.power,
    })),
    startQueued: base.enqueueActions(({ context, event, enqueue }) => {
      const next = startQueued(context, event.at);
      enqueue.assign(next.context);
      for (const { backupId, card, driveIds, fit, attached } of next.started) {
        enqueue({ type: 'backup.start', params: { backupId, card, driveIds, fit, attached } });
      }
    }),
    stopForCard: base.enqueueActions(({ context, event, enqueue }) => {
      for (const { backupId, card, reading } of context.running) {
        if (event.type !== 'CardDetached' || card.id !== event.cardId || !reading) continue;
        enqueue({ type: 'backup.stop', params: { backupId, why: 'card-removed' } });
      }
    }),
    stopForDrive: base.enqueueActions(({ context, event, enqueue }) => {
      for (const { backupId, driveIds } of context.running) {
        if (!('driveId' in event) || driveIds.some((id) => id !== event.driveId)) continue;
        enqueue({ type: 'backup.stop', params: { backupId, why: 'drive-lost' } });
      }
    }),
    stopForPower: base.enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'HealthChanged' || event.level !== 'bad') return;
      for (const { backupId } of context.running) {
        enqueue({ type: 'backup.stop', params: { backupId, why: 'weak-power' } });
      }
    }),
    stopAll: base.enqueueActions(({ context, enqueue }) => {
      for (const { backupId } of context.running) {
        enqueue({ type: 'backup.stop', params: { backupId, why: 'shutdown' } });
      }
    }),
    endPower: base.enqueueActions(({ context, enqueue }) => {
      enqueue({ type: 'power.end', params: { action: context.power } });
    }),
  },
});

function isWaiting(context: Context): boolean {
  return !anyUnprotected(context) && context.drives.length === 0;
}
