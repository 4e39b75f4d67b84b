/** Rules about how pixels are stored, and about the place of channels and metadata. */
import { codecOf } from '../../codecs/table.js';
import { sameBox } from '../../format/geometry.js';
import { rankChannels } from '../../layers/guard.js';
import type { Part } from '../../model/header.js';
import { mergeCommand, namesThenRepair, optionWords } from './advice.js';
import { everywhere, type HeaderFacts, type HeaderRule } from './rule.js';
import { seenRule } from './seen.js';
import type { Subject } from './subjects.js';

/** Each Cryptomatte with the parts that hold its rank layers. */
function* stored({ subjects, header }: HeaderFacts): Generator<Subject & { readonly parts: Map<number, Part> }> {
  for (const one of subjects) {
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
  fixedBy: 'render',
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
  fixedBy: 'pixels',
  command: 'repair',
  *check(facts) {
    for (const { label, name, parts, set } of stored(facts))
      for (const [part, { compression }] of parts)
        if (compression === 'pxr24')
          yield {
            message: `${label} is compressed with PXR24: its IDs are rounded`,
            set: name,
            part,
            command: set?.manifest ? 'repair' : namesThenRepair,
          };
  },
};

const notDwaColour: HeaderRule = {
  id: 'CM-D03',
  meaning:
    'Rank channels called R, G or B are not compressed with DWAA or DWAB (r, g, b and red, green, blue are safe there), nor the first red, green and blue of a part, however they are called, with LJ2K.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'render',
  *check(facts) {
    for (const { label, name, parts, layers } of stored(facts))
      for (const [part, { compression, channels }] of parts) {
        const { losesByName, loses } = codecOf(compression);
        // A codec for half channels harms only IDs that half has already destroyed.
        const losing = new Set(loses(channels).filter(({ type }) => losesByName || type === 'float'));
        const lossy = layers.some((layer) => layer.part === part && layer.channels.some((one) => losing.has(one)));
        // PXR24's effect on IDs is a rule of its own, since it can be repaired.
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

const smallIds: HeaderRule = {
  id: 'CM-D15',
  meaning:
    'Cryptomattes are not compressed with HTJ2K: it keeps them whole, but to a wavelet IDs are noise, and files get 1.7 to 3.1 times as large as with ZIP.',
  severity: 'info',
  targets: everywhere('info'),
  fixedBy: 'pixels',
  command: 'compress --to zip --part PART',
  *check({ header, subjects }) {
    const parts = new Set(subjects.flatMap(({ layers }) => layers.map(({ part }) => part)));
    const large = [...parts].filter((part) => header.parts[part]?.compression.startsWith('htj2k'));
    const [first] = large;
    if (first === undefined) return;
    const names = large.flatMap((part) => header.parts[part]?.name ?? []);
    const isAll = header.parts.length === large.length || names.length < large.length;
    yield {
      message: 'HTJ2K makes Cryptomattes 1.7 to 3.1 times as large as ZIP does',
      part: first,
      command: isAll ? 'compress --to zip' : `compress --to zip ${optionWords('part', names)}`,
    };
  },
};

const fullSampling: HeaderRule = {
  id: 'CM-D05',
  meaning: 'Rank channels have a sample for every pixel.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'render',
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
  meaning: 'The data window is the display window: legal otherwise, but Fusion has failed on cropped images.',
  severity: 'info',
  targets: { fusion: 'warning' },
  fixedBy: 'nothing needed',
  *check(facts) {
    for (const { label, name, parts } of stored(facts))
      for (const [part, { dataWindow, displayWindow }] of parts)
        if (!sameBox(dataWindow, displayWindow))
          yield { message: `the image that holds ${label} is cropped or has overscan`, set: name, part };
  },
};

const sameWindows: HeaderRule = {
  id: 'CM-D11',
  meaning:
    'All parts have the same data window and line order, or Nuke refuses the file; Blender misplaces other windows.',
  severity: 'warning',
  targets: { ...everywhere('info'), nuke: 'error', blender: 'error', blender3: 'error' },
  fixedBy: 'pixels',
  command: 'merge',
  *check({ header, subjects }) {
    const [first, ...others] = header.parts;
    const part = others.findIndex((one) => !sameBox(one.dataWindow, first?.dataWindow ?? one.dataWindow));
    const turned = others.findIndex(({ lineOrder }) => lineOrder !== first?.lineOrder);
    const found = part >= 0 ? part : turned;
    if (found < 0) return;
    const minds = subjects.flatMap(({ broken }) => [...(broken.get('CM-D11')?.keys() ?? [])]);
    yield {
      message: part >= 0 ? 'the parts cover different windows' : 'the parts have different line orders',
      part: found + 1,
      command: mergeCommand(header),
      targets: {
        ...everywhere('info'),
        nuke: 'error',
        ...Object.fromEntries(minds.map((program) => [program, 'error'])),
      },
    };
  },
};

const keptColours: HeaderRule = {
  id: 'CM-D14',
  meaning:
    'The first colour space that a part names, other than data, is linear Rec.709: Blender from 5.0 on converts the whole image to the space of the scene, and IDs with it.',
  severity: 'warning',
  targets: { blender: 'warning' },
  fixedBy: 'nothing needed',
  *check({ header, subjects }) {
    const problem = subjects.map(({ broken }) => broken.get('CM-D14')?.get('blender')).find((one) => one);
    if (!problem) return;
    const ranks = rankChannels(header);
    const mattes = header.parts.every(({ channels }) => channels.every((channel) => ranks.has(channel)));
    const named = header.parts.every(({ attributes }) => !attributes.has('chromaticities'));
    yield mattes && named
      ? { message: problem.text, fixedBy: 'header', command: 'set-attribute colorInteropID=data' }
      : {
          message: `${problem.text}; where the scene works in another space, set the image to Non-Color, or use a file of the mattes alone`,
        };
  },
};

const inFirstPart = seenRule({
  id: 'CM-E01',
  meaning: 'In a file of several parts metadata is in part 0, the only one that programs read.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'header',
  command: 'repair',
  remark: ({ label }) => ({ message: `the metadata of ${label} is not in part 0` }),
});

const onePart = seenRule({
  id: 'CM-E02',
  meaning:
    'All rank layers of a Cryptomatte are in part 0, for scripts that open only one part and for After Effects; Blender 5 gives each a part of its own.',
  severity: 'warning',
  targets: { ...everywhere('info'), 'after-effects': 'error', arnold: 'error' },
  fixedBy: 'pixels',
  command: 'merge',
  remark({ label, layers }, { header }) {
    const { size } = new Set(layers.map(({ part }) => part));
    return {
      message: `the rank layers of ${label} are in ${size > 1 ? `${size} parts` : 'a part after the first'}`,
      ...(size > 1 && { others: everywhere('info') }),
      command: mergeCommand(header),
    };
  },
});

const singlePart: HeaderRule = {
  id: 'CM-E03',
  meaning: 'Fusion reads Cryptomattes in single-part files only.',
  severity: 'warning',
  targets: { fusion: 'error' },
  fixedBy: 'pixels',
  command: 'merge',
  *check({ header, subjects }) {
    if (header.parts.length > 1 && subjects.length > 0)
      yield {
        message: `the file has ${header.parts.length} parts; Fusion reads Cryptomattes of single-part files`,
        command: mergeCommand(header),
      };
  },
};

const partLabel = seenRule({
  id: 'CM-E07',
  meaning:
    "A part's name is the beginning of its channels' names, or these have no layer: Blender from 4.5 on puts it before other names, and before 4.5 knows no names of parts.",
  severity: 'warning',
  targets: { blender: 'error', blender3: 'error' },
  fixedBy: 'header',
  command: 'merge',
  remark({ layers, label }, { header }) {
    const [first] = layers;
    const name = header.parts[first?.part ?? 0]?.name;
    return {
      message: `Blender does not find the channels of ${label} in the part "${name}"`,
      command: header.parts.length > 1 ? mergeCommand(header) : 'drop-attribute name',
    };
  },
});

const fewChannels: HeaderRule = {
  id: 'CM-C17',
  meaning: 'A file has at most 1,023 channels, the most that Nuke has room for.',
  severity: 'info',
  targets: { nuke: 'warning' },
  fixedBy: 'nothing needed',
  *check({ header }) {
    const count = header.parts.reduce((sum, { channels }) => sum + channels.length, 0);
    if (count > 1023) yield { message: `the file has ${count} channels; Nuke takes 1,023` };
  },
};

const otherScheme: HeaderRule = {
  id: 'CM-E06',
  meaning: "An idManifest is OpenEXR 3's own scheme for IDs; it is kept as it is.",
  severity: 'info',
  targets: everywhere('info'),
  fixedBy: 'nothing needed',
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
  smallIds,
  fullSampling,
  fullWindow,
  sameWindows,
  keptColours,
  fewChannels,
  inFirstPart,
  onePart,
  singlePart,
  partLabel,
  otherScheme,
];
