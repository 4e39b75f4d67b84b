/** Everything exrpipe reports about a file in portable code: the same in Node and in a browser, as check-browser.ts checks. */

import type { Kernels } from '../../lib/codecs/codec.js';
import { describeHeader } from '../../lib/cryptomatte/describe.js';
import { validateHeader, validatePixels } from '../../lib/cryptomatte/validate.js';
import { makePlan } from '../../lib/engine/plan.js';
import { openBytes } from '../../lib/io/open.js';
import type { RandomBytes } from '../../lib/io/random-bytes.js';
import { readSamples } from '../../lib/io/samples.js';
import { inlineRunner } from '../../lib/jobs/inline.js';
import type { Header } from '../../lib/model/header.js';

/** What is reported about one file, as JSON values. */
export async function look(name: string, file: Uint8Array, kernels: () => Promise<Kernels>): Promise<object> {
  const runner = inlineRunner(kernels);
  const runners = { pool: () => runner, inline: () => runner };
  const document = await openBytes(bytesOf(file), name);
  const { header, arrived } = document;
  const read: Parameters<typeof validatePixels>[1] = (part, channels) =>
    readSamples(document, part, channels, { runners });
  const samples = header.parts.map(async (part) => {
    const names = part.channels.map((channel) => channel.name);
    let sum = 0;
    let count = 0;
    for await (const block of readSamples(document, part, names, { runners, chunks: 'spread' }))
      for (const plane of block.samples)
        for (const value of plane) {
          sum = (sum + Math.fround(value) * ((count++ % 97) + 1)) % 1e9;
        }
    return { count, sum };
  });
  return {
    description: describeHeader(header),
    findings: [...validateHeader(header), ...(await validatePixels(header, read))],
    plan: makePlan(renamed(header), arrived).map(({ method, reason, sources }) => ({ method, reason, sources })),
    samples: await Promise.all(samples),
  };
}

/** A change for the planner: names that sort differently. */
function renamed(header: Header): Header {
  return { ...header, parts: header.parts.map((part) => ({ ...part, channels: part.channels.toReversed() })) };
}

function bytesOf(file: Uint8Array): RandomBytes {
  const readInto = async (into: Uint8Array, position: number): Promise<number> => {
    const found = file.subarray(position, position + into.length);
    into.set(found);
    return found.length;
  };
  return {
    size: file.length,
    readInto,
    read: async (position, length) => file.slice(position, position + length),
    close: async () => {},
  };
}
