import { describe, expect, test, vi } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { applianceMachine } from '../../machines/appliance.machine.ts';
import { activeStates, decide, initialState, lightOf, publicStateOf } from '../../machines/decide.ts';
import { streamOf } from '../../machines/facts.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import {
  AT,
  backupPlanned,
  cardAttached,
  copying,
  daemonStarted,
  devicesKnown,
  ready,
  timerElapsed,
} from './story.ts';

describe('what decide relies on in XState', () => {
  test('the shape of a delayed transition and of its cancellation', () => {
    const [booted] = initialTransition(applianceMachine);
    const event = { ...cardAttached('A'), seq: 1, at: AT } as never;
    const [settling, armed] = transition(applianceMachine, booted, event);
    expect(armed).toMatchObject([
      {
        type: 'xstate.raise',
        params: {
          id: 'xstate.after.settleDelay.appliance.door.settling',
          delay: 1000,
          event: { type: 'xstate.after.settleDelay.appliance.door.settling' },
        },
      },
    ]);
    const [, again] = transition(applianceMachine, settling, event);
    expect(again[0]).toMatchObject({
      type: 'xstate.cancel',
      params: { sendId: 'xstate.after.settleDelay.appliance.door.settling' },
    });
  });

  test('any other action of XState is refused, not swallowed', async () => {
    vi.resetModules();
    vi.doMock('xstate', async (original) => ({
      ...(await original<typeof import('xstate')>()),
      transition: () => [initialState().appliance, [{ type: 'xstate.spawnChild' }]],
    }));
    const fresh = await import('../../machines/decide.ts');
    const record = { seq: 1, at: AT, fact: devicesKnown() };
    expect(() => fresh.decide(fresh.initialState(), record)).toThrow('xstate.spawnChild');
    vi.doUnmock('xstate');
    vi.resetModules();
  });
});

describe('decide', () => {
  test('a command in the chart is a name with parameters: executed there, it would do nothing', () => {
    const all = [
      copying(),
      copying().tell({ type: 'ShutdownRequested', action: 'stop' }),
      ready().tell({ type: 'ShutdownRequested', action: 'stop' }, { type: 'DrivesReleased' }),
    ];
    const implemented = applianceMachine.implementations.actions as Record<string, unknown>;
    for (const name of [
      'backup.start',
      'backup.stop',
      'power.end',
      'drives.release',
      'drive.adoptCandidate',
      'pairing.open',
    ]) {
      const action = implemented[name] as (scope: unknown, params: unknown) => unknown;
      expect(action({}, {})).toBeUndefined();
    }
    expect(all.map((story) => story.names().at(-1))).toEqual(['backup.start', 'timer.arm', 'power.end']);
  });

  test('is pure: the same facts give the same state and commands, and the old state is untouched', () => {
    const story = copying();
    const before = JSON.stringify(story.state.appliance.context);
    const record = { seq: 99, at: AT, fact: { type: 'Acknowledged' } as const };
    const [one, two] = [decide(story.state, record), decide(story.state, record)];
    expect(JSON.stringify(one.state.appliance.context)).toBe(JSON.stringify(two.state.appliance.context));
    expect(one.commands).toEqual(two.commands);
    expect(JSON.stringify(story.state.appliance.context)).toBe(before);
  });

  test('facts about single files never reach a chart', () => {
    const story = copying();
    const fact = { type: 'DriveContentLearned', driveId: driveId('drive-D'), files: [] } as const;
    const decision = decide(story.state, { seq: 99, at: AT, fact });
    expect(decision.state).toBe(story.state);
    expect(decision.commands).toEqual([]);
  });

  test('a timer that is not armed is ignored', () => {
    const story = ready();
    const before = story.state;
    expect(story.tell(timerElapsed('settleDelay')).state).toBe(before);
  });

  test('a fact about a backup that is long gone moves no other one', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(backupPlanned('20200101-1' as typeof id, 'A'));
    expect(story.state.backups.get(id)?.value).toBe('planned');
  });

  test('a state with two signals or none is refused rather than shown', () => {
    const { appliance, ...rest } = initialState();
    const tagged = (tags: readonly string[]) => ({
      ...rest,
      appliance: Object.assign(Object.create(appliance), { tags: new Set(tags) }),
    });
    expect(() => lightOf(tagged([]))).toThrow('exactly one');
    expect(() => lightOf(tagged(['led:ready', 'led:error']))).toThrow('exactly one');
  });

  test('a restart ends every backup and every timer', () => {
    const story = copying().tell(cardAttached('B'), daemonStarted());
    expect(story.state.backups.size).toBe(0);
    expect(story.state.timers.size).toBe(0);
    expect(publicStateOf(story.state)).toBe('boot');
  });
});

describe('the states in which the charts are', () => {
  test('at first: every region, with all that its state lies in', () => {
    expect(activeStates(initialState())).toEqual([
      'appliance',
      'appliance.life',
      'appliance.life.boot',
      'appliance.life.boot.well',
      ...['door', 'button', 'presses'].flatMap((region) => [
        `appliance.${region}`,
        expect.stringMatching(new RegExp(`^appliance\\.${region}\\.\\w+$`)),
      ]),
    ]);
  });

  test('of running backups each phase once', () => {
    const story = copying();
    const states = activeStates(story.state);
    expect(states).toContain('appliance.life.copying');
    expect(states.filter((id) => id.startsWith('backup.'))).toEqual(['backup.planned']);
    const two = new Map(
      [...story.state.backups].flatMap(
        ([id, chart]) =>
          [
            [id, chart],
            ['other' as never, chart],
          ] as const,
      ),
    );
    expect(activeStates({ ...story.state, backups: two })).toEqual(states);
  });
});

describe('words', () => {
  test('a relative path is taken as it is, and refused when it climbs', () => {
    expect(relativePath('DCIM/100CANON/a b\n.JPG')).toBe('DCIM/100CANON/a b\n.JPG');
    for (const bad of ['', '/etc', 'a//b', '../x', 'a/./b', 'a/..'])
      expect(() => relativePath(bad)).toThrow(RangeError);
  });

  test('a fact about a backup belongs to the stream of that backup', () => {
    expect(streamOf(backupPlanned('20261121-5' as never, 'A'))).toBe('backup/20261121-5');
    expect(streamOf(devicesKnown())).toBe('appliance');
  });
});
