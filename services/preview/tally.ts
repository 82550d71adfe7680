import type { PlannedGroup } from '../backup/drive-plan.ts';
import type { CardPlan } from '../backup/plan.ts';
import type { PreviewFile, PreviewMessage, PreviewResult } from '../work-shapes.ts';
import type { PreviewLane } from './lane.ts';

interface Count {
  files: number;
  there: number;
  renamed: number;
}

/** Counts a preview as it is told. */
export class PreviewTally {
  readonly #plan: Pick<CardPlan, 'files' | 'ignored' | 'unreadable'>;
  readonly #lanes: readonly Pick<PreviewLane, 'label' | 'store'>[];
  readonly #fits: readonly boolean[];
  readonly #counts: readonly Count[];
  #passed = 0;

  constructor(
    plan: Pick<CardPlan, 'files' | 'ignored' | 'unreadable'>,
    lanes: readonly Pick<PreviewLane, 'label' | 'store'>[],
    fits: readonly boolean[],
  ) {
    this.#plan = plan;
    this.#lanes = lanes;
    this.#fits = fits;
    this.#counts = lanes.map(() => ({ files: 0, there: 0, renamed: 0 }));
  }

  /** A backup copies nothing to a drive that has no room for all of it. */
  fits(lane: number): boolean {
    return this.#fits[lane] === true;
  }

  file(lane: number, file: PreviewFile): PreviewMessage {
    const count = this.#counts[lane];
    if (count !== undefined) {
      count.files += 1;
      count.there += Number(file.there === true);
      count.renamed += Number(file.renamed);
    }
    return { file };
  }

  passed(groups: readonly PlannedGroup[]): PreviewMessage {
    for (const { group } of groups) this.#passed += group.members.length;
    return { progress: { filesDone: this.#passed, filesTotal: this.#plan.files } };
  }

  result(): PreviewResult {
    const { ignored, unreadable } = this.#plan;
    const drives = this.#lanes.flatMap(({ label, store }, at) => {
      const count = this.#counts[at];
      if (label === null || count === undefined) return [];
      // What would lie where was not looked at.
      return [
        { drive: label, driveId: store.drive.id, fits: this.fits(at), ...(this.fits(at) ? count : {}) },
      ];
    });
    return {
      files: this.#passed,
      renamed: this.#counts.reduce((sum, { renamed }) => sum + renamed, 0),
      ignored: ignored.length,
      unreadable: [...unreadable()].length,
      ...(drives.length === 0 ? {} : { drives }),
    };
  }
}
