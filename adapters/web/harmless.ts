import { options, type VNode } from 'preact';
import { escapeText } from '../../services/escape.ts';

/** What a screen reader says and a pointer shows. Values and addresses are not touched: the box has to know them again. */
const SPOKEN = ['aria-label', 'aria-description', 'aria-valuetext', 'alt', 'title', 'placeholder', 'label'];

/**
 * Text comes from cards, drives and phones (labels, names of files and devices, problems), and none of it may turn the
 * direction of writing or hide what stands beside it. All that is drawn passes here, so that no part of the page can forget
 * it; what is put into the document by hand calls `escapeText` itself.
 */
export function drawHarmless(node: VNode): void {
  // A piece of text has no type, and is its own props.
  const drawn = node as unknown as { type: unknown; props: unknown };
  if (typeof drawn.props === 'string') drawn.props = escapeText(drawn.props);
  if (typeof drawn.type !== 'string' || typeof drawn.props !== 'object' || drawn.props === null) return;
  const props = drawn.props as Record<string, unknown>;
  for (const name of SPOKEN) {
    const said = props[name];
    if (typeof said === 'string') props[name] = escapeText(said);
  }
}

const before = options.vnode;
options.vnode = (node) => {
  drawHarmless(node);
  before?.(node);
};
