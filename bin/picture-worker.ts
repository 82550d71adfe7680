/** Child process that makes one picture at a time; it may hang or die, the daemon then starts another. */
import { setPriority } from 'node:os';
import { openBelow } from '../adapters/fs/drive-file.ts';
import { servePictures } from '../adapters/sharp/picture-worker.ts';

/** After everything else: nobody waits for a picture as for a copy (nice(1)). */
const LAST = 19;

try {
  setPriority(LAST);
} catch {
  // A courtesy: nothing is drawn while a copy is made. The service's sandbox lets it through (imagetank.service).
}
servePictures(process, openBelow);
