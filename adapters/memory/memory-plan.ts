import type { FailedFile } from '../../machines/media.ts';
import type { Decision, PlannedFile, PlanStore, StoredGroup } from '../../services/backup/ports.ts';
import type { ShotGroup } from '../../services/library/groups.ts';

interface Row extends StoredGroup {
  readonly urgent: boolean | null;
}

/** The plan of one backup in memory: for tests. */
export function memoryPlan(): PlanStore {
  let rows: Row[] = [];
  let failures: FailedFile[] = [];
  return {
    addGroups(groups) {
      for (const group of groups) rows.push({ number: rows.length, group, states: [], urgent: null });
    },
    addUnreadable: (more) => void failures.push(...more),
    groups: (order) => ordered(rows, order),
    unreadable: () => [...failures],
    decide(decisions: readonly Decision[]) {
      for (const { number, states, urgent } of decisions) {
        const row = rows[number];
        if (row !== undefined) rows[number] = { ...row, states, urgent };
      }
    },
    find({ path, pathBase64 }) {
      const isIt = (file: PlannedFile) => file.path === path && file.pathBase64 === pathBase64;
      for (const { group } of rows) for (const file of group.members) if (isIt(file)) return file;
      return null;
    },
    close() {
      rows = [];
      failures = [];
    },
  };
}

type Order = Parameters<PlanStore['groups']>[0];

function* ordered(rows: readonly Row[], order: Order): Generator<StoredGroup> {
  const byAge = (a: Row, b: Row) => newest(b.group) - newest(a.group) || a.number - b.number;
  const urgency = ({ urgent }: Row) => Number(urgent !== true);
  const isCopying = order === 'copying' || order === 'counting';
  const byTime = (a: Row, b: Row) => newest(a.group) - newest(b.group) || a.number - b.number;
  const numbers = (isCopying ? rows.filter(({ urgent }) => urgent !== null) : [...rows])
    .sort((a, b) => {
      if (order === 'scan') return a.number - b.number;
      return (isCopying ? urgency(a) - urgency(b) : 0) || (order === 'counting' ? byTime : byAge)(a, b);
    })
    .map(({ number }) => number);
  for (const number of numbers) {
    const row = rows[number];
    // As it is now: it may have been decided anew since the listing began.
    if (row !== undefined) yield { number, group: row.group, states: row.states };
  }
}

const newest = ({ members }: ShotGroup<PlannedFile>) => Math.max(...members.map(({ mtimeMs }) => mtimeMs));
