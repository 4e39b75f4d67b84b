import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

/** Where the compiled modules are. */
export const dist = fileURLToPath(new URL('../', import.meta.url));

/** What every bundle of the program has in common: see bundle.ts for why it is CommonJS. */
export const bundleOptions = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // CommonJS has no such thing.
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "'use strict'; const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  // Node reads every word before it runs the first. Names stay, for whoever reports an error with its stack.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  logLevel: 'warning',
} as const satisfies BuildOptions;
