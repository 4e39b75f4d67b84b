/** Everything exrpipe reports about a file in portable code: the same in Node and in a browser, as check-browser.ts checks. */

import { describeHeader, type ExrDocument, type Header, type Part, type SampleBlock } from '../../lib/browser/index.js';
import { validateHeader, validatePixels } from '../../lib/cryptomatte/index.js';
import { makePlan } from '../../lib/engine/plan.js';

/** Reads samples of a document that is open. */
export type Read = (
  document: ExrDocument,
  part: Part,
  channels: readonly string[],
  options?: { readonly chunks?: 'spread' | readonly number[] | undefined },
) => AsyncIterable<SampleBlock>;

/** What is told of one file, as JSON values. Closes the document. */
export async function look(document: ExrDocument, read: Read): Promise<object> {
  try {
    const { header, arrived } = document;
    const samples = header.parts.map(async (part) => {
      const names = part.channels.map((channel) => channel.name);
      let sum = 0;
      let count = 0;
      for await (const block of read(document, part, names, { chunks: 'spread' }))
        for (const plane of block.samples)
          for (const value of plane) {
            sum = (sum + Math.fround(value) * ((count++ % 97) + 1)) % 1e9;
          }
      return { count, sum };
    });
    const pixels = await validatePixels(header, (part, channels) => read(document, part, channels));
    return {
      description: describeHeader(header),
      findings: [...validateHeader(header), ...pixels],
      plan: makePlan(renamed(header), arrived).map(({ method, reason, sources }) => ({ method, reason, sources })),
      samples: await Promise.all(samples),
    };
  } finally {
    await document.source.close();
  }
}

/** A change for the planner: names that sort differently. */
function renamed(header: Header): Header {
  return { ...header, parts: header.parts.map((part) => ({ ...part, channels: part.channels.toReversed() })) };
}
