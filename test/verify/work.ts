import { expect } from 'vitest';
import type { Work } from '../../services/appliance.ts';
import type { WorkProgress } from '../../services/work-shapes.ts';

/** Follows long work to its end: every progress message, then exactly one result, last. */
export async function follow<Result, Progress = WorkProgress>(
  work: Work<Result, Progress>,
): Promise<{ result: Result; progress: Progress[] }> {
  const progress: Progress[] = [];
  const results: Result[] = [];
  for await (const message of work) {
    expect(results).toEqual([]);
    if ('result' in message) results.push(message.result);
    else progress.push(message.progress);
  }
  expect(results).toHaveLength(1);
  return { result: results[0] as Result, progress };
}

export const resultOf = async <Result, Progress>(work: Work<Result, Progress>): Promise<Result> =>
  (await follow(work)).result;
