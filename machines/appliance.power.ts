/** What weak power changes in the appliance's context. */
import { type ApplianceContext, type EventOf, latch } from './appliance.context.ts';

type Context = ApplianceContext;

/** Weak power is an error of each card that it holds up, and of the power supply when there is none. */
export function judgePower(context: Context, event: EventOf<'HealthChanged'>): Context {
  if (event.level !== 'bad') return { ...context, weakPower: false };
  const next = { ...context, weakPower: true };
  const error = { reason: 'weak-power', detail: event.reading, since: event.at } as const;
  const waiting = context.cards.filter(({ card }) => context.queue.some((entry) => entry.cardId === card.id));
  const held = [...context.running, ...waiting].map(({ card }) => card);
  if (held.length === 0) {
    return { ...next, errors: latch(next, { ...error, cardId: null, subject: 'power supply' }) };
  }
  let errors = context.errors;
  for (const { id, label } of held) {
    errors = latch({ ...context, errors }, { ...error, cardId: id, subject: label });
  }
  return { ...next, errors };
}
