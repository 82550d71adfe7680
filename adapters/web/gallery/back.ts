import type PhotoSwipe from 'photoswipe';

/** The phone's own way back closes what is on the whole screen, and does not leave the photos. */
export function closeOnBack(box: PhotoSwipe): void {
  const mark = { lightbox: true };
  let isOver = false;
  const onPop = () => {
    isOver = true;
    box.close();
  };
  box.on('beforeOpen', () => {
    history.pushState(mark, '');
    window.addEventListener('popstate', onPop);
  });
  box.on('destroy', () => {
    window.removeEventListener('popstate', onPop);
    if (!isOver) history.back();
  });
}
