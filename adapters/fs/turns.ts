import type { AfterBlock, ReadBack } from '../../services/media-ports.ts';
import type { Lane } from './io/lanes.ts';
import { TURN_BYTES } from './io/reading.ts';

/**
 * Asks `turn` until it has read all, so that others have their turns between; `key` names the reading in the lane.
 * What `afterBlock` throws ends it.
 */
export async function inTurns(
  lane: Lane,
  key: string,
  turn: () => Promise<ReadBack | null>,
  afterBlock?: AfterBlock,
): Promise<ReadBack> {
  // Between two turns of a paced reading may lie an hour: the thread must not end as idle meanwhile.
  const letGo = lane.keep();
  let toldBytes = 0;
  const tell = async (doneBytes: number): Promise<void> => {
    const bytes = doneBytes - toldBytes;
    toldBytes = doneBytes;
    if (bytes > 0) await afterBlock?.(bytes);
  };
  try {
    for (;;) {
      const result = await turn();
      await tell(result?.sizeBytes ?? toldBytes + TURN_BYTES);
      if (result !== null) return result;
    }
  } catch (error) {
    await lane.call('dropReading', key).catch(() => undefined);
    throw error;
  } finally {
    letGo();
  }
}
