import type { LightLine, Status } from '../../../services/shapes.ts';
import { type Feed, isLive, type Moment } from './feed.ts';

/**
 * - `unknown`: the box is not heard now; nothing may look as if all were well
 * - `safe`: the attached cards may be erased
 * - `empty`: green, and no card is attached that could be erased
 */
export type Verdict = 'unknown' | 'safe' | 'empty' | Exclude<LightLine['signal'], 'ready'>;

/**
 * Pure. `safe` needs all that is heard to agree: the light, the status that comes a little later, and each card. A wrong
 * green here is as bad as one on the board.
 */
export function verdictOf(feed: Feed, now: Moment): Verdict {
  const { light, status } = feed;
  if (!isLive(feed, now) || light === null || status === null) return 'unknown';
  if (light.signal !== 'ready') return light.signal;
  if (status.signal !== 'ready') return status.signal;
  if (light.leds.green !== 'on' || status.leds.green !== 'on') return 'attention';
  if (!status.cards.every(({ backedUp }) => backedUp) || isCopying(status)) return 'attention';
  return status.cards.length === 0 ? 'empty' : 'safe';
}

export const isCopying = ({ backups }: Pick<Status, 'backups'>): boolean =>
  backups.some(({ outcome }) => outcome === null);
