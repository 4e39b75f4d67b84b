/** Rules about how the pixels are stored and where things stand. */
import { codecOf } from '../../codecs/table.js';
import { sameBox } from '../../format/geometry.js';
import type { RankLayer } from '../../layers/rank-groups.js';
import type { CryptomatteSet } from '../../layers/sets.js';
import type { Part } from '../../model/header.js';
import { everywhere, type HeaderFacts, type HeaderRule, nameOf } from './rule.js';

/** Each set, rank groups without metadata among them, with the parts that hold its rank layers. */
function* stored({ sets, orphans, header }: HeaderFacts): Generator<{
  label: string;
  name: string | undefined;
  layers: readonly RankLayer[];
  parts: Map<number, Part>;
}> {
  const named: { label: string; name: string | undefined; layers: readonly RankLayer[] }[] = [
    ...sets.map((set) => ({ label: nameOf(set), name: set.name, layers: set.layers })),
    ...orphans
      .filter(({ name }) => /crypto/i.test(name))
      .map(({ name, layers }) => ({ label: `"${name}"`, name, layers })),
  ];
  for (const one of named) {
    const parts = new Map(
      one.layers.flatMap(({ part }): [number, Part][] => (header.parts[part] ? [[part, header.parts[part]]] : [])),
    );
    yield { ...one, parts };
  }
}

const floatChannels: HeaderRule = {
  id: 'CM-D01',
  meaning: 'Rank channels are 32-bit float; half destroys IDs for good.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'render',
  *check(facts) {
    for (const { label, name, layers } of stored(facts)) {
      const wrong = layers.flatMap(({ channels }) => channels).find(({ type }) => type !== 'float');
      if (wrong) yield { message: `${label} is stored as ${wrong.type}: its IDs are destroyed`, set: name };
    }
  },
};

const notPxr24: HeaderRule = {
  id: 'CM-D02',
  meaning: 'Rank channels are not compressed with PXR24, which rounds IDs to 24 bits.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'pixels',
  command: 'repair',
  *check(facts) {
    for (const { label, name, parts } of stored(facts))
      for (const [part, { compression }] of parts)
        if (compression === 'pxr24')
          yield { message: `${label} is compressed with PXR24: its IDs are rounded`, set: name, part };
  },
};

const notDwaColour: HeaderRule = {
  id: 'CM-D03',
  meaning:
    'Rank channels called R, G or B are not compressed with DWAA or DWAB; r, g, b and red, green, blue are safe there.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'render',
  *check(facts) {
    for (const { label, name, parts, layers } of stored(facts))
      for (const [part, { compression, channels }] of parts) {
        const { losesByName, loses } = codecOf(compression);
        // A codec for half channels harms only IDs that half has destroyed already.
        const losing = new Set(loses(channels).filter(({ type }) => losesByName || type === 'float'));
        const lossy = layers.some((layer) => layer.part === part && layer.channels.some((one) => losing.has(one)));
        // What PXR24 does to IDs is a rule of its own, since it can be mended.
        if (compression === 'pxr24' || !(lossy || losesByName)) continue;
        yield lossy
          ? {
              message: `${label} is compressed with ${compression.toUpperCase()} as if it were colour: its IDs are destroyed`,
              set: name,
              part,
            }
          : {
              message: `${label} is compressed with ${compression.toUpperCase()}, without loss only as long as its channels keep their names`,
              set: name,
              part,
              severity: 'info',
              targets: everywhere('info'),
            };
      }
  },
};

const fullSampling: HeaderRule = {
  id: 'CM-D05',
  meaning: 'Rank channels have a sample for every pixel.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'render',
  *check(facts) {
    for (const { label, name, layers } of stored(facts))
      if (
        layers.some(({ channels }) => channels.some(({ xSampling, ySampling }) => xSampling !== 1 || ySampling !== 1))
      )
        yield { message: `${label} is sub-sampled`, set: name };
  },
};

const fullWindow: HeaderRule = {
  id: 'CM-D10',
  meaning: 'The data window is the display window: legal otherwise, but Fusion has failed on cropped pictures.',
  severity: 'info',
  targets: { fusion: 'warning' },
  mendedBy: 'nothing needed',
  *check(facts) {
    for (const { label, name, parts } of stored(facts))
      for (const [part, { dataWindow, displayWindow }] of parts)
        if (!sameBox(dataWindow, displayWindow))
          yield { message: `the picture that holds ${label} is cropped or has overscan`, set: name, part };
  },
};

const sameWindows: HeaderRule = {
  id: 'CM-D11',
  meaning: 'All parts have the same windows, as Nuke wants them.',
  severity: 'info',
  targets: { nuke: 'warning' },
  mendedBy: 'pixels',
  command: 'merge',
  *check({ header, sets }) {
    const [first] = header.parts;
    if (!first || sets.length === 0) return;
    for (const [part, { dataWindow }] of header.parts.entries())
      if (!sameBox(dataWindow, first.dataWindow)) {
        yield { message: `the parts cover different windows`, part };
        return;
      }
  },
};

const inFirstPart: HeaderRule = {
  id: 'CM-E01',
  meaning: 'In a file of several parts metadata stands in part 0, the only one that Blender and scripts look at.',
  severity: 'warning',
  targets: { blender: 'error', arnold: 'warning' },
  mendedBy: 'header',
  command: 'repair',
  *check({ header, sets }) {
    if (header.parts.length === 1) return;
    for (const set of sets)
      if (set.layers.length > 0 && !set.parts.includes(0))
        yield { message: `the metadata of ${nameOf(set)} does not stand in part 0`, set: set.name };
  },
};

const onePart: HeaderRule = {
  id: 'CM-E02',
  meaning:
    'All rank layers of a set are in one part, for scripts that open one; Blender 5 gives each a part of its own.',
  severity: 'info',
  targets: { arnold: 'warning' },
  mendedBy: 'pixels',
  command: 'merge',
  *check({ sets }) {
    for (const set of sets) {
      const parts = partsOf(set);
      if (parts.size > 1)
        yield { message: `the rank layers of ${nameOf(set)} lie in ${parts.size} parts`, set: set.name };
    }
  },
};

function partsOf({ layers }: CryptomatteSet): Set<number> {
  return new Set(layers.map(({ part }) => part));
}

const singlePart: HeaderRule = {
  id: 'CM-E03',
  meaning: 'Fusion reads Cryptomattes in single-part files only.',
  severity: 'warning',
  targets: { fusion: 'error' },
  mendedBy: 'pixels',
  command: 'merge',
  *check({ header, sets }) {
    if (header.parts.length > 1 && sets.length > 0)
      yield { message: `the file has ${header.parts.length} parts, which Fusion does not read` };
  },
};

const otherScheme: HeaderRule = {
  id: 'CM-E06',
  meaning: "An idManifest is OpenEXR 3's own scheme for IDs; it is kept as it is.",
  severity: 'info',
  targets: everywhere('info'),
  mendedBy: 'nothing needed',
  *check({ header }) {
    for (const [part, { attributes }] of header.parts.entries())
      for (const [attribute, { type }] of attributes)
        if (type === 'idmanifest') yield { message: `"${attribute}" is an ID manifest of OpenEXR 3`, part, attribute };
  },
};

export const storageRules: readonly HeaderRule[] = [
  floatChannels,
  notPxr24,
  notDwaColour,
  fullSampling,
  fullWindow,
  sameWindows,
  inFirstPart,
  onePart,
  singlePart,
  otherScheme,
];
