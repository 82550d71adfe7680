import { useMemo } from 'preact/hooks';

/** As long as the phones' own galleries take. */
const LONG_MS = 450;
/** A finger is not still. */
const MOVED_PX = 10;

/** A finger that rests. The click that follows belongs to it: `wasLong` says so, once. */
export function useLongPress(onLong: (target: EventTarget | null) => void) {
  const press = useMemo(() => new LongPress(), []);
  press.onLong = onLong;
  return press;
}

class LongPress {
  onLong: (target: EventTarget | null) => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #from = { x: 0, y: 0 };
  #wasLong = false;

  wasLong(): boolean {
    const was = this.#wasLong;
    this.#wasLong = false;
    return was;
  }

  readonly handlers = {
    onPointerDown: (event: PointerEvent) => {
      this.#wasLong = false;
      clearTimeout(this.#timer);
      if (event.pointerType === 'mouse' || !event.isPrimary) return;
      this.#from = { x: event.clientX, y: event.clientY };
      const { target } = event;
      this.#timer = setTimeout(() => {
        this.#wasLong = true;
        this.onLong(target);
      }, LONG_MS);
    },
    onPointerMove: (event: PointerEvent) => {
      const { x, y } = this.#from;
      if (Math.hypot(event.clientX - x, event.clientY - y) > MOVED_PX) clearTimeout(this.#timer);
    },
    onPointerUp: () => clearTimeout(this.#timer),
    onPointerCancel: () => clearTimeout(this.#timer),
    // Android opens a menu for the same gesture.
    onContextMenu: (event: Event) => {
      if (this.#wasLong) event.preventDefault();
    },
  };
}
