import { language, t } from '../i18n.ts';
import { Cell } from './cell.tsx';
import { Glyph } from './glyph.tsx';
import type { DrawnSection, Geometry } from './layout.ts';
import { type Selection, shareOf } from './selection.ts';
import type { Section, Spot } from './shelf.ts';
import { dayText, sectionText } from './words.ts';

interface DayProps {
  readonly drawn: DrawnSection;
  readonly section: Section;
  readonly geometry: Geometry;
  readonly selection: Selection | null;
  readonly current: Spot;
  readonly onWhole: (section: number) => void;
}

/** As high as all its photos; those in view are drawn. The heading stays while any of them is in view. */
export function Day({ drawn, section, geometry, selection, current, onWhole }: DayProps) {
  const { columns, cell, gap } = geometry;
  const heading = dayText(section.day, language.value);
  const isUnsafe = section.safety?.fewestCopies === 0;
  const id = `day-${section.day || 'none'}`;
  return (
    <section class="day" style={{ top: drawn.top, height: drawn.height }} aria-labelledby={id}>
      <div class="day-head">
        <div class="day-words">
          <h2 id={id}>{heading}</h2>
          <p class={isUnsafe ? 'small number day-unsafe' : 'small number muted'}>
            {sectionText(section, language.value)}
          </p>
        </div>
        {selection === null ? null : (
          // biome-ignore lint/a11y/useSemanticElements: an input says "some of them" only by a property that is set anew each time.
          <button
            type="button"
            class="day-pick"
            role="checkbox"
            aria-checked={CHECKED[shareOf(selection, section)]}
            aria-label={t('selectDay', { day: heading })}
            onClick={() => onWhole(drawn.section)}
          >
            <span class="day-tick">
              <Glyph name="tick" size={18} />
            </span>
            <span class="day-pick-word">{t('selectWholeDay')}</span>
          </button>
        )}
      </div>
      <ul class="plain" aria-labelledby={id}>
        {drawn.rows.flatMap(({ first, top }) =>
          Array.from({ length: Math.min(columns, section.count - first) }, (_, column) => {
            const index = first + column;
            const photo = section.photos[index] ?? null;
            return (
              <Cell
                key={index}
                photo={photo}
                section={drawn.section}
                index={index}
                count={section.count}
                left={column * (cell + gap)}
                top={top}
                side={cell}
                isPicked={selection === null || photo === null ? null : selection.has(photo.id)}
                isCurrent={current.section === drawn.section && current.index === index}
              />
            );
          }),
        )}
      </ul>
    </section>
  );
}

const CHECKED = { none: 'false', some: 'mixed', all: 'true' } as const;
