/** Rules about the chunks of a file, independent of its header's contents. */
import { emptyChunksText, type FileState, tableText, unfinishedText } from '../../format/file-state.js';
import type { Header } from '../../model/header.js';
import { type Breach, everywhere, type RuleInfo } from './rule.js';

/** A rule about which of the promised chunks a file has. */
export interface ChunkRule extends RuleInfo {
  readonly check: (state: FileState, header: Header) => Iterable<Breach>;
}

const finished: ChunkRule = {
  id: 'CM-F04',
  meaning: 'Every line and every tile that the header promises is in the file.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'render',
  *check({ unfinished }, { parts }) {
    for (const one of unfinished) yield { message: `unfinished: ${unfinishedText(parts, one)}`, part: one.part };
  },
};

const soundTable: ChunkRule = {
  id: 'CM-F05',
  meaning: 'The offset tables lead to the chunks.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'header',
  command: 'repair',
  *check({ table, unfinished }) {
    // An unfinished file is not expected to have a table, and there is nothing to write one for.
    if (table !== 'sound' && unfinished.length === 0) yield { message: tableText(table) };
  },
};

const chunksWithBytes: ChunkRule = {
  id: 'CM-F06',
  meaning: 'No chunk is empty.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'render',
  *check({ emptyChunks }) {
    if (emptyChunks > 0) yield { message: emptyChunksText(emptyChunks) };
  },
};

const samplesAsSuch: ChunkRule = {
  id: 'CM-F07',
  meaning:
    "Chunks marked as uncompressed hold plain samples: the C library of OpenEXR 3.4 leaves HTJ2K's compressed bytes there, and programs show noise.",
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'render',
  *check({ packedAsSamples = [] }) {
    for (const part of new Set(packedAsSamples.map((chunk) => chunk.part))) {
      const [first, ...others] = packedAsSamples.filter((chunk) => chunk.part === part);
      const which =
        others.length === 0 ? `chunk ${first?.index}` : `${others.length + 1} chunks, ${first?.index} the first,`;
      yield {
        message: `compressed bytes are stored as samples in ${which} of part ${part}, a fault of OpenEXR 3.4: programs show noise there`,
        part,
      };
    }
  },
};

export const chunkRules: readonly ChunkRule[] = [finished, soundTable, chunksWithBytes, samplesAsSuch];
