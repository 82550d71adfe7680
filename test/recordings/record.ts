/** Tells every story anew and writes its journal and trace: `npm run record` (as root, for the full drive). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lightTrace } from '../../services/replay.ts';
import { Box } from './box.ts';
import { STORIES } from './stories.ts';

const folder = join(process.cwd(), 'test/recordings/v1');

for (const [name, story] of Object.entries(STORIES)) {
  const box = new Box();
  try {
    await story(box);
    await box.stop();
    const { log } = box.store ?? { log: null };
    if (log === null) throw new Error(`${name} recorded nothing`);
    const lines = [...log.lines()];
    const trace = [...lightTrace(log.read())].map((line) => JSON.stringify(line));
    writeFileSync(join(folder, `${name}.jsonl`), `${lines.join('\n')}\n`);
    writeFileSync(join(folder, `${name}.trace.jsonl`), `${trace.join('\n')}\n`);
    console.log(`${name}: ${lines.length} facts, ${trace.length} lights`);
  } finally {
    box.remove();
  }
}
