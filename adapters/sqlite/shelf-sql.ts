import { RANKS } from '../../services/projections/photos.ts';
import type { Database, Statement } from './database.ts';
import { COUNTS, HASH_RUN } from './schema.ts';

/** What `SqliteShelf` asks; each reads no more rows than it answers (test/sqlite holds the plans against that). */
export function shelfStatements(db: Database) {
  const groups = (order: 'key' | 'id') =>
    db.prepare(
      `SELECT id, key FROM photo_groups WHERE kind = ? AND ${order} < ?
       AND EXISTS (SELECT 1 FROM photo_figures WHERE grp = id AND photos > 0) ORDER BY ${order} DESC LIMIT ?`,
    );
  const records = (order: 'ASC' | 'DESC') =>
    db.prepare(`SELECT seq FROM photo_chapters WHERE photo = ? ORDER BY seq ${order} LIMIT ?`);
  return {
    days: groups('key'),
    groups: groups('id'),
    group: db.prepare('SELECT id FROM photo_groups WHERE kind = ? AND key = ?'),
    key: db.prepare('SELECT key FROM photo_groups WHERE id = ?'),
    figures: db.prepare(
      `SELECT grp, holders, photos, bytes FROM json_each(?) AS asked
       CROSS JOIN photo_figures ON grp = asked.value WHERE photos > 0`,
    ),
    // CROSS: in the order of the group, not of the photos.
    members: db.prepare(
      `SELECT photos.* FROM photo_members AS m CROSS JOIN photos ON n = m.photo
       WHERE m.grp = ? AND (m.at, m.photo) < (?, ?) ORDER BY m.at DESC, m.photo DESC LIMIT ?`,
    ),
    byName: db.prepare(
      `SELECT photos.* FROM (SELECT DISTINCT photo FROM photo_places WHERE name = ?) AS some
       CROSS JOIN photos ON n = some.photo WHERE rank >= ${RANKS.file}
       AND (at, n) < (?, ?) ORDER BY at DESC, n DESC LIMIT ?`,
    ),
    content: db.prepare('SELECT * FROM photos WHERE xxh64 = ? AND size = ?'),
    copies: db.prepare(
      `SELECT photo, drives.drive, copies.path, state, verified_from, ${COUNTS} AS counts
       FROM json_each(?) AS asked CROSS JOIN copies INDEXED BY copies_photo ON photo = asked.value
       CROSS JOIN drives ON drives.n = copies.drive AND forgotten = 0 ORDER BY photo, drives.drive, copies.path`,
    ),
    told: db.prepare(
      `SELECT photo, card, backup FROM json_each(?) AS asked CROSS JOIN photo_chapters ON photo = asked.value
       GROUP BY photo, card, backup ORDER BY photo, min(seq)`,
    ),
    drives: db.prepare('SELECT n FROM drives WHERE forgotten = 0'),
    folders: db.prepare(
      'SELECT photo_folders.id FROM json_each(?) AS asked CROSS JOIN photo_folders ON folders = asked.value',
    ),
    foldersBelow: db.prepare('SELECT id FROM photo_folders WHERE folders > ? AND folders < ? LIMIT ?'),
    // Each run by itself, the newest first.
    hashed: db.prepare(
      `WITH RECURSIVE runs (run) AS (SELECT max(n) / ${HASH_RUN} FROM photos
         UNION ALL SELECT run - 1 FROM runs WHERE run > 0)
       SELECT xxh64, size FROM runs CROSS JOIN photos INDEXED BY photos_hash ON n / ${HASH_RUN} = run
       WHERE xxh64 >= ? AND xxh64 < ? ORDER BY n DESC LIMIT ?`,
    ),
    first: records('ASC'),
    last: records('DESC'),
    chapters: db.prepare('SELECT count(*) AS total FROM photo_chapters WHERE photo = ?'),
    failures: db.prepare('SELECT seq FROM failures WHERE name = ? ORDER BY seq DESC LIMIT ?'),
    seal: db.prepare(
      'SELECT seq FROM drive_events WHERE drive = ? AND seq > ? AND sealed >= ? ORDER BY seq LIMIT 1',
    ),
    events: db.prepare(
      'SELECT seq, what FROM drive_events WHERE drive = ? AND seq > ? AND sealed IS NULL ORDER BY seq DESC LIMIT ?',
    ),
    places: db.prepare('SELECT id, label FROM places WHERE role = ? ORDER BY id'),
    place: db.prepare('SELECT label FROM places WHERE role = ? AND id = ?'),
  } satisfies Record<string, Statement>;
}
