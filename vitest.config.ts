import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A stage of its own: `npm run test:browser`.
    exclude: ['test/browser/**'],
    reporters: ['default', ['json', { outputFile: '.build/tests.json' }]],
    // One less would leave half of a Pi's or a CI machine's two processors idle: the tests wait for disks and children.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      // .ci/run measures it in the one run that is the README's second command.
      enabled: process.env['COVERAGE'] === 'true',
      provider: 'v8',
      include: ['machines/**/*.ts', 'services/**/*.ts'],
      reportsDirectory: '.coverage',
      reporter: ['text-summary', 'json-summary'],
      thresholds: {
        'machines/**': { statements: 100, branches: 100, functions: 100, lines: 100 },
        'services/**': { statements: 90, branches: 90, functions: 90, lines: 90 },
      },
    },
  },
});
