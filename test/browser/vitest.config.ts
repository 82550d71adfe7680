import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Real Chromium against the built daemon: `npm run test:browser`. */
export default defineConfig({
  root: fileURLToPath(new URL('../../', import.meta.url)),
  test: {
    include: ['test/browser/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: '.build/browser.json' }]],
    // A browser and a daemon each: two at once would starve each other on two processors.
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
