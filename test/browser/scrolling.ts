import type { Page } from 'playwright-core';

export interface Scrolled {
  /** Between two frames, in ms. */
  readonly framesMs: readonly number[];
  /** Most that were in the document at once. */
  readonly nodes: number;
}

/** From the top to the end of the page, so many CSS pixels a frame. */
export function scrollThrough(page: Page, pixelsAFrame: number): Promise<Scrolled> {
  // Text, not a function: it runs in the page, where this project's types are not.
  return page.evaluate<Scrolled>(`new Promise((resolve) => {
    const framesMs = [];
    let nodes = 0;
    let last = null;
    const frame = (now) => {
      if (last !== null) framesMs.push(now - last);
      last = now;
      nodes = Math.max(nodes, document.getElementsByTagName('*').length);
      const end = document.documentElement.scrollHeight - window.innerHeight;
      if (window.scrollY >= end - 1) resolve({ framesMs, nodes });
      else {
        window.scrollTo(0, Math.min(end, window.scrollY + ${pixelsAFrame}));
        requestAnimationFrame(frame);
      }
    };
    window.scrollTo(0, 0);
    requestAnimationFrame(frame);
  })`);
}

export interface Shown {
  /** Photos of which nothing but a place is there. */
  readonly blank: number;
  /** In the order of the page: section, place in it, and what a screen reader says. */
  readonly photos: readonly { readonly section: number; readonly index: number; readonly label: string }[];
  /** Where the view is, from 0 to 1. */
  readonly place: number;
}

/** What is in view now. */
export function lookAt(page: Page): Promise<Shown> {
  return page.evaluate<Shown>(`(() => {
    const isSeen = (element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return bottom > 0 && top < window.innerHeight;
    };
    const cells = [...document.querySelectorAll('.cell')].filter(isSeen);
    const buttons = cells.flatMap((cell) => cell.querySelector('[data-index]') ?? []);
    const end = document.documentElement.scrollHeight - window.innerHeight;
    return {
      blank: cells.length - buttons.length,
      photos: buttons.map((button) => ({
        section: Number(button.dataset.section),
        index: Number(button.dataset.index),
        label: button.textContent,
      })),
      place: end <= 0 ? 0 : window.scrollY / end,
    };
  })()`);
}
