import type { Store } from '../../services/ports.ts';

/** A fresh, empty store of one technology. */
export interface StoreSubject {
  readonly store: Store;
  cleanUp(): Promise<void>;
}
