import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { lightsMarkdown, replaceBetween } from '../../services/lights/table.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

/** Stale? `npx vitest run test/lights/readme.test.ts -u` writes it. */
it('the light table of the README is that of the code', async () => {
  const readme = await readFile(README, 'utf8');
  await expect(replaceBetween(readme, 'lights', lightsMarkdown())).toMatchFileSnapshot(README);
});
