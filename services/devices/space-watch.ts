import { concatMap, filter, interval, mergeMap, type Observable, type SchedulerLike } from 'rxjs';
import type { Fact } from '../../machines/facts.ts';
import type { DriveView } from './place.ts';
import type { Places } from './ports.ts';
import { SpaceLevels } from './space.ts';

/** Often enough to warn before a drive is full, seldom enough to let it sleep. */
const SPACE_EVERY_MS = 30_000;

/** Free space of the adopted drives, looked at now and then; a fact when it becomes low, or is no longer. Never errors. */
export function spaceFacts(
  attached: () => readonly DriveView[],
  places: Pick<Places, 'space'>,
  reserveBytes: number,
  scheduler?: SchedulerLike,
): Observable<Fact> {
  const levels = new SpaceLevels(reserveBytes);
  const sample = async ({ id, path }: DriveView) => {
    const space = await places.space(path);
    return id === null || space === null ? null : levels.sample(id, space.freeBytes, space.sizeBytes);
  };
  return interval(SPACE_EVERY_MS, scheduler).pipe(
    concatMap(() => attached().filter((drive) => drive.adopted)),
    mergeMap((drive) => sample(drive).catch(() => null)),
    filter((fact) => fact !== null),
  );
}
