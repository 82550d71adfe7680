import type { VerifyResult } from '../work-shapes.ts';

/** One result of what was found on each of several drives; of one drive it is that drive's own. */
export function addedUp(drives: NonNullable<VerifyResult['drives']>): VerifyResult {
  const renamed = drives.flatMap((drive) => drive.renamed ?? []);
  const superseded = drives.flatMap((drive) => drive.superseded ?? []);
  const manifestProblems = drives.flatMap((drive) => drive.manifestProblems ?? []);
  return {
    ok: drives.every(({ ok }) => ok),
    files: drives.reduce((files, drive) => files + drive.files, 0),
    altered: drives.flatMap(({ altered }) => altered),
    missing: drives.flatMap(({ missing }) => missing),
    new: drives.flatMap((drive) => drive.new),
    ...(renamed.length === 0 ? {} : { renamed }),
    ...(superseded.length === 0 ? {} : { superseded }),
    ...(manifestProblems.length === 0 ? {} : { manifestProblems }),
    ...(drives.length < 2 ? {} : { drives }),
  };
}
