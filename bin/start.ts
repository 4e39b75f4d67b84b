#!/usr/bin/env node
/** What is started as `exrpipe`: the program, in the file beside this one once it is bundled (scripts/bundle.ts). */
import { createRequire } from 'node:module';
import { keepCompiledCode } from './terminal/compiled-code.js';

// Before Node reads the program, which is why that is another file.
keepCompiledCode();
createRequire(import.meta.url)('./program.js');
