import { computed, effect, signal, untracked } from '@preact/signals';
import { entry } from '../access.ts';
import { asking, loadPicture } from './asking.ts';
import { isWanting, NOTHING_WANTED, Results, type Wanted } from './results.ts';
import { NOTHING, type Selection } from './selection.ts';
import type { Shelf } from './shelf.ts';
import { Thumbs } from './thumbs.ts';
import { Timeline } from './timeline.ts';

/** Goes up whenever a shelf took something in. */
export const version = signal(0);
const changed = () => {
  version.value += 1;
};

/** It stays while somebody looks at other parts of the page. */
export const timeline = signal(new Timeline(asking, changed));
export const wanted = signal<Wanted>(NOTHING_WANTED);
/** Null: nothing is looked for. */
export const results = signal<Results | null>(null);
export const shelf = computed<Shelf>(() => results.value ?? timeline.value);

/** Null: tapping a photo opens it. */
export const selection = signal<Selection | null>(null);

export const thumbs = new Thumbs({
  load: (id, abort) => loadPicture(id, 'thumb', abort),
  release: (url) => URL.revokeObjectURL(url),
  setTimer: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

export function want(next: Partial<Wanted>): void {
  wanted.value = { ...wanted.value, ...next };
  results.value?.stop();
  results.value = isWanting(wanted.value) ? new Results(asking, wanted.value, changed) : null;
  void shelf.value.more();
}

export function select(change: (selection: Selection) => Selection): void {
  selection.value = change(selection.value ?? NOTHING);
}

/** Who is let in no more keeps nothing of what was shown: whoever comes in after that on this device begins anew. */
function forgetAll(): void {
  thumbs.clear();
  selection.value = null;
  wanted.value = NOTHING_WANTED;
  results.value = null;
  timeline.value = new Timeline(asking, changed);
}

effect(() => {
  if (entry.value === 'out') untracked(forgetAll);
});

/** What was backed up since is taken in; when nothing was, what is here stays as it is. */
export async function freshen(): Promise<void> {
  const known = timeline.value;
  const next = new Timeline(asking, changed);
  await next.more();
  const firstOf = ({ sections }: Timeline) =>
    JSON.stringify(
      sections.slice(0, next.sections.length).map(({ day, count, safety }) => [day, count, safety]),
    );
  if (next.trouble !== null && known.sections.length > 0) return;
  if (timeline.value !== known || firstOf(next) === firstOf(known)) return;
  timeline.value = next;
  changed();
}
