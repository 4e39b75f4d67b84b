/**
 * Side by side with the native tools: `npm run bench -- [NAME…] [options]`. See bench/README.md.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { newCodecs } from './codecs.js';
import { forward } from './forward.js';
import type { Benchmark } from './harness/benchmark.js';
import { hold, type Outcome } from './harness/contest.js';
import { Frames } from './harness/frames.js';
import { csv, markdown } from './harness/report.js';
import { findTools, machineFacts } from './harness/tools.js';
import { info } from './info.js';
import { look } from './look.js';
import { manifests } from './manifests.js';
import { memory } from './memory.js';
import { merge } from './merge.js';
import { passes } from './passes.js';
import { pick } from './pick.js';
import { sequence } from './sequence.js';
import { split } from './split.js';

const benchmarks: ReadonlyMap<string, Benchmark> = new Map(
  Object.entries({ forward, split, merge, passes, pick, look, codecs: newCodecs, info, manifests, memory, sequence }),
);

const usage = `usage: npm run bench -- [NAME…] [--rounds N] [--frames N] [--small] [--folder PATH]
  NAME           ${[...benchmarks.keys()].join(', ')}; all without it
  --rounds N     rounds of every contest, instead of its own number
  --frames N     frames of the shot of manifests, instead of 1,000
  --small        on tiny frames and without keeping results: to try the bench itself
  --folder PATH  where frames and outputs go, on the disk to measure; a temporary folder without it
Environment: EXR_DIGEST, a program that digests channels, has all outputs compared.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      frames: { type: 'string' },
      small: { type: 'boolean', default: false },
      folder: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', default: false },
    },
  });
  const { small, folder: parent, help } = values;
  const [rounds, shotFrames] = [values.rounds, values.frames].map((text) =>
    text === undefined ? undefined : Number(text),
  );
  const unknown = positionals.filter((name) => !benchmarks.has(name));
  if (
    help ||
    unknown.length > 0 ||
    [rounds, shotFrames].some((number) => number !== undefined && !(Number.isInteger(number) && number > 0))
  ) {
    console.error(usage);
    return help ? 0 : 2;
  }

  const folder = mkdtempSync(join(parent, 'exrpipe-bench-'));
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('SIGINT', () => {
    clear();
    process.exit(130);
  });
  try {
    const tools = findTools(join(folder, 'native'));
    const facts = machineFacts(tools);
    console.log([...facts, ...tools.missing].map((line) => `- ${line}`).join('\n'), '\n');
    if (small) console.log('All frames are small: these figures say nothing.\n');
    const frames = new Frames(folder, tools, small);
    const bench = { frames, tools, shotFrames, rounds: (usual: number) => rounds ?? (small ? 1 : usual) };
    let failed = false;
    for (const name of positionals.length > 0 ? positionals : benchmarks.keys()) {
      const outcomes: Outcome[] = [];
      for await (const contest of benchmarks.get(name)?.(bench) ?? []) {
        const outcome = await hold(contest, tools, folder);
        console.log(markdown(outcome));
        outcomes.push(outcome);
      }
      failed ||= outcomes.some(oursFailed);
      if (!small) writeResults(name, csv(outcomes, facts));
    }
    return failed ? 1 : 0;
  } finally {
    clear();
  }
}

/** A slow run is a figure; one that fails or gives other pixels is a fault. */
function oursFailed({ contest, failures, pixels }: Outcome): boolean {
  const [first] = contest.contenders;
  if (!first) return false;
  return failures.has(first.name) || (pixels.get(first.name) ?? 'same') !== 'same';
}

function writeResults(name: string, text: string): void {
  const results = fileURLToPath(new URL('../../bench/results/', import.meta.url));
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${name}.csv`), text);
}

process.exitCode = await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
