import type { Appliance } from '../../services/appliance.ts';
import { Explanation, GroupPageShape, PhotoPageShape } from '../../services/library/shapes.ts';
import type { Api } from './api.ts';
import { ExplainQuery, GroupsParams, GroupsQuery, PhotosQuery } from './bodies.ts';

/** Photos, page by page: the read models answer each at once. */
export function addPhotoRoutes(api: Api, { library }: Pick<Appliance, 'library'>): void {
  const photos = { summary: 'Photos of a day, camera, card or backup, or of a name', query: PhotosQuery };
  api.get('/photos', { ...photos, answer: { json: PhotoPageShape } }, ({ query }) => {
    const { after, limit, ...filter } = given(query);
    return library.photos(filter, given({ after, limit }));
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

type Given<Query> = { [Key in keyof Query]?: Exclude<Query[Key], undefined> } & {
  [Key in keyof Query as undefined extends Query[Key] ? never : Key]: Query[Key];
};

/** What was not asked for is not there, rather than there and undefined. */
function given<Query extends object>(query: Query): Given<Query> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Given<Query>;
}
