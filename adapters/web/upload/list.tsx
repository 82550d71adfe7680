import { useState } from 'preact/hooks';
import { percentOf } from '../format.ts';
import { Icon } from '../frame/icons.tsx';
import { language, t } from '../i18n.ts';
import { type Item, isOver } from './queue.ts';
import { cancel, queue } from './uploads.ts';
import { stateText } from './words.ts';

/** Thousands of rows would slow the phone down that sends. */
const SHOWN = 100;
const ORDER = ['refused', 'sending', 'reconnecting', 'paused', 'waiting', 'uploaded', 'cancelled'] as const;

/** Each file: what needs an eye first, then what is under way, then what is done. */
export function Files() {
  const [count, setCount] = useState(SHOWN);
  const items = queue.value;
  if (items.length === 0) return null;
  const sorted = ORDER.flatMap((kind) => items.filter(({ state }) => state.kind === kind));
  return (
    <section class="stack tight" aria-label={t('uploadFiles')}>
      <ul class="plain files">
        {sorted.slice(0, count).map((item) => (
          <File key={item.id} item={item} />
        ))}
      </ul>
      {sorted.length > count ? (
        <button type="button" class="button" onClick={() => setCount(count + SHOWN)}>
          {t('more')}
        </button>
      ) : null}
    </section>
  );
}

function File({ item }: { readonly item: Item }) {
  const { id, name, sizeBytes, sentBytes, state } = item;
  const percent = percentOf(sentBytes, sizeBytes);
  const hasBar =
    state.kind === 'sending' || state.kind === 'reconnecting' || (state.kind === 'paused' && sentBytes > 0);
  return (
    <li class={`file ${state.kind}`}>
      <div class="file-words">
        <p class="file-name">{name}</p>
        <p class="small number file-state">{stateText(item, language.value)}</p>
        {hasBar ? (
          <div
            class="bar"
            role="progressbar"
            aria-label={name}
            aria-valuenow={percent}
            aria-valuemin={0}
            aria-valuemax={100}
          >
            <span style={{ width: `${percent}%` }} />
          </div>
        ) : null}
      </div>
      {state.kind === 'uploaded' ? <Icon name="check" /> : null}
      {state.kind === 'refused' ? <Icon name="warning" /> : null}
      {isOver(item) ? null : (
        <button
          type="button"
          class="file-cancel"
          aria-label={t('uploadCancelOne', { name })}
          onClick={() => cancel(id)}
        >
          <svg class="icon" width={20} height={20} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M6 6l12 12M18 6 6 18" />
          </svg>
        </button>
      )}
    </li>
  );
}
