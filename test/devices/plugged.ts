/** What the tests of plugged volumes begin with. */
import { adopted } from './journal.ts';
import { type Bench, bench, identity } from './memory.ts';

export const withoutForce = { force: false };

export async function started(given: Parameters<typeof bench>[0] = {}): Promise<Bench> {
  const one = bench(given);
  await one.service.start();
  await one.news();
  return one;
}

/** A journal in which the volume of `block('disk')` was adopted. */
export const JOURNAL = [
  { ...adopted('d1', 'uuid-disk'), drive: { ...driveOf('d1'), sizeBytes: 64e9 } },
] as const;
function driveOf(id: string) {
  const fact = adopted(id, 'uuid-disk');
  if (fact.type !== 'DriveAdopted') throw new Error('no drive');
  return fact.drive;
}
export const OURS = { identity: identity('d1', 'uuid-disk') };
