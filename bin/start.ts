#!/usr/bin/env node
/** What is started as `exrpipe`: the program, in the file beside this one once it is bundled (scripts/bundle.ts). */
import { fileURLToPath } from 'node:url';
import { runModule } from './terminal/compiled-code.js';

runModule(fileURLToPath(new URL('./program.js', import.meta.url)), process.argv[2], 2000);
