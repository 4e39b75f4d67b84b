import { main } from './main.js';
import { lacksAddresses, startAgain } from './terminal/address-space.js';
import { exitCodes } from './terminal/reporter.js';

// If the event loop drains early, report failure.
process.exitCode = exitCodes.failed;
void (lacksAddresses() ? startAgain() : main(process.argv.slice(2))).then((code) => {
  process.exitCode = code;
  // A reader that takes no more, or a pipe that brings nothing, would keep the process waiting for it.
  if (code >= exitCodes.signal) process.exit();
});
