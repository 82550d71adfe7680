import type { Fact } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { Store } from '../ports.ts';
import type { Content } from './content.ts';

/** Records of one content that are read: where it was seen last, and what was found then on each of a few drives. */
const RECORDS = 8;
/** Contents of one check that are looked up; of the others it is said that they are not on the drive. About a second. */
const MAX_LOOKED_UP = 1000;

interface Place {
  readonly driveId: DriveId;
  readonly to: RelativePath;
}

type Identity = Pick<Content, 'xxh64' | 'sizeBytes'>;

/**
 * Places where the journal's last word on this content is that it was found altered there; none for a content whose last
 * record says something else. `limit`: contents that are looked up.
 */
export function alteredBefore(
  { shelf, log }: Pick<Store, 'shelf' | 'log'>,
  limit = MAX_LOOKED_UP,
): (content: Identity) => readonly Place[] {
  let left = limit;
  const recordAt = (seq: number): Fact | null => [...log.read({ after: seq - 1, limit: 1 })][0]?.fact ?? null;
  return (content) => {
    if (left === 0) return [];
    left -= 1;
    const { seqs } = shelf.records(`${content.xxh64}-${content.sizeBytes}`, { head: 0, tail: RECORDS });
    const last = seqs.at(-1);
    if (last === undefined || recordAt(last)?.type !== 'CopiesLost') return [];
    const places = new Map<string, Place & { readonly isAltered: boolean }>();
    for (const seq of seqs) {
      const fact = recordAt(seq);
      if (fact !== null) follow(places, fact, content);
    }
    const altered = [...places.values()].filter(({ isAltered }) => isAltered);
    return altered.map(({ driveId, to }) => ({ driveId, to }));
  };
}

function follow(
  places: Map<string, Place & { readonly isAltered: boolean }>,
  fact: Fact,
  { xxh64, sizeBytes }: Identity,
): void {
  if (fact.type === 'CopiesLost') {
    const { driveId } = fact;
    for (const { to, why } of fact.files) {
      const key = `${driveId}/${to}`;
      if (!places.has(key)) continue;
      if (why === 'altered') places.set(key, { driveId, to, isAltered: true });
      else places.delete(key);
    }
    return;
  }
  for (const file of filesOf(fact)) {
    if (file.xxh64 !== xxh64 || file.sizeBytes !== sizeBytes || !('driveId' in fact)) continue;
    const { driveId } = fact;
    if (driveId !== null) places.set(`${driveId}/${file.to}`, { driveId, to: file.to, isAltered: false });
  }
}

function filesOf(fact: Fact): readonly (Identity & { readonly to: RelativePath })[] {
  if (fact.type === 'FilesSettled') return [...fact.copied, ...fact.duplicates];
  return fact.type === 'DriveContentLearned' || fact.type === 'FilesIndexed' ? fact.files : [];
}
