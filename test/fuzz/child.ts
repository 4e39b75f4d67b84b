/**
 * The process that runs inputs: it may hang, or take all memory, or crash; `run.ts` watches it. Words: surface, seed, first
 * index, file. The index of the input that is being run stands in the file, so that it is known whatever happens.
 */
import { openSync, writeSync } from 'node:fs';
import { Finding, inputOf, tryInput } from './surface.js';
import { loadSurfaces } from './surfaces/index.js';

export type Report =
  | { readonly kind: 'finding'; readonly index: number; readonly message: string; readonly stack: string }
  | { readonly kind: 'memory'; readonly index: number; readonly megabytes: number }
  | { readonly kind: 'done'; readonly index: number; readonly results: number };

/** Resident megabytes that nothing here needs: the limits of exrpipe are below. */
const mostMegabytes = 1500;

const [name = '', seed = '', first = '0', cursor = ''] = process.argv.slice(2);
const surface = (await loadSurfaces()).find((one) => one.name === name);
if (!surface) throw new Error(`there is no surface ${name}`);

const file = openSync(cursor, 'w');
let stopped = false;
process.on('message', () => {
  stopped = true;
});

let index = Number(first);
let results = 0;
for (let turn = 0; !stopped; index++, turn++) {
  writeSync(file, String(index).padEnd(16), 0);
  const input = inputOf(surface, seed, index);
  try {
    if ((await tryInput(surface, input.bytes, input.seed)) === 'result') results++;
  } catch (error) {
    const cause = error instanceof Finding && error.cause instanceof Error ? error.cause : (error as Error);
    send({ kind: 'finding', index, message: (error as Error).message, stack: stackOf(cause) });
  }
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  if (megabytes > mostMegabytes) {
    send({ kind: 'memory', index, megabytes });
    index++;
    break;
  }
  if (turn % 64 > 0) continue;
  // Messages from the runner come between the inputs; without a runner nobody would hear of this process again.
  await new Promise((resolve) => setImmediate(resolve));
  if (!process.connected) process.exit(1);
}
process.send?.({ kind: 'done', index, results } satisfies Report, () => process.exit(0));

function send(report: Report): void {
  process.send?.(report);
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
