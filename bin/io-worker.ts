/** Thread that reads and writes the files of one card or one drive; the daemon starts one for each. */
import { parentPort } from 'node:worker_threads';
import { serveIo } from '../adapters/fs/io/serve.ts';
import { yieldToMainThread } from '../adapters/node/priority.ts';
import { setFrugalFlags } from './frugal.ts';

setFrugalFlags();
yieldToMainThread();
if (parentPort !== null) serveIo(parentPort);
