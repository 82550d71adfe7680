import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isUserError } from '../../services/errors.ts';
import type { Question } from '../../services/library/explain.ts';
import type { Library } from '../../services/library/library.ts';
import type { Grouping, PageQuery, PhotoFilter } from '../../services/library/ports.ts';
import type { Explanation, GroupPageShape, PhotoPageShape } from '../../services/library/shapes.ts';
import type { Cli } from './cli.ts';

/** The same answers from the daemon, or from its journal where no daemon runs. */
interface Asked {
  groups(by: Grouping, page: PageQuery): Promise<GroupPageShape>;
  photos(filter: PhotoFilter, page: PageQuery): Promise<PhotoPageShape>;
  find(part: string, filter: PhotoFilter, page: PageQuery): Promise<PhotoPageShape>;
  explain(question: Question): Promise<Explanation>;
}

/** Throws `UserError` 69 when there is neither a daemon nor a journal. */
export async function withLibrary<Answer>(
  cli: Cli,
  use: (library: Asked) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await use(asked(cli));
  } catch (error) {
    const journal = join(cli.places().stateDir, 'journal.db');
    if (!isUserError(error) || error.code !== 'daemon-not-running' || !existsSync(journal)) throw error;
    const [{ withStore }, { Library }] = await Promise.all([
      import('./open-store.ts'),
      import('../../services/library/library.ts'),
    ]);
    return withStore(cli, (store) => use(direct(new Library(store))));
  }
}

const direct = (library: Library): Asked => ({
  groups: async (by, page) => library.groups(by, page),
  photos: async (filter, page) => library.photos(filter, page),
  find: (part, filter, page) => library.find(part, filter, page),
  explain: async (question) => library.explain(question),
});

function asked(cli: Cli): Asked {
  const get = <Answer>(path: string, query: object) => cli.client().get<Answer>(`${path}?${queryOf(query)}`);
  return {
    groups: (by, page) => get(`photos/by/${by}`, page),
    photos: (filter, page) => get('photos', { ...filter, ...page }),
    find: (part, filter, page) => get('photos', { find: part, ...filter, ...page }),
    explain: (question) => get('explain', question),
  };
}

function queryOf(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
}
