import './cell.css';
import { memo } from 'preact/compat';
import { useEffect, useState } from 'preact/hooks';
import { mediaKind } from '../../../services/library/media.ts';
import { language, t } from '../i18n.ts';
import { Glyph, type GlyphName } from './glyph.tsx';
import type { Photo } from './shelf.ts';
import { thumbs } from './state.ts';
import type { ThumbState } from './thumbs.ts';
import { photoLabel } from './words.ts';

interface CellProps {
  readonly photo: Photo | null;
  readonly section: number;
  readonly index: number;
  /** Of its day. */
  readonly count: number;
  readonly left: number;
  readonly top: number;
  readonly side: number;
  /** Null: nothing is being selected. */
  readonly isPicked: boolean | null;
  /** The one that Tab leads to. */
  readonly isCurrent: boolean;
}

/** One photo of the grid. Where it is comes from outside: the place of each is computed. */
export const Cell = memo(function Cell(props: CellProps) {
  const { photo, section, index, count, left, top, side, isPicked, isCurrent } = props;
  const place = { left, top, width: side, height: side };
  if (photo === null) return <li class="cell" style={place} aria-hidden="true" />;
  return (
    <li class="cell" style={place} aria-setsize={count} aria-posinset={index + 1}>
      <button
        type="button"
        class="thumb"
        data-section={section}
        data-index={index}
        tabIndex={isCurrent ? 0 : -1}
        {...(isPicked === null ? {} : { role: 'checkbox', 'aria-checked': isPicked })}
      >
        <span class="visually-hidden">{photoLabel(photo, language.value)}</span>
        <Picture photo={photo} side={side} />
        <Marks photo={photo} />
        {isPicked === null ? null : (
          <span class={isPicked ? 'tick on' : 'tick'}>{isPicked && <Glyph name="tick" />}</span>
        )}
      </button>
    </li>
  );
});

const WORDS = { later: 'photoLater', away: 'photoAway', lost: 'photoLost', none: 'photoNoPicture' } as const;

function Picture({ photo, side }: { readonly photo: Photo; readonly side: number }) {
  const [state, setState] = useState<ThumbState>({ kind: 'waiting' });
  useEffect(() => thumbs.watch(photo.id, setState), [photo.id]);
  if (state.kind === 'ready') {
    return <img src={state.url} alt="" width={side} height={side} decoding="async" draggable={false} />;
  }
  if (state.kind === 'waiting') return null;
  return (
    <span class="no-picture">
      <Glyph name={glyphOf(photo.name)} />
      <span class="no-picture-name" aria-hidden="true">
        {photo.name}
      </span>
      {state.kind === 'none' ? null : <span class="no-picture-why">{t(WORDS[state.kind])}</span>}
    </span>
  );
}

function glyphOf(name: string): GlyphName {
  const kind = mediaKind(name);
  return kind === 'video' || kind === 'audio' ? kind : 'photo';
}

/** For the eye; the label says the same. */
function Marks({ photo }: { readonly photo: Photo }) {
  const kind = mediaKind(photo.name);
  return (
    <>
      {kind === 'raw' ? (
        <span class="mark kind" aria-hidden="true">
          {t('photoRaw')}
        </span>
      ) : null}
      {kind === 'video' ? (
        <span class="mark kind">
          <Glyph name="play" />
        </span>
      ) : null}
      {photo.verifiedCopies === 0 ? (
        <span class="mark unsafe">
          <Glyph name="warning" />
        </span>
      ) : null}
    </>
  );
}
