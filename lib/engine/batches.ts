/**
 * Batches small units. In many codecs a line is a chunk, and each unit costs a message to a thread and back: units are
 * batched up to `enoughLines` lines where that is affordable, and up to `mostLines` where they are small.
 */
import { mayMove } from '../jobs/splice.js';
import type { Unit } from './unit.js';

/** The size of a unit: the lines it covers, and the bytes of its decoded sources and targets. */
export interface Weight {
  readonly lines: number;
  readonly bytes: number;
}

const enoughLines = 16;
const mostLines = 64;
const littleBytes = 4 << 20;

/** `affordable` is how many bytes may be decoded at once. Units that forward a chunk, or must run on this thread, stay alone. */
export function* inBatches(units: Iterable<Unit>, affordable: number, weigh: (unit: Unit) => Weight): Generator<Unit> {
  let open: Unit[] = [];
  let lines = 0;
  let bytes = 0;
  for (const unit of units) {
    const weight = staysAlone(unit) ? { lines: mostLines, bytes: 0 } : weigh(unit);
    const more = lines + weight.lines;
    const sum = bytes + weight.bytes;
    const fits = (more <= enoughLines && sum <= affordable) || (more <= mostLines && sum <= littleBytes);
    const isSmall = weight.lines < enoughLines;
    if (open.length > 0 && !(isSmall && fits && open[0]?.job?.kind === unit.job?.kind)) {
      yield together(open);
      open = [];
      lines = 0;
      bytes = 0;
    }
    open.push(unit);
    lines += weight.lines;
    bytes += weight.bytes;
  }
  if (open.length > 0) yield together(open);
}

function staysAlone({ job, inline }: Unit): boolean {
  return !job || inline || (job.kind === 'splice' && mayMove(job));
}

function together(units: readonly Unit[]): Unit {
  const [first] = units;
  if (first && units.length === 1) return first;
  return {
    sources: units.flatMap(({ sources }) => sources),
    targets: units.flatMap(({ targets }) => targets),
    job: {
      kind: 'batch',
      jobs: units.flatMap(({ job, sources: [source] }) =>
        job && job.kind !== 'batch' ? { job, place: source ? { part: source.part, chunk: source.index } : {} } : [],
      ),
    },
    bytes: units.reduce((sum, { bytes }) => sum + bytes, 0),
    inline: false,
  };
}
