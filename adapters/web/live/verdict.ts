import { cardId, isInboxCard } from '../../../machines/ids.ts';
import type { CardStatus, LightLine, Status } from '../../../services/shapes.ts';
import { type Feed, isLive, type Moment } from './feed.ts';

/**
 * - `unknown`: the box is not heard now; nothing may look as if all were well
 * - `safe`: the attached cards may be erased
 * - `empty`: green, and no card is attached that could be erased
 * - `uploads`: only what was uploaded is not backed up yet
 */
export type Verdict = 'unknown' | 'safe' | 'empty' | 'uploads' | Exclude<LightLine['signal'], 'ready'>;

/**
 * Pure. `safe` needs all that is heard to agree: the light, the status that comes a little later, and each card. A wrong
 * green here is as bad as one on the board.
 */
export function verdictOf(feed: Feed, now: Moment): Verdict {
  const { light, status } = feed;
  if (!isLive(feed, now) || light === null || status === null) return 'unknown';
  const open = status.cards.filter(({ backedUp }) => !backedUp);
  const attention = open.length > 0 && open.every(isInbox) ? 'uploads' : 'attention';
  const signal = light.signal === 'ready' ? status.signal : light.signal;
  if (signal !== 'ready') return signal === 'attention' ? attention : signal;
  if (light.leds.green !== 'on' || status.leds.green !== 'on') return 'attention';
  if (open.length > 0 || isCopying(status)) return attention;
  return status.cards.every(isInbox) ? 'empty' : 'safe';
}

/** The inbox of a drive, shown as a card while uploads lie in it: nothing of it is to be erased by anybody. */
export const isInbox = ({ id }: Pick<CardStatus, 'id'>): boolean => isInboxCard(cardId(id));

export const isCopying = ({ backups }: Pick<Status, 'backups'>): boolean =>
  backups.some(({ outcome }) => outcome === null);
