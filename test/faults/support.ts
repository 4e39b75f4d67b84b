/** Runs steps on a header as the command line does, up to the headers of the files that it writes. */
import { type FilterStep, type Header, isExrError, type Notice } from '../../lib/index.js';
import type { Program } from '../../lib/layers/seen-by/program.js';
import { seenBy, works } from '../../lib/layers/seen-by/seen-by.js';
import { advance, start, write } from '../layers/chains.js';

/** The headers of the files that some steps make, and what was reported. Throws where a step is refused. */
export async function result(
  header: Header,
  steps: readonly FilterStep[],
  pattern?: string,
): Promise<{ readonly files: readonly Header[]; readonly notices: readonly Notice[] }> {
  let stage = start(header);
  for (const step of steps) {
    const next = await advance(stage, step);
    if (isExrError(next)) throw next;
    stage = next;
  }
  const { files, notices } = write(stage, pattern);
  return { files, notices: [...stage.notices, ...notices] };
}

/** The only file that some steps make. */
export async function oneFile(header: Header, ...steps: FilterStep[]): Promise<Header> {
  const { files } = await result(header, steps);
  return files[0] as Header;
}

/** How many Cryptomattes work in a program, and how many it should know. */
export function working(header: Header, program: Program = 'blender'): string {
  const seen = seenBy(header, program);
  return `${seen.filter(works).length} of ${seen.length}`;
}
