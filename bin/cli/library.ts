import { escapeText } from '../../adapters/terminal/escape.ts';
import { groupHeads, renderGroup, renderPhoto } from '../../adapters/terminal/photos.ts';
import { UserError } from '../../services/errors.ts';
import { GROUPINGS, type Grouping, type PageQuery, type PhotoFilter } from '../../services/library/ports.ts';
import type { Action, Cli, Options } from './cli.ts';
import { withLibrary } from './library-source.ts';

/** Asked for at once: the table is printed as it comes. */
const PAGE = 200;
const FILTERS = [...GROUPINGS, 'name', 'find'] as const;

export const list: Action = async (cli, _args, options) => {
  cli.stopOnInterrupt();
  const given = FILTERS.filter((key) => options[key] !== undefined);
  const isTooMuch =
    given.filter((key) => key !== 'find').length > 1 || (given.includes('find') && given.includes('name'));
  if (isTooMuch || (given.length > 0 && options['by'] !== undefined)) {
    const words = given.map((key) => `--${key}`).join(' and ');
    const hint = 'ask for one thing at a time: imagetank library list --help';
    throw new UserError('usage', 64, `${words}${options['by'] === undefined ? '' : ' with --by'}`, hint);
  }
  if (given.length === 0) return listGroups(cli, groupingOf(options));
  return listPhotos(cli, Object.fromEntries(given.map((key) => [key, String(options[key])])));
};

function groupingOf({ by = 'day' }: Options): Grouping {
  const found = GROUPINGS.find((grouping) => grouping === by);
  if (found !== undefined) return found;
  throw new UserError(
    'usage',
    64,
    `--by ${String(by)}: no such table`,
    'it is one of day, camera, card, backup',
  );
}

async function listGroups(cli: Cli, by: Grouping): Promise<number> {
  let count = 0;
  await withLibrary(cli, (library) =>
    everyPage(cli, async (page) => {
      const { groups, next } = await library.groups(by, page);
      if (!cli.json && count === 0 && groups.length > 0) cli.print(groupHeads(by));
      for (const group of groups)
        cli.print(cli.json ? escapeText(JSON.stringify(group)) : renderGroup(group));
      count += groups.length;
      return next;
    }),
  );
  if (count === 0) cli.remark('no photo yet');
  return 0;
}

async function listPhotos(
  cli: Cli,
  { find, ...filter }: PhotoFilter & { readonly find?: string },
): Promise<number> {
  let count = 0;
  await withLibrary(cli, (library) =>
    everyPage(cli, async (page) => {
      const { photos, next } = await (find === undefined
        ? library.photos(filter, page)
        : library.find(find, filter, page));
      for (const photo of photos) {
        if (cli.json) cli.print(escapeText(JSON.stringify(photo)));
        else for (const line of renderPhoto(photo)) cli.print(line);
      }
      count += photos.length;
      return next;
    }),
  );
  if (count > 0 || cli.stopped.aborted) return 0;
  const asked = Object.entries(find === undefined ? filter : { find, ...filter });
  const by = GROUPINGS.find((grouping) => filter[grouping] !== undefined);
  const table = `see what there is: imagetank library list --by ${by ?? 'day'}`;
  const hint = filter.name === undefined ? table : 'try: imagetank explain';
  const words = asked.map(([key, word]) => `--${key} ${word}`).join(' ');
  throw new UserError('no-photos', 66, `${words}: no photo`, hint);
}

async function everyPage(cli: Cli, print: (page: PageQuery) => Promise<string | null>): Promise<void> {
  for (let after: string | null = null; ; ) {
    after = await print({ limit: PAGE, ...(after === null ? {} : { after }) });
    if (after === null || cli.stopped.aborted) return;
  }
}
