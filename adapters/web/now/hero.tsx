import { t } from '../i18n.ts';
import { isFirst, light, status, tryAgain, verdict } from '../live/live.ts';
import { isInbox } from '../live/verdict.ts';
import { Led } from './led.tsx';
import { mountedWritable } from './writable.ts';

const COLORS = ['red', 'amber', 'green'] as const;

/** The one answer that somebody opens the page for, below the lights of the board. */
export function Hero() {
  const now = verdict.value;
  const first = now === 'unknown' && isFirst.value && status.value === null;
  const cards = status.value?.cards ?? [];
  const count = { cards: cards.filter((card) => !isInbox(card)).length };
  const writable = now === 'safe' ? mountedWritable(cards) : [];
  return (
    <section class={`hero sheet ${now}`}>
      <ul class="board plain" aria-label={t('board')}>
        {COLORS.map((color) => (
          <Led key={color} color={color} value={light.value?.leds[color] ?? null} />
        ))}
      </ul>
      <div role="status" aria-live="assertive" aria-atomic="true">
        <h1>{first ? t('connecting') : t(`verdict.${now}`, count)}</h1>
        {first ? null : <p>{t(`verdict.${now}.why`, count)}</p>}
        {writable.length === 0 ? null : (
          <p class="caution">
            {t('writableCards', { cards: writable.map(({ label }) => label).join(', ') })}
          </p>
        )}
      </div>
      {now === 'unknown' && !first ? (
        <button type="button" class="button" onClick={tryAgain}>
          {t('tryAgain')}
        </button>
      ) : null}
    </section>
  );
}
