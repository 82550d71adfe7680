import type { Opening } from '../adapters/sqlite/sqlite-store.ts';
import { initialState, lightOf } from '../machines/decide.ts';
import { threeLeds } from '../machines/signals.ts';
import { makeModels } from '../services/making.ts';
import type { Board, Clock, ServiceManager, Store } from '../services/ports.ts';

export interface WholeStoreParts {
  readonly opening: Opening;
  readonly board: Pick<Board, 'leds'>;
  readonly manager: Pick<ServiceManager, 'starting' | 'status' | 'stopping' | 'stop'>;
  readonly clock: Pick<Clock, 'setTimer' | 'monoMs'>;
  readonly info: (text: string) => void;
  readonly isEnding: () => boolean;
}

/**
 * The store when its read models are whole; null when the program was told to end before. Meanwhile the lights say
 * `booting`: nothing may be green before it can be asked. Throws `JournalError`; then the lights are let go of.
 */
export async function wholeStore({
  opening,
  board,
  manager,
  ...parts
}: WholeStoreParts): Promise<Store | null> {
  const booting = lightOf(initialState());
  board.leds.show(booting, threeLeds(booting));
  let store: Store | null = null;
  try {
    const isWhole = await makeModels({ ...parts, steps: opening.steps(), manager });
    if (isWhole) store = opening.finish();
    return store;
  } finally {
    if (store === null) {
      manager.stopping();
      opening.log.close();
      await board.leds.stop();
      await manager.stop();
    }
  }
}
