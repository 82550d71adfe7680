import { lazy, Suspense } from 'preact/compat';
import { entry } from './access.ts';
import { ConfirmDialog } from './frame/confirm.tsx';
import { Nav } from './frame/nav.tsx';
import { Notice } from './frame/notice.tsx';
import { History } from './history/history.tsx';
import { t } from './i18n.ts';
import { Now } from './now/now.tsx';
import { Pairing } from './pairing/pairing.tsx';
import { farewell, Leaving } from './power/power.tsx';
import { place } from './route.ts';
import { Settings } from './settings/settings.tsx';

/** What looks at photos comes when somebody looks at photos. */
const Gallery = lazy(() => import('./gallery/gallery.tsx'));
const Upload = lazy(() => import('./upload/upload.tsx'));

export function App() {
  const leaving = farewell.value;
  const out = entry.value === 'out';
  return (
    <>
      <button type="button" class="skip" onClick={toContent}>
        {t('skip')}
      </button>
      {out || leaving !== null ? null : <Nav />}
      <main id="content" tabindex={-1}>
        <Suspense fallback={<p>{t('loading')}</p>}>
          {leaving !== null ? <Leaving {...leaving} /> : out ? <Pairing /> : <Content />}
        </Suspense>
      </main>
      <Notice />
      <ConfirmDialog />
    </>
  );
}

function Content() {
  switch (place.value.path) {
    case '/photos':
      return <Gallery />;
    case '/upload':
      return <Upload />;
    case '/history':
      return <History />;
    case '/settings':
      return <Settings />;
    default:
      return <Now />;
  }
}

/** No link: the address after `#` is the place in the page, and following one would leave it. */
const toContent = () => document.getElementById('content')?.focus();
