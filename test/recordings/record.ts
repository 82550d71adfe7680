/** Tells every story anew and writes its journal and trace: `npm run record` (as root, for the full drive). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FACT_VERSION } from '../../services/journal/upcasters.ts';
import { lightTrace } from '../../services/replay.ts';
import { Box } from './box.ts';
import { STORIES } from './stories.ts';

/** Journals of earlier versions stay as they were written: they are the test of the upcasters. */
const folder = join(process.cwd(), `test/recordings/v${FACT_VERSION}`);
mkdirSync(folder, { recursive: true });

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
