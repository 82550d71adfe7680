import type { Observable } from 'rxjs';
import type { Card } from '../../machines/media.ts';
import type { DriveView } from './place.ts';
import type { PlaceTools } from './place-list.ts';
import type { DeviceListing } from './ports.ts';

/** The book is what the journal says of drives until now; the service goes on keeping it. */
export interface DeviceServiceParts extends Omit<PlaceTools, 'closing'> {
  /** Complete listings of what the kernel shows; the first one comes promptly, an empty one counts. */
  readonly listing$: Observable<DeviceListing>;
  /** When to look at the folders again. */
  readonly review$?: Observable<unknown>;
  readonly warn: (text: string) => void;
}

export interface Attached {
  readonly cards: readonly Card[];
  /** Adopted ones first, then those that are only shown. */
  readonly drives: readonly DriveView[];
}
