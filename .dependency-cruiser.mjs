/** The architecture as rules: bin → adapters → services → machines (see ARCHITECTURE.md). */
export default {
  forbidden: [
    {
      name: 'machines-are-pure',
      comment:
        'The charts decide; anything they import could do I/O, read a clock or be random, and replay would differ.',
      severity: 'error',
      from: { path: '^machines/' },
      to: { pathNot: '^(machines/|node_modules/xstate/)' },
    },
    {
      name: 'services-know-ports-only',
      comment: 'A service that imports an adapter cannot be tested without that technology.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(adapters|bin|test)/' },
    },
    {
      name: 'services-use-pure-libraries',
      comment: 'I/O belongs behind a port: only libraries that compute are allowed in services.',
      severity: 'error',
      from: { path: '^services/' },
      to: {
        path: '^node_modules/',
        pathNot: '^node_modules/(rxjs|zod|saxes|xmlchars|@node-rs/xxhash)/',
      },
    },
    {
      name: 'services-do-no-io',
      comment:
        'Of Node’s own modules services may use what computes: crypto, buffer and pure path functions.',
      severity: 'error',
      from: { path: '^services/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|path|path/posix)$' },
    },
    {
      name: 'adapters-know-no-siblings',
      comment: 'One folder a technology: two adapters that need each other are one, or miss a port.',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/' },
      to: { path: '^adapters/', pathNot: '^adapters/$1/' },
    },
    {
      name: 'adapters-do-not-know-bin',
      comment: 'Composition happens in bin/ only.',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^(bin|test)/' },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'What ships must not depend on what proves it.',
      severity: 'error',
      from: { path: '^(machines|services|adapters|bin)/' },
      to: { path: '^test/' },
    },
    {
      name: 'xstate-stays-in-its-place',
      comment:
        'Version 6 changes the action model: charts, decide and the diagram exporter are all that must change then.',
      severity: 'error',
      from: {
        pathNot: '^(machines/([a-z]+\\.machine|[a-z]+\\.setup|decide|diagram[a-z.]*)\\.ts|test/machines/.*)$',
      },
      to: { path: '^node_modules/xstate/' },
    },
    {
      name: 'no-circles',
      comment: 'A circle has no first file to read.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
