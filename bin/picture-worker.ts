/** Child process that makes one picture at a time; it may hang or die, the daemon then starts another. */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { openBelow } from '../adapters/fs/drive-file.ts';
import { servePictures } from '../adapters/sharp/picture-worker.ts';

/** After everything else: nobody waits for a picture as for a copy (nice(1)). */
const LAST = 19;
/** Where memory runs out it goes first, and its tools with it: -1000 to 1000, the daemon has 0 (proc(5), oom_score_adj). */
const GOES_FIRST = '500';

for (const courtesy of [
  () => setPriority(LAST),
  () => writeFileSync('/proc/self/oom_score_adj', GOES_FIRST),
]) {
  try {
    courtesy();
  } catch {
    // Nothing is drawn while a copy is made. The service's sandbox lets both through (imagetank.service).
  }
}
servePictures(process, openBelow);
