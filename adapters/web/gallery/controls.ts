import type PhotoSwipe from 'photoswipe';
import { escapeText } from '../../../services/escape.ts';
import { language, t } from '../i18n.ts';
import { pathOf } from './asking.ts';
import type { Photo } from './shelf.ts';
import { clockText, shortDayText } from './words.ts';

const DOWNLOAD = {
  isCustomSVG: true,
  inner: '<path d="M16 7v12M10.5 14 16 19.5 21.5 14M8 24h16" class="view-line" id="view-download"/>',
  outlineID: 'view-download',
} as const;

/** What stands above the photo: which one it is, and its original to take along. */
export function addControls(box: PhotoSwipe, current: () => Photo | null): void {
  box.on('uiRegister', () => {
    box.ui?.registerElement({
      name: 'caption',
      order: 5,
      className: 'view-caption',
      onInit: (element) => {
        element.setAttribute('aria-live', 'polite');
        box.on('change', () => caption(element, current()));
      },
    });
    box.ui?.registerElement({
      name: 'download',
      order: 8,
      isButton: true,
      tagName: 'a',
      title: t('viewOriginal'),
      html: DOWNLOAD,
      onInit: (element) => {
        box.on('change', () => {
          const photo = current();
          if (photo === null || !(element instanceof HTMLAnchorElement)) return;
          element.href = pathOf(photo.id, 'original?download');
          element.download = photo.name;
        });
      },
    });
  });
}

function caption(element: HTMLElement, photo: Photo | null): void {
  const name = document.createElement('strong');
  const when = document.createElement('span');
  name.textContent = escapeText(photo?.name ?? '');
  const parts =
    photo === null
      ? []
      : [shortDayText(photo.day ?? '', language.value), clockText(photo.takenAt, language.value)];
  when.textContent = parts.filter((part) => part !== '').join(', ');
  element.replaceChildren(name, when);
}
