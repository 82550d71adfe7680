import 'photoswipe/style.css';
import './lightbox.css';
import { effect } from '@preact/signals';
import PhotoSwipe from 'photoswipe';
import { entry } from '../access.ts';
import { language, t } from '../i18n.ts';
import { showAbout } from './about.tsx';
import { loadPicture } from './asking.ts';
import { closeOnBack } from './back.ts';
import { addControls } from './controls.ts';
import { countBefore, photoAt, type Shelf, type Spot, spotOf } from './shelf.ts';
import { sizeOfPicture, slideElement } from './slide-elements.ts';
import { type SlideState, Slides } from './slides.ts';
import { shelf } from './state.ts';
import { photoLabel } from './words.ts';

/** Photos before the last known one at which the next days are asked for. */
const AHEAD = 20;
/** Height of a player's own controls: a finger there is theirs. */
const CONTROLS_PX = 72;

/** Shows a photo on the whole screen, and the others beside it. Resolves with the last one when it is closed. */
export function openLightbox(spot: Spot): Promise<Spot> {
  const now = shelf.value;
  const slides = new Slides({
    load: (id, abort) => loadPicture(id, 'preview', abort),
    sizeOf: sizeOfPicture,
    release: (url) => URL.revokeObjectURL(url),
    setTimer: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
  const box = new PhotoSwipe({
    index: countBefore(now.sections, spot.section) + spot.index,
    dataSource: [],
    mainClass: 'view',
    loop: false,
    bgOpacity: 1,
    preload: [1, 2],
    counter: false,
    wheelToZoom: true,
    secondaryZoomLevel: 1.5,
    maxZoomLevel: 4,
    showHideAnimationType: 'fade',
    closeTitle: t('viewClose'),
    zoomTitle: t('viewZoom'),
    arrowPrevTitle: t('viewPrevious'),
    arrowNextTitle: t('viewNext'),
  });
  fill(box, now, slides);
  const current = () => photoAtFlat(now, box.currIndex);
  addControls(box, current);
  showAbout(box, current);
  closeOnBack(box);
  closeWhenLeft(box);
  return new Promise((resolve) => {
    box.on('destroy', () => {
      slides.stop();
      resolve(spotOf(now.sections, box.currIndex) ?? spot);
    });
    box.init();
  });
}

/** Who is let in no more sees no photo any more, not even the one that is open. */
function closeWhenLeft(box: PhotoSwipe): void {
  let stop = () => {};
  box.on('afterInit', () => {
    stop = effect(() => {
      if (entry.value === 'out') box.destroy();
    });
  });
  box.on('destroy', () => stop());
}

function photoAtFlat({ sections }: Shelf, flat: number) {
  const spot = spotOf(sections, flat);
  return spot === null ? null : photoAt(sections, spot);
}

/** Slides come from the shelf, which goes on over the border of a day and asks for what is not here. */
function fill(box: PhotoSwipe, from: Shelf, slides: Slides): void {
  box.addFilter('numItems', () => countBefore(from.sections, from.sections.length));
  box.addFilter('itemData', (_data, flat) => {
    const photo = photoAtFlat(from, flat);
    const again = () => {
      if (box.isOpen) box.refreshSlideContent(flat);
    };
    if (photo === null) void fetchAt(from, flat).then(again);
    const state: SlideState = photo === null ? { kind: 'waiting' } : slides.get(photo, again);
    if (state.kind !== 'picture') return { type: 'other', photo, state };
    const alt = photo === null ? '' : photoLabel(photo, language.value);
    return { src: state.url, width: state.width, height: state.height, alt };
  });
  box.on('contentLoad', (event) => {
    const { content } = event;
    if (content.type !== 'other') return;
    event.preventDefault();
    const element = slideElement(content.data['photo'], content.data['state']);
    if (element !== null) content.element = element;
    content.onLoaded();
  });
  box.on('contentDeactivate', ({ content }) =>
    content.element?.querySelector<HTMLMediaElement>('video, audio')?.pause(),
  );
  box.on('pointerDown', (event) => {
    const { target, clientY } = event.originalEvent;
    if (!(target instanceof HTMLMediaElement)) return;
    if (target.getBoundingClientRect().bottom - clientY < CONTROLS_PX) event.preventDefault();
  });
  // A dialog without a name says nothing to who cannot see it.
  box.on('firstUpdate', () => box.element?.setAttribute('aria-label', t('photos')));
  box.on('change', () => {
    const known = countBefore(from.sections, from.sections.length);
    if (!from.isWhole && box.currIndex + AHEAD >= known) void from.more();
  });
}

async function fetchAt(from: Shelf, flat: number): Promise<void> {
  const spot = spotOf(from.sections, flat);
  if (spot !== null) await from.fill(spot.section, spot.index + 1);
}
