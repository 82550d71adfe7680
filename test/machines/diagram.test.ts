import { describe, expect, it } from 'vitest';
import { createMachine, setup } from 'xstate';
import { getStateNodes } from 'xstate/graph';
import { applianceMachine } from '../../machines/appliance.machine.ts';
import { backupMachine } from '../../machines/backup.machine.ts';
import { type DiagramTransition, diagram } from '../../machines/diagram.ts';
import { LED_SIGNALS } from '../../machines/signals.ts';

const appliance = diagram(applianceMachine);
const state = (id: string) => appliance.states.find((one) => one.id === `appliance.${id}`);
const labels = (transitions: readonly DiagramTransition[], from: string) =>
  transitions.filter((one) => one.from === from).map(({ label }) => label);

describe('the chart of the appliance as data', () => {
  it('has every state of the chart once, parents before children', () => {
    const ids = appliance.states.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(
      [applianceMachine, ...getStateNodes(applianceMachine)].map(({ id }) => id).toSorted(),
    );
    for (const [index, { parent }] of appliance.states.entries()) {
      expect(parent === null ? index === 0 : ids.slice(0, index).includes(parent)).toBe(true);
    }
  });

  it('knows kind, name, parent and which child is entered first', () => {
    expect(appliance.states[0]).toMatchObject({
      id: 'appliance',
      kind: 'parallel',
      parent: null,
      initial: false,
    });
    expect(state('life')).toMatchObject({
      name: 'life',
      parent: 'appliance',
      kind: 'compound',
      initial: false,
    });
    expect(state('life.boot')).toMatchObject({ name: 'boot', kind: 'compound', initial: true });
    expect(state('life.boot.well')).toMatchObject({ name: 'well', kind: 'atomic', initial: true });
    expect(state('life.error')).toMatchObject({ initial: false });
  });

  it('names one LED signal in each innermost state of `life`, and none elsewhere', () => {
    for (const { id, kind, signal } of appliance.states) {
      if (kind !== 'atomic') continue;
      if (id.startsWith('appliance.life.')) expect(LED_SIGNALS, id).toContain(signal);
      else expect(signal, id).toBeNull();
    }
    expect(new Set(appliance.states.map(({ signal }) => signal).filter((signal) => signal !== null))).toEqual(
      new Set(LED_SIGNALS),
    );
  });

  it('names the copy that goes on beside an error', () => {
    expect(state('life.copying.troubled.reading')).toMatchObject({ signal: 'error', activity: 'copying' });
    expect(state('life.copying.troubled.verifying')).toMatchObject({
      signal: 'error',
      activity: 'verifying',
    });
    expect(state('life.error')).toMatchObject({ signal: 'error', activity: null });
  });

  it('names what is done on entering, without what XState adds for its timers', () => {
    expect(state('life.shutdown.releasing')?.entry).toEqual(['drives.release']);
    expect(state('life.shutdown.stopping')?.entry).toEqual(['stopAll']);
    expect(state('door.settling')?.entry).toEqual([]);
  });

  it('labels are `event [guard] / actions`', () => {
    expect(labels(appliance.transitions, 'appliance.life.ready')).toEqual([
      '[endAsked]',
      '[anyRunning]',
      '[anyError]',
    ]);
    expect(labels(appliance.transitions, 'appliance.button.pressed')).toEqual([
      'ButtonReleased [thirdPressWhileWaiting] / forgetPresses, drive.adoptCandidate',
      'ButtonReleased [thirdPressSinceReady] / forgetPresses, pairing.open',
      'ButtonReleased / shortPress, startQueued',
      'after holdDelay / askForEnd',
    ]);
  });

  it('tells delays with their length, and facts that move nothing', () => {
    const from = (id: string) => appliance.transitions.filter((one) => one.from === id);
    expect(from('appliance.presses.counting')).toEqual([
      {
        from: 'appliance.presses.counting',
        to: 'appliance.presses.none',
        event: null,
        guard: null,
        actions: ['forgetPresses'],
        label: 'after pressWindow / forgetPresses',
        after: { delay: 'pressWindow', ms: 2000 },
      },
    ]);
    expect(from('appliance.life').find(({ event }) => event === 'Acknowledged')?.to).toBeNull();
  });

  it('has no transition that leads nowhere, and none of XState’s own events', () => {
    const ids = new Set(appliance.states.map(({ id }) => id));
    for (const { from, to, event, guard, after } of appliance.transitions) {
      expect(ids.has(from) && (to === null || ids.has(to))).toBe(true);
      expect(event ?? '').not.toContain('xstate.');
      expect([event, guard, after].some((cause) => cause !== null)).toBe(true);
    }
  });
});

describe('the chart of a backup as data', () => {
  it('ends in final states', () => {
    const final = diagram(backupMachine).states.filter(({ kind }) => kind === 'final');
    expect(final.map(({ name }) => name)).toEqual(['done', 'failed', 'interrupted']);
  });
});

describe('what other charts may hold', () => {
  const odd = diagram(
    setup({
      delays: { byContext: () => 5 },
      guards: { named: () => true },
      actions: { shout: () => undefined },
    }).createMachine({
      id: 'odd',
      tags: 'led:copying',
      initial: 'a',
      states: {
        a: {
          tags: ['amber:verifying', 'other'],
          entry: () => undefined,
          after: { 40: 'b', byContext: { guard: 'named', target: 'b' } },
          initial: 'inner',
          states: { inner: {} },
        },
        b: { tags: 'led:ready', on: { GO: { actions: { type: 'shout' } } } },
      },
    }),
  );

  it('delays in milliseconds, and delays whose length depends', () => {
    expect(odd.transitions.map(({ label, after }) => [label, after?.ms])).toEqual([
      ['after 40', 40],
      ['after byContext [named]', null],
      ['GO / shout', undefined],
    ]);
  });

  it('a light is that of the nearest parent that has one', () => {
    expect(odd.states.map(({ id, signal, activity }) => [id, signal, activity])).toEqual([
      ['odd', 'copying', null],
      ['odd.a', 'copying', 'verifying'],
      ['odd.a.inner', 'copying', 'verifying'],
      ['odd.b', 'ready', null],
    ]);
  });

  it('actions without a name are called so', () => {
    expect(odd.states[1]?.entry).toEqual(['unnamed']);
  });

  it('history states are refused: no light can be read off them', () => {
    const machine = createMachine({ id: 'm', initial: 'a', states: { a: {}, back: { type: 'history' } } });
    expect(() => diagram(machine)).toThrow('m.back: history states cannot be drawn');
  });
});
