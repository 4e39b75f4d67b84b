/**
 * What is started as a thread of the bundled program: `worker.js` runs `worker-program.js`, and `frame-thread.js` likewise
 * (scripts/bundle.ts). Threads are ended from outside, so what they have compiled is kept after their first jobs.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runModule } from './terminal/compiled-code.js';

const file = fileURLToPath(import.meta.url);
runModule(file.replace(/\.js$/, '-program.js'), basename(file, '.js'), 300);
