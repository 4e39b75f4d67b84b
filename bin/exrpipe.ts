#!/usr/bin/env node
import { main } from './main.js';
import { lacksAddresses, startAgain } from './terminal/address-space.js';
import { exitCodes } from './terminal/reporter.js';

// Should all come to rest before the work is done, that is no success.
process.exitCode = exitCodes.failed;
void (lacksAddresses() ? startAgain() : main(process.argv.slice(2))).then((code) => {
  process.exitCode = code;
});
