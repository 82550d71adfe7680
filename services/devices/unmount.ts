import { messageOf, UserError } from '../errors.ts';
import { troubleText } from './arrival.ts';
import type { Place } from './place.ts';
import type { Mounter } from './ports.ts';

/** Where the helper mounted it. Throws 75 when somebody uses it. */
export async function unmount(place: Place, mounter: Pick<Mounter, 'unmount'>): Promise<void> {
  if (place.kind !== 'volume' || place.holder !== 'us' || place.target === null) return;
  const answer = await mounter.unmount(place.target);
  if (answer.ok) return;
  const message = `${place.label} could not be unmounted: ${troubleText(answer)}`;
  throw new UserError('busy', 75, message, 'close what uses it, then try again');
}

/** Returns what could not be unmounted, in words. */
export async function unmountAll(
  places: readonly Place[],
  mounter: Pick<Mounter, 'unmount'>,
): Promise<readonly string[]> {
  const answers = await Promise.allSettled(places.map((place) => unmount(place, mounter)));
  return answers.flatMap((answer) => (answer.status === 'rejected' ? [messageOf(answer.reason)] : []));
}
