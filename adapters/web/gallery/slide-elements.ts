import { escapeText } from '../../../services/escape.ts';
import { t } from '../i18n.ts';
import { pathOf } from './asking.ts';
import type { Photo } from './shelf.ts';
import type { SlideState } from './slides.ts';

/** What stands in the place of a picture. Null for a picture. */
export function slideElement(photo: Photo | null, state: SlideState): HTMLDivElement | null {
  if (state.kind === 'picture') return null;
  const element = document.createElement('div');
  element.className = 'pswp__content view-content';
  if (photo === null || state.kind === 'waiting') element.append(paragraph(t('loading')));
  else if (state.kind === 'words') element.append(...words(photo, t(state.text)));
  else element.append(player(photo, state.kind, element));
  return element;
}

function words(photo: Photo, text: string): Node[] {
  const name = document.createElement('p');
  name.className = 'view-name';
  name.textContent = escapeText(photo.name);
  return [name, paragraph(text), download(photo)];
}

function paragraph(text: string): HTMLElement {
  const element = document.createElement('p');
  element.textContent = text;
  return element;
}

function download({ id, name }: Photo): HTMLElement {
  const link = document.createElement('a');
  link.className = 'view-download';
  link.href = pathOf(id, 'original?download');
  link.download = name;
  link.textContent = t('viewOriginal');
  return link;
}

/** Whether a browser can play it shows when it tries: by its type alone, Chromium refuses films that it plays. */
function player(photo: Photo, kind: 'film' | 'sound', around: HTMLElement): HTMLElement {
  const media = document.createElement(kind === 'film' ? 'video' : 'audio');
  media.controls = true;
  media.preload = 'metadata';
  media.src = pathOf(photo.id, 'original');
  media.setAttribute('aria-label', escapeText(photo.name));
  if (media instanceof HTMLVideoElement) {
    media.playsInline = true;
    media.poster = pathOf(photo.id, 'preview');
  }
  media.addEventListener('error', () => {
    const still = document.createElement('img');
    still.alt = '';
    still.src = pathOf(photo.id, 'preview');
    still.addEventListener('error', () => still.remove());
    around.replaceChildren(still, ...words(photo, t('viewVideoNot')));
  });
  return media;
}

/** Null for what no browser shows. */
export async function sizeOfPicture(url: string): Promise<{ width: number; height: number } | null> {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    return null;
  }
  return { width: image.naturalWidth, height: image.naturalHeight };
}
