/** Child process that reads the metadata of one file at a time; it may hang or die, the daemon then starts another. */
import { serveExif } from '../adapters/exif/exif-worker.ts';
import { yieldToMainThread } from '../adapters/node/priority.ts';

yieldToMainThread();
serveExif(process);
