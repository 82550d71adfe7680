import type PhotoSwipe from 'photoswipe';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Explanation, Life } from '../../../services/library/shapes.ts';
import { ask } from '../api.ts';
import { sizeText, timeText } from '../format.ts';
import { language, t } from '../i18n.ts';
import type { Photo } from './shelf.ts';
import { chapterText, kindText, safetyText, takenText } from './words.ts';

const INFO = {
  isCustomSVG: true,
  inner:
    '<path d="M16 7a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM16 15v6M16 11.5h.01" class="view-line" id="view-info"/>',
  outlineID: 'view-info',
} as const;
/** From here on what is known stands beside the photo, not over it; `lightbox.css` has the same. CSS pixels. */
const BESIDE = 900;
const WIDTH = 380;

/** A button that shows what is known of the photo, and goes on showing it from photo to photo. */
export function showAbout(box: PhotoSwipe, photo: () => Photo | null): void {
  const panel = document.createElement('aside');
  panel.className = 'about';
  panel.id = 'about';
  panel.hidden = true;
  // So that it can be scrolled by keys.
  panel.tabIndex = 0;
  panel.setAttribute('role', 'region');
  const draw = () => {
    panel.setAttribute('aria-label', t('viewDetails'));
    render(panel.hidden ? null : <About photo={photo()} />, panel);
  };
  box.options.paddingFn = ({ x }) => ({
    top: 0,
    bottom: 0,
    left: 0,
    right: !panel.hidden && x >= BESIDE ? WIDTH : 0,
  });
  box.on('uiRegister', () => {
    box.ui?.registerElement({
      name: 'about',
      order: 7,
      isButton: true,
      title: t('viewDetails'),
      html: INFO,
      onInit: (button) => {
        button.setAttribute('aria-expanded', 'false');
        button.setAttribute('aria-controls', 'about');
      },
      onClick: (_event, button) => {
        panel.hidden = !panel.hidden;
        button.setAttribute('aria-expanded', String(!panel.hidden));
        box.element?.classList.toggle('with-about', !panel.hidden);
        draw();
        box.updateSize(true);
        if (!panel.hidden) panel.focus({ preventScroll: true });
      },
    });
  });
  box.on('afterInit', () => box.element?.append(panel));
  box.on('change', draw);
  box.on('destroy', () => render(null, panel));
}

function About({ photo }: { readonly photo: Photo | null }) {
  const life = useLife(photo?.id ?? null);
  if (photo === null) return <p>{t('loading')}</p>;
  const { name, camera, sizeBytes, cards, copies } = photo;
  const places = copies.map(({ drive, path }) => `${drive.label}: ${path}`);
  return (
    <div class="stack">
      <h2>{name}</h2>
      <dl class="about-list">
        <Line name={t('aboutTaken')} text={takenText(photo, language.value)} />
        <Line name={t('photosCamera')} text={camera ?? t('photosNoCamera')} />
        <Line name={t('aboutKind')} text={kindText(name, language.value)} />
        <Line name={t('aboutSize')} text={sizeText(sizeBytes, language.value)} />
        <Line name={t('photosCard')} text={cards.map(({ label }) => label).join(', ') || '–'} />
        <Line name={t('aboutSafe')} text={safetyText(photo, language.value)} />
        {places.length === 0 ? null : <Line name={t('aboutPlace')} text={places} />}
      </dl>
      <h3>{t('aboutLife')}</h3>
      <Chapters life={life} />
    </div>
  );
}

function Line({ name, text }: { readonly name: string; readonly text: string | readonly string[] }) {
  return (
    <div>
      <dt>{name}</dt>
      {[text].flat().map((one) => (
        <dd key={one}>{one}</dd>
      ))}
    </div>
  );
}

function Chapters({ life }: { readonly life: Life | 'waiting' | 'none' }) {
  if (life === 'waiting') return <p>{t('loading')}</p>;
  if (life === 'none') return <p>{t('aboutLifeMissing')}</p>;
  return (
    <ol class="about-life">
      {life.chapters.map((chapter) => (
        <li key={chapter.seq}>
          <span>{chapterText(chapter, language.value)}</span>
          <time dateTime={chapter.at}>{timeText(chapter.at, { language: language.value })}</time>
        </li>
      ))}
    </ol>
  );
}

/** From the journal: asked for only when somebody looks. */
function useLife(id: string | null): Life | 'waiting' | 'none' {
  const [told, setTold] = useState<{ readonly id: string; readonly life: Life | 'none' } | null>(null);
  useEffect(() => {
    if (id === null) return undefined;
    const ending = new AbortController();
    ask<Explanation>(`/explain?name=${encodeURIComponent(id)}&limit=1`, { signal: ending.signal }).then(
      ({ lives }) => setTold({ id, life: lives[0] ?? 'none' }),
      () => {
        if (!ending.signal.aborted) setTold({ id, life: 'none' });
      },
    );
    return () => ending.abort();
  }, [id]);
  return told?.id === id ? told.life : 'waiting';
}
