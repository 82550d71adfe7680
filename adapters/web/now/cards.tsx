import type { CardStatus } from '../../../services/shapes.ts';
import { isOwner } from '../access.ts';
import { ask } from '../api.ts';
import { cardName } from '../card-name.ts';
import { Icon } from '../frame/icons.tsx';
import { attempt, say } from '../frame/notice.tsx';
import { language, t } from '../i18n.ts';
import { live, status, verdict } from '../live/live.ts';
import { isInbox } from '../live/verdict.ts';
import { Check } from './check.tsx';
import { isWritable } from './writable.ts';

export function Cards() {
  const cards = status.value?.cards ?? [];
  return (
    <section class="stack tight" aria-labelledby="cards">
      <h2 id="cards">{t('cards')}</h2>
      {cards.length === 0 ? (
        <p class="sheet muted">{t('noCards')}</p>
      ) : (
        <ul class="plain stack tight">
          {cards.map((card) => (
            <Card key={card.id} card={card} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Card({ card }: { readonly card: CardStatus }) {
  const { id, label, backedUp } = card;
  const name = cardName(label, language.value);
  const running =
    status.value?.backups.some((backup) => backup.card === label && backup.outcome === null) === true;
  const standing = running ? 'isRunning' : backedUp ? 'backedUp' : 'notBackedUp';
  const backUp = () =>
    attempt(async () => {
      await ask('/backups', { method: 'POST', body: { card: id } });
      say(t('started', { card: name }));
    });
  return (
    <li class="sheet stack tight">
      <div class="thing">
        <Icon name="card" size={28} />
        <div>
          <h3>{name}</h3>
          {/* Green only with the verdict; of a box that is not heard, nobody knows whether it is still so. */}
          <p class={standing === 'backedUp' && verdict.value === 'safe' ? 'standing' : 'muted'}>
            {live.value ? t(standing) : t('led.unknown')}
          </p>
          {isInbox(card) ? <p class="small muted">{t('inbox')}</p> : null}
          {isWritable(card) ? <p class="small caution">{t('writable')}</p> : null}
        </div>
      </div>
      {!isOwner.value ? null : (
        <>
          {backedUp || running ? null : (
            <button
              type="button"
              class="button primary"
              disabled={!live.value}
              aria-label={t('backUpCard', { card: name })}
              onClick={backUp}
            >
              {t('backUp')}
            </button>
          )}
          {running || isInbox(card) ? null : <Check card={card} />}
        </>
      )}
    </li>
  );
}
