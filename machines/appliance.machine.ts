import { EMPTY_CONTEXT } from './appliance.context.ts';
import { applianceSetup } from './appliance.setup.ts';

/**
 * The appliance as a photographer sees it. Region `life` carries the lights (tags `led:…`; `amber:…` for a copy
 * that goes on beside an error); `door` lets cards settle, `button` and `presses` tell gestures apart.
 */
export const applianceMachine = applianceSetup.createMachine({
  id: 'appliance',
  type: 'parallel',
  context: EMPTY_CONTEXT,
  states: {
    life: {
      initial: 'boot',
      on: {
        DaemonStarted: { target: '.boot', actions: 'beginAgain' },
        DeviceAnnounced: { actions: 'announce' },
        DeviceSettled: { actions: 'settleDevice' },
        CardAttached: { actions: 'attachCard' },
        CardDetached: { actions: ['stopForCard', 'detachCard'] },
        CardRefused: { actions: 'refuseCard' },
        DeviceDetached: { actions: 'dropDevice' },
        DriveAttached: { actions: ['attachDrive', 'startQueued'] },
        DriveDetached: { actions: ['stopForDrive', 'detachDrive'] },
        DriveForgotten: { actions: ['stopForDrive', 'forgetDrive', 'startQueued'] },
        DriveFailed: { actions: ['stopForDrive', 'failDrive'] },
        BackupRequested: { actions: ['requestBackup', 'startQueued'] },
        CardRead: { actions: 'cardRead' },
        BackupFinished: { actions: ['finishBackup', 'startQueued'] },
        BackupFailed: { actions: ['failBackup', 'startQueued'] },
        BackupInterrupted: { actions: ['interruptBackup', 'startQueued'] },
        CopiesLost: { actions: ['loseCopies', 'startQueued'] },
        CardChecked: { actions: 'checkCard' },
        Acknowledged: { actions: 'acknowledge' },
        HealthChanged: { guard: 'aboutPower', actions: ['stopForPower', 'judgePower', 'startQueued'] },
        ShutdownRequested: { actions: 'askForEnd' },
        InternalErrorOccurred: { actions: 'latchInternal' },
      },
      states: {
        boot: {
          always: { guard: 'endAsked', target: 'shutdown' },
          on: { DevicesKnown: { target: 'ready', actions: ['wake', 'startQueued'] } },
          initial: 'well',
          states: {
            well: {
              tags: 'led:booting',
              on: { InternalErrorOccurred: { target: 'troubled', actions: 'latchInternal' } },
            },
            // A journal that takes nothing keeps the devices from being known: it would blink `booting` for ever.
            troubled: { tags: 'led:error', always: { guard: 'noError', target: 'well' } },
          },
        },
        ready: {
          always: [
            { guard: 'endAsked', target: 'shutdown' },
            { guard: 'anyRunning', target: 'copying' },
            { guard: 'anyError', target: 'error' },
          ],
          initial: 'clear',
          states: {
            clear: {
              tags: 'led:ready',
              always: [
                { guard: 'anyUnprotected', target: 'attention' },
                { guard: 'noDrive', target: 'waiting' },
              ],
            },
            attention: {
              tags: 'led:attention',
              always: [
                { guard: 'allProtected', target: 'clear' },
                { guard: 'noDrive', target: 'waiting' },
              ],
            },
            waiting: {
              tags: 'led:waiting',
              always: [
                { guard: 'anyUnprotected', target: 'attention' },
                { guard: 'allProtected', target: 'clear' },
              ],
            },
          },
        },
        copying: {
          always: [
            { guard: 'endAsked', target: 'shutdown' },
            { guard: 'noneRunning', target: 'ready' },
          ],
          initial: 'well',
          states: {
            well: {
              always: { guard: 'anyError', target: 'troubled' },
              initial: 'reading',
              states: {
                reading: { tags: 'led:copying', always: { guard: 'allRead', target: 'verifying' } },
                verifying: { tags: 'led:verifying', always: { guard: 'stillReading', target: 'reading' } },
              },
            },
            troubled: {
              always: { guard: 'noError', target: 'well' },
              initial: 'reading',
              states: {
                reading: {
                  tags: ['led:error', 'amber:copying'],
                  always: { guard: 'allRead', target: 'verifying' },
                },
                verifying: {
                  tags: ['led:error', 'amber:verifying'],
                  always: { guard: 'stillReading', target: 'reading' },
                },
              },
            },
          },
        },
        error: {
          tags: 'led:error',
          always: [
            { guard: 'endAsked', target: 'shutdown' },
            { guard: 'anyRunning', target: 'copying' },
            { guard: 'noError', target: 'ready' },
          ],
        },
        shutdown: {
          initial: 'stopping',
          states: {
            stopping: {
              tags: 'led:shutting-down',
              entry: 'stopAll',
              always: { guard: 'noneRunning', target: 'releasing' },
              after: { stopDelay: 'releasing' },
            },
            releasing: {
              tags: 'led:shutting-down',
              entry: 'drives.release',
              on: { DrivesReleased: 'off' },
            },
            off: { tags: 'led:off', entry: 'endPower' },
          },
        },
      },
    },
    door: {
      initial: 'still',
      on: { DaemonStarted: '.still' },
      states: {
        still: { on: { CardAttached: 'settling' } },
        settling: {
          on: { CardAttached: { target: 'settling', reenter: true } },
          after: { settleDelay: { target: 'still', actions: ['settleCards', 'startQueued'] } },
        },
      },
    },
    button: {
      initial: 'released',
      on: { DaemonStarted: '.released' },
      states: {
        released: { on: { ButtonPressed: 'pressed' } },
        pressed: {
          on: {
            ButtonReleased: [
              {
                guard: 'thirdPressWhileWaiting',
                target: 'released',
                actions: ['forgetPresses', 'drive.adoptCandidate'],
              },
              {
                guard: 'thirdPressSinceReady',
                target: 'released',
                actions: ['forgetPresses', 'pairing.open'],
              },
              { target: 'released', actions: ['shortPress', 'startQueued'] },
            ],
          },
          after: { holdDelay: { target: 'held', actions: 'askForEnd' } },
        },
        held: { on: { ButtonReleased: 'released' } },
      },
    },
    presses: {
      initial: 'none',
      on: { DaemonStarted: '.none' },
      states: {
        none: { on: { ButtonReleased: 'counting' } },
        counting: { after: { pressWindow: { target: 'none', actions: 'forgetPresses' } } },
      },
    },
  },
});
