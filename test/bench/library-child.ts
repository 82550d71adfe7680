/** In a process of its own: opens a filled state folder, asks, and prints what it took as JSON. */
import { join } from 'node:path';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { JOURNAL_FILE } from '../../bin/journal.ts';
import { askLibrary } from './library-questions.ts';

const [state = '', photos = '', rounds = ''] = process.argv.slice(2);
const path = join(state, JOURNAL_FILE);
// What a process does once, loading SQLite, is no part of opening an index.
openSqliteStore(path, { readOnly: true }).log.close();
const beganMs = performance.now();
const store = openSqliteStore(path, { readOnly: true });
store.shelf.places('card');
const openMs = performance.now() - beganMs;
const times = askLibrary(store, Number(photos), Number(rounds), () => performance.now());
store.log.close();
console.log(JSON.stringify({ openMs, times }));
