import { setup } from 'xstate';
import type { ChartEvent } from './appliance.context.ts';

/** The life of one backup of one card. It only follows facts: the appliance's chart starts and stops it. */
export const backupMachine = setup({ types: { events: {} as ChartEvent } }).createMachine({
  id: 'backup',
  initial: 'planned',
  on: {
    BackupFailed: '.failed',
    BackupInterrupted: '.interrupted',
    DaemonStarted: '.interrupted',
  },
  states: {
    planned: { on: { BackupPlanned: 'copying' } },
    copying: { on: { CardRead: 'flushing' } },
    flushing: { on: { BackupFlushed: 'verifying' } },
    verifying: { on: { BackupVerified: 'sealing' } },
    sealing: { on: { BackupFinished: 'done' } },
    done: { type: 'final' },
    failed: { type: 'final' },
    interrupted: { type: 'final' },
  },
});
