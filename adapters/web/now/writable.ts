import type { CardStatus } from '../../../services/shapes.ts';
import { isInbox } from '../live/verdict.ts';

type Seen = Pick<CardStatus, 'id' | 'readOnly'>;

/** Somebody else may change what lies there while it is attached. An inbox is there to be written to. */
export const isWritable = (card: Seen): boolean => !card.readOnly && !isInbox(card);

/** Of a folder (its id is its path) that is no news; of a card it goes before the green. */
export const mountedWritable = <Card extends Seen>(cards: readonly Card[]): readonly Card[] =>
  cards.filter((card) => isWritable(card) && !card.id.startsWith('/'));
