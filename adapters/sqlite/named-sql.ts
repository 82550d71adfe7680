import { MAX_NAMESAKES } from '../../services/library/ports.ts';
import { RANKS } from '../../services/projections/photos.ts';

/** Values: name, folders and cards as JSON, the day; then the limit, of `ids` alone. */
export function namedSql(asked: {
  readonly within: boolean;
  readonly cards: boolean;
  readonly day: boolean;
}) {
  const folder = asked.within ? 'AND folder IN (SELECT value FROM json_each(?))' : '';
  const some = `(SELECT DISTINCT photo FROM photo_places WHERE name = ? ${folder}
    ORDER BY photo DESC LIMIT ${MAX_NAMESAKES}) AS some`;
  const ofCards = `AND EXISTS (SELECT 1 FROM json_each(?) AS asked
    JOIN photo_groups ON kind = 'card' AND photo_groups.key = asked.value
    JOIN photo_chapters ON photo_chapters.photo = some.photo AND card = photo_groups.id)`;
  const ofDay = `AND rank >= ${RANKS.file} AND day = (SELECT id FROM photo_groups WHERE kind = 'day' AND key = ?)`;
  const where = `WHERE true ${asked.cards ? ofCards : ''} ${asked.day ? ofDay : ''}`;
  const joined = `FROM ${some} CROSS JOIN photos ON n = some.photo ${where}`;
  return {
    ids: `SELECT xxh64, size ${joined} ORDER BY rank >= ${RANKS.file} DESC, at DESC, n DESC LIMIT ?`,
    total: `SELECT count(*) AS total ${asked.day ? joined : `FROM ${some} ${where}`}`,
  };
}
