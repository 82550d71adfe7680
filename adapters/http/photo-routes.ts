import type { FastifyReply } from 'fastify';
import type { Appliance } from '../../services/appliance.ts';
import { Explanation, GroupPageShape, PhotoPageShape } from '../../services/library/shapes.ts';
import type { Api } from './api.ts';
import { ExplainQuery, GroupsParams, GroupsQuery, PhotosQuery } from './bodies.ts';

/** Photos, page by page: the read models answer each at once, except where a part of a name is looked for. */
export function addPhotoRoutes(api: Api, { library }: Pick<Appliance, 'library'>): void {
  const photos = {
    summary: 'Photos of a day, camera, card or backup, or of a name or a part of one',
    description:
      'Newest first. With find, a page may hold fewer photos than asked for, or none: it ends when enough photos were ' +
      'looked at, and next goes on from there.',
    query: PhotosQuery,
  };
  api.get('/photos', { ...photos, answer: { json: PhotoPageShape } }, ({ query, reply }) => {
    const { after, limit, find, ...filter } = given(query);
    const page = given({ after, limit });
    return find === undefined
      ? library.photos(filter, page)
      : library.find(find, filter, page, goneOf(reply));
  });
  const groups = { summary: 'Days, cameras, cards or backups', params: GroupsParams, query: GroupsQuery };
  api.get('/photos/by/:by', { ...groups, answer: { json: GroupPageShape } }, ({ params, query }) =>
    library.groups(params.by, given(query)),
  );
  const lives = { summary: 'The life of photos of one name', query: ExplainQuery };
  api.get('/explain', { ...lives, answer: { json: Explanation } }, ({ query }) =>
    library.explain(given(query)),
  );
}

/** Aborted when nobody waits for the answer any more: whoever types asks anew with each letter. */
function goneOf({ raw: response }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}

type Given<Query> = { [Key in keyof Query]?: Exclude<Query[Key], undefined> } & {
  [Key in keyof Query as undefined extends Query[Key] ? never : Key]: Query[Key];
};

/** What was not asked for is not there, rather than there and undefined. */
function given<Query extends object>(query: Query): Given<Query> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Given<Query>;
}
