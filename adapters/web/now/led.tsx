import { useEffect, useState } from 'preact/hooks';
import { levelAt } from '../../../services/lights/pattern.ts';
import { t } from '../i18n.ts';
import { blinksIn, mannerOf, rhythmIn } from './led.ts';

type Color = 'red' | 'amber' | 'green';

interface LedProps {
  readonly color: Color;
  /** As in the status, `blink 200/200`; null: nobody knows. */
  readonly value: string | null;
}

/** One LED as it is on the board, with what it does in words below it. */
export function Led({ color, value }: LedProps) {
  const lit = useLit(value ?? 'off');
  const words =
    value === null ? t('led.unknown') : t(`led.${mannerOf(value)}`, { blinks: blinksIn(value) ?? 0 });
  const look = value === null ? 'unknown' : lit ? 'lit' : 'dark';
  return (
    <li class="led">
      <span class={`lamp ${color} ${look}`} aria-hidden="true" />
      <span class="led-name">{t(color)}</span>
      <span class="led-words">{words}</span>
    </li>
  );
}

const STILL = '(prefers-reduced-motion: reduce)';

/** Wakes only at the edges of the rhythm. For whom motion is too much, a LED that blinks is steadily lit: the words say the rest. */
function useLit(value: string): boolean {
  const [lit, setLit] = useState(false);
  useEffect(() => {
    const rhythm = rhythmIn(value);
    if (matchMedia(STILL).matches) {
      setLit(rhythm.segments.some((segment) => segment.lit));
      return;
    }
    const startMs = performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      const level = levelAt(rhythm, performance.now() - startMs);
      setLit(level.lit);
      if (level.untilEdgeMs !== null) timer = setTimeout(show, level.untilEdgeMs);
    };
    show();
    return () => clearTimeout(timer);
  }, [value]);
  return lit;
}
