/** Rules about the file as a whole, with or without Cryptomattes. */
import { codecOf } from '../../codecs/table.js';
import { parseAttribute, stringAttribute } from '../../format/attribute-types.js';
import { type Refusal, refusals } from '../../layers/seen-by/openexr.js';
import type { Attributes } from '../../model/attributes.js';
import { type Header, isDeep, type Part } from '../../model/header.js';
import { shellWord } from './advice.js';
import { type Breach, everywhere, type HeaderRule } from './rule.js';

/** A rule about one reason for the library to refuse a file. Only the first breach of each attribute is reported. */
function refusalRule(
  kind: Refusal['kind'],
  rule: Pick<HeaderRule, 'id' | 'meaning' | 'command'>,
  advise?: (refusal: Refusal, header: Header) => string,
): HeaderRule {
  return {
    ...rule,
    severity: 'error',
    targets: everywhere('error'),
    fixedBy: 'header',
    *check({ header }) {
      const said = new Set<string>();
      for (const refusal of refusals(header)) {
        const { part, attribute, text } = refusal;
        if (refusal.kind !== kind || said.has(attribute)) continue;
        said.add(attribute);
        const breach: Breach = { message: `OpenEXR refuses the file: ${text}`, part, attribute };
        yield advise ? { ...breach, command: advise(refusal, header) } : breach;
      }
    },
  };
}

const sharedValues = refusalRule('shared-value', {
  id: 'CM-F01',
  meaning: 'Display window, pixel aspect ratio and chromaticities of all parts are those of part 0.',
  command: 'repair',
});

const partNames = refusalRule(
  'part-name',
  {
    id: 'CM-F02',
    meaning: 'In a file of several parts each has a unique name.',
    command: 'merge',
  },
  // In a single part nothing depends on parts' names; but there each channel needs a name of its own.
  (_, { parts }) => (canBeOne(parts) ? 'merge' : "merge --as parts --name '{layer}{part}'"),
);

function canBeOne(parts: readonly Part[]): boolean {
  const names = parts.flatMap(({ channels }) => channels.map(({ name }) => name));
  return new Set(names).size === names.length && !parts.some(isDeep);
}

const soundValues = refusalRule(
  'value',
  {
    id: 'CM-F03',
    meaning:
      'The pixel aspect ratio is positive, the screen window not negative, and the denominator of a frame rate not zero.',
    command: 'repair',
  },
  ({ attribute }) => (attribute === 'framesPerSecond' ? `drop-attribute ${attribute}` : 'repair'),
);

/** The value of a part's numeric attribute; undefined without one. */
function numberOf(attributes: Attributes, name: string): number | undefined {
  const attribute = attributes.get(name);
  if (attribute?.type !== 'float') return undefined;
  try {
    const value = parseAttribute('float', attribute.value);
    return typeof value === 'number' ? value : undefined;
  } catch {
    return undefined; // Of another length: ffmpeg does not accept it either.
  }
}

const noGamma: HeaderRule = {
  id: 'CM-G01',
  meaning: 'There is no attribute "gamma" other than 1: ffmpeg applies it to the pixels.',
  severity: 'info',
  targets: {},
  fixedBy: 'header',
  command: 'drop-attribute gamma',
  *check({ header }) {
    for (const [part, { attributes }] of header.parts.entries()) {
      const value = numberOf(attributes, 'gamma');
      if (value === undefined || value === 1) continue;
      yield {
        message: `the attribute "gamma" is ${value}, which ffmpeg applies to the pixels`,
        part,
        attribute: 'gamma',
      };
      return;
    }
  },
};

const privatePath: HeaderRule = {
  id: 'CM-G02',
  meaning: 'No attribute holds a path on the machine that wrote the file.',
  severity: 'info',
  targets: {},
  fixedBy: 'header',
  command: 'drop-attribute NAME',
  *check({ header }) {
    const said = new Set<string>();
    for (const [part, { attributes }] of header.parts.entries())
      for (const [attribute, value] of attributes) {
        if (said.has(attribute) || value.type !== 'string' || value.value.length > longestPath) continue;
        const text = stringAttribute(value) ?? '';
        if (!/^(?:\/(?:home|Users|mnt|Volumes|tmp|root|var)\/|[A-Za-z]:[\\/]|\\\\\w)/.test(text)) continue;
        said.add(attribute);
        yield {
          message: `"${attribute}" holds a path of the machine that wrote the file`,
          part,
          attribute,
          command: `drop-attribute ${shellWord(attribute)}`,
        };
      }
  },
};

/** Paths are no longer than this on the systems that have a limit. */
const longestPath = 4096;

/** Below this many pixels a side, chunks and their table weigh more than they help. */
const smallTile = 64;

const largeTiles: HeaderRule = {
  id: 'CM-G03',
  meaning: `Tiles have at least ${smallTile} pixels a side: smaller ones are slow to read and pack badly.`,
  severity: 'info',
  targets: {},
  fixedBy: 'nothing needed',
  *check({ header }) {
    for (const [part, { tiles, dataWindow }] of header.parts.entries()) {
      if (!tiles) continue;
      const [width, height] = [dataWindow.xMax - dataWindow.xMin + 1, dataWindow.yMax - dataWindow.yMin + 1];
      if (tiles.width >= Math.min(smallTile, width) && tiles.height >= Math.min(smallTile, height)) continue;
      yield { message: `the tiles have ${tiles.width} x ${tiles.height} pixels, which is slow to read`, part };
      return;
    }
  },
};

const knownCodecs: HeaderRule = {
  id: 'CM-F08',
  meaning:
    'The compression is one that programs read: HTJ2K needs OpenEXR 3.4 (September 2025), LJ2K and ZSTD need 3.5 (September 2026), and older programs refuse the whole file.',
  severity: 'warning',
  targets: { ...everywhere('warning'), blender: 'error', blender3: 'error' },
  fixedBy: 'pixels',
  command: 'compress --to zip',
  *check({ header }) {
    const said = new Set<string>();
    for (const [part, { compression }] of header.parts.entries()) {
      const { since } = codecOf(compression);
      if (!since || said.has(since.openExr)) continue;
      said.add(since.openExr);
      const { blender: _, ...others } = knownCodecs.targets;
      yield {
        message: `${compression.toUpperCase()} needs OpenEXR ${since.openExr} (${since.released}): programs with an older one refuse the file`,
        part,
        // Blender 5.3 has OpenEXR 3.4.
        ...(since.openExr === '3.4' && { targets: others }),
      };
    }
  },
};

export const fileRules: readonly HeaderRule[] = [
  sharedValues,
  partNames,
  soundValues,
  noGamma,
  privatePath,
  largeTiles,
  knownCodecs,
];
