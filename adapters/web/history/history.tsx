import './history.css';
import { useEffect, useState } from 'preact/hooks';
import type { HistoryLine } from '../../../services/shapes.ts';
import { ask } from '../api.ts';
import { attempt } from '../frame/notice.tsx';
import { t } from '../i18n.ts';
import { status } from '../live/live.ts';
import { Entry } from './entry.tsx';

interface Page {
  readonly backups: readonly HistoryLine[];
  readonly next: string | null;
}

/** A screen or two. */
const PAGE = 20;

/** Every backup, newest first. */
export function History() {
  const [shown, setShown] = useState<Page | null>(null);
  const load = (after: string | null) =>
    attempt(async () => {
      const more = after === null ? '' : `&after=${encodeURIComponent(after)}`;
      const page = await ask<Page>(`/backups?limit=${PAGE}${more}`);
      setShown((before) => ({
        backups: after === null ? page.backups : [...(before?.backups ?? []), ...page.backups],
        next: page.next,
      }));
    });
  // Looked at anew when a backup begins or ends.
  const backups = status.value?.backups.map(({ id, outcome }) => `${id} ${outcome}`).join();
  useEffect(() => void load(null), [backups]);
  return (
    <div class="stack">
      <h1>{t('history')}</h1>
      {shown === null ? <p class="muted">{t('loading')}</p> : null}
      {shown?.backups.length === 0 ? <p class="sheet muted">{t('noHistory')}</p> : null}
      <ul class="plain history">
        {shown?.backups.map((line) => (
          <Entry key={line.id} line={line} />
        ))}
      </ul>
      {shown?.next == null ? null : (
        <button type="button" class="button wide" onClick={() => load(shown.next)}>
          {t('more')}
        </button>
      )}
    </div>
  );
}
