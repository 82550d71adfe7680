import { Subject } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { createService } from '../../bin/service.ts';
import { type LedSignal, threeLeds } from '../../machines/signals.ts';
import type { Board, ButtonEdge } from '../../services/ports.ts';

let left: (string | undefined)[];
let shown: LedSignal[];
let ended: string[];
let goingDown: boolean;
let board: Board;

beforeEach(() => {
  [left, shown, ended, goingDown] = [[], [], [], true];
  board = {
    button$: new Subject<ButtonEdge>(),
    leds: { show: ({ signal }) => void shown.push(signal), stop: async (last) => void left.push(last) },
  };
});

function service(isService: boolean) {
  return createService({
    service: isService,
    board,
    clock: new VirtualClock(),
    warn: () => undefined,
    machine: { end: async (action) => void ended.push(action), goingDown: async () => goingDown },
  });
}

/** Shows lights one after the other and lets go; gives what is left. */
async function lastOf(isService: boolean, ...signals: LedSignal[]) {
  const { leds } = service(isService).board;
  for (const signal of signals) {
    const light = { signal, code: signal === 'error' ? (2 as const) : null, activity: null };
    leds.show(light, threeLeds(light));
  }
  await leds.stop();
  return left;
}

describe('the last light of a service', () => {
  test('stands while the machine goes down', async () => {
    expect(await lastOf(true, 'ready', 'shutting-down', 'off')).toEqual(['standing']);
    expect(shown).toEqual(['ready', 'shutting-down', 'off']);
  });

  test('goes out when only the daemon ends', async () => {
    goingDown = false;
    expect(await lastOf(true, 'shutting-down', 'off')).toEqual(['dark']);
  });

  test.each([
    'ready',
    'copying',
    'error',
    'booting',
  ] as const)('%s never stands, whatever the machine does: nobody watches over it', async (signal) => {
    expect(await lastOf(true, 'shutting-down', signal)).toEqual(['dark']);
  });

  test('goes out when none was shown', async () => {
    expect(await lastOf(true)).toEqual(['dark']);
  });

  test('is what the caller says, if he says so', async () => {
    await service(true).board.leds.stop('standing');
    expect(left).toEqual(['standing']);
  });
});

test('the button is the one of the board', () => {
  expect(service(true).board.button$).toBe(board.button$);
});

describe('in the foreground', () => {
  test('the machine stays on: it belongs to somebody else', async () => {
    await service(false).power.end('poweroff');
    expect(ended).toEqual([]);
    await service(true).power.end('poweroff');
    expect(ended).toEqual(['poweroff']);
  });

  test('the board is left as it likes', async () => {
    expect(await lastOf(false, 'shutting-down', 'off')).toEqual([undefined]);
  });
});
