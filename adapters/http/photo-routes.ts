import type { FastifyInstance } from 'fastify';
import type { Appliance } from '../../services/appliance.ts';
import { ExplainQuery, GroupsParams, GroupsQuery, PhotosQuery, validated } from './bodies.ts';

/** Photos, page by page: the read models answer each at once. */
export function addPhotoRoutes(app: FastifyInstance, { library }: Pick<Appliance, 'library'>): void {
  app.get('/photos', async (request) => {
    const { after, limit, ...filter } = given(validated(PhotosQuery, request.query));
    return library.photos(filter, given({ after, limit }));
  });
  app.get('/photos/by/:by', async (request) => {
    const { by } = validated(GroupsParams, request.params);
    return library.groups(by, given(validated(GroupsQuery, request.query)));
  });
  app.get('/explain', async (request) => library.explain(given(validated(ExplainQuery, request.query))));
}

type Given<Query> = { [Key in keyof Query]?: Exclude<Query[Key], undefined> } & {
  [Key in keyof Query as undefined extends Query[Key] ? never : Key]: Query[Key];
};

/** What was not asked for is not there, rather than there and undefined. */
function given<Query extends object>(query: Query): Given<Query> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Given<Query>;
}
