import type { Content } from './content.ts';

/** Read model: what lies verified at another place than the drives, in a cloud for example. */
export interface OffsiteCopies {
  /** Names of the stores that hold this content, each verified there; empty when none does. */
  holders(content: Pick<Content, 'sizeBytes' | 'xxh64'>): readonly string[];
}

/** No fact of this version records an off-site copy, so none is known: whoever asks for one gets no. */
export const NOTHING_OFFSITE: OffsiteCopies = { holders: () => [] };
