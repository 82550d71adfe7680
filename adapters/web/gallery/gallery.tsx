import './gallery.css';
import { useLayoutEffect, useState } from 'preact/hooks';
import { complain } from '../frame/notice.tsx';
import { language, t } from '../i18n.ts';
import { Refusal } from '../refusal.ts';
import { place } from '../route.ts';
import { type Destination, Grid } from './grid.tsx';
import { isWanting } from './results.ts';
import { NOTHING } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import { countBefore, type Spot } from './shelf.ts';
import { freshen, results, selection, shelf, timeline, version, want, wanted } from './state.ts';
import { Toolbar } from './toolbar.tsx';
import { shortDayText } from './words.ts';

/** Where somebody was who left for another part of the page. */
let lastTop = 0;

/** Photos by day. */
export default function Gallery() {
  const [goTo, setGoTo] = useState<Destination | null>(null);
  const shown = shelf.value;
  // Photos came: drawn anew.
  void version.value;
  useLayoutEffect(arrive, []);
  const picked = selection.value;
  return (
    <div class="gallery">
      <div class="row spread gallery-top">
        <h1>{t('photos')}</h1>
        {picked === null ? (
          <button type="button" class="button" onClick={() => (selection.value = NOTHING)}>
            {t('selectStart')}
          </button>
        ) : null}
      </div>
      <Toolbar onDay={(day) => void reach(day).then(setGoTo)} />
      <Said />
      <Grid shelf={shown} selection={picked} goTo={goTo} onOpen={(spot) => void open(spot).then(setGoTo)} />
      {picked === null ? null : <SelectionBar selection={picked} />}
    </div>
  );
}

/** What there is to say when photos alone do not say it. */
function Said() {
  const { sections, isWhole, trouble } = shelf.value;
  void version.value;
  if (trouble !== null) {
    const text = trouble instanceof Refusal ? trouble.message : t('noAnswer');
    return (
      <div class="sheet stack tight" role="alert">
        <p>{t('photosTrouble')}</p>
        <p class="muted">{text}</p>
        <div>
          <button type="button" class="button" onClick={() => void shelf.value.more()}>
            {t('tryAgain')}
          </button>
        </div>
      </div>
    );
  }
  if (isWanting(wanted.value)) return <Found />;
  if (sections.length > 0) return null;
  if (!isWhole) return <p class="muted">{t('loading')}</p>;
  return (
    <div class="sheet stack tight nothing">
      <h2>{t('photosNone')}</h2>
      <p class="muted">{t('photosNoneHint')}</p>
    </div>
  );
}

function Found() {
  const { sections, isWhole } = shelf.value;
  void version.value;
  const n = countBefore(sections, sections.length);
  const searchedTo = results.value?.searchedTo ?? null;
  if (!isWhole && n === 0 && searchedTo === null) return <p class="muted">{t('loading')}</p>;
  if (isWhole && n === 0) {
    return (
      <div class="sheet stack tight nothing" role="status">
        <h2>{t('photosNoMatch')}</h2>
        <p class="muted">{t('photosNoMatchHint')}</p>
      </div>
    );
  }
  return (
    <p class="muted number" role="status">
      {t(isWhole ? 'photosFound' : 'photosFoundSoFar', { n })}
      {searchedTo === null
        ? ''
        : ` · ${t('photosSearchedTo', { day: shortDayText(searchedTo, language.value) })}`}
    </p>
  );
}

/** The first section of this day or of the nearest one before it. */
async function reach(day: string): Promise<Destination | null> {
  if (isWanting(wanted.value)) {
    want({ day });
    return null;
  }
  await timeline.value.reach(day);
  const { sections } = timeline.value;
  const found = sections.findIndex((section) => section.day <= day);
  if (sections.length === 0) return null;
  return { spot: { section: found < 0 ? sections.length - 1 : found, index: 0 }, to: 'day' };
}

/** Back in the grid, the focus is on the photo that was looked at last. */
async function open(spot: Spot): Promise<Destination | null> {
  try {
    const { openLightbox } = await import('./lightbox.ts');
    return { spot: await openLightbox(spot), to: 'photo' };
  } catch (error) {
    complain(error);
    return null;
  }
}

function arrive(): () => void {
  // Other parts of the page lead here: `#/photos?card=…`.
  const { query } = place.value;
  const [day, card, camera] = ['day', 'card', 'camera'].map((key) => query.get(key) ?? '');
  if (card || camera || day) want({ day: day ?? '', card: card ?? '', camera: camera ?? '' });
  const onEye = () => {
    if (document.visibilityState === 'visible') void freshen();
  };
  const frame = requestAnimationFrame(() => window.scrollTo(0, lastTop));
  void freshen();
  document.addEventListener('visibilitychange', onEye);
  return () => {
    lastTop = window.scrollY;
    cancelAnimationFrame(frame);
    document.removeEventListener('visibilitychange', onEye);
  };
}
