import { useEffect, useState } from 'preact/hooks';
import { ask } from '../api.ts';
import { sizeText } from '../format.ts';
import { attempt } from '../frame/notice.tsx';
import { language, t } from '../i18n.ts';
import { Glyph } from './glyph.tsx';
import { bytesOf, MAX_SELECTED, NOTHING, type Selection } from './selection.ts';
import { selection as current } from './state.ts';
import { selectionText } from './words.ts';

/** What is picked out, and what can be done with it. */
export function SelectionBar({ selection }: { readonly selection: Selection }) {
  const [isAsking, setAsking] = useState(false);
  const [begun, setBegun] = useState<{ readonly of: Selection; readonly text: string } | null>(null);
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') current.value = null;
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const { size } = selection;
  const picked = size === 0 ? t('selectNone') : selectionText(size, bytesOf(selection), language.value);
  const download = async () => {
    setAsking(true);
    await attempt(async () => setBegun({ of: selection, text: await fetchArchive(selection) }));
    setAsking(false);
  };
  return (
    <section class="picked" aria-label={t('selectStart')}>
      <p class="number" role="status">
        {begun?.of === selection ? begun.text : picked}
        {size === MAX_SELECTED ? <span class="small"> {t('selectFull', { n: MAX_SELECTED })}</span> : null}
      </p>
      <div class="row">
        {size === 0 ? null : (
          <button type="button" class="button plain" onClick={() => (current.value = NOTHING)}>
            {t('selectClear')}
          </button>
        )}
        <button type="button" class="button" onClick={() => (current.value = null)}>
          {t('selectDone')}
        </button>
        <button
          type="button"
          class="button primary with-glyph"
          disabled={size === 0 || isAsking}
          onClick={() => void download()}
        >
          <Glyph name="download" size={20} />
          {t('selectDownload')}
        </button>
      </div>
    </section>
  );
}

async function fetchArchive(selection: Selection): Promise<string> {
  const body = { ids: [...selection.keys()] };
  const made = await ask<{ id: string; files: number; bytes: number }>('/selections', {
    method: 'POST',
    body,
  });
  // The browser's own download: it goes on when the page is left, and never lies in the page's memory.
  location.assign(`/api/v1/selections/${encodeURIComponent(made.id)}/archive`);
  return t('selectLeaves', { n: made.files, size: sizeText(made.bytes, language.value) });
}
