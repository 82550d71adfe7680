import { defineConfig } from 'vite';
import { compress } from './compress.ts';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [compress()],
  build: {
    outDir: '../../.build/web',
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page (`adapters/http/gate.ts`) takes no data in place of a file but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
