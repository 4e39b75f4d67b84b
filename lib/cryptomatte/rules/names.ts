/** Rules about names of sets and their channels. */

import { parseComponent, slots } from '../../layers/components.js';
import { arnoldName } from '../../layers/kinds.js';
import type { RankLayer } from '../../layers/rank-groups.js';
import { legalName, nukeChannel } from '../../layers/seen-by/nuke-name.js';
import type { CryptomatteSet } from '../../layers/sets.js';
import { groupBy } from '../../model/group-by.js';
import { parseChannelName } from '../../model/names.js';
import { textLength } from '../../model/text.js';
import { targetFacts } from '../targets.js';
import { everywhere, type HeaderRule, nameOf } from './rule.js';

const completeRanks: HeaderRule = {
  id: 'CM-C01',
  meaning: 'The rank layers are numbered from 00 on without gaps, and each has four channels; the last may have two.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  *check({ sets }) {
    for (const set of sets)
      for (const [view, layers] of groupBy(set.layers, (layer) => layer.view)) {
        const where = view === '' ? '' : ` in the view ${view}`;
        const gap = layers.findIndex(({ order }, index) => order !== index);
        if (gap >= 0)
          yield {
            message: `the rank layer ${String(gap).padStart(2, '0')} of ${nameOf(set)} is missing${where}`,
            set: set.name,
          };
        for (const [index, layer] of layers.entries()) {
          const found = slots.filter((slot) => layer.slots[slot]).join('');
          if (found !== 'rgba' && !(index === layers.length - 1 && found === 'rg'))
            yield {
              message: `the rank layer ${label(set, layer)} has only the channels "${found}"${where}`,
              set: set.name,
            };
        }
      }
  },
};

function label({ name }: CryptomatteSet, { text }: RankLayer): string {
  return `"${name}${text}"`;
}

const oneSpelling: HeaderRule = {
  id: 'CM-C02',
  meaning: 'The channels of a set are all spelt r g b a, or all R G B A, or all red green blue alpha.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  *check({ sets }) {
    for (const set of sets) {
      const spellings = new Set(
        set.layers.flatMap(({ channels }) =>
          channels.map(({ name }) => parseComponent(parseChannelName(name).component)?.spelling),
        ),
      );
      if (spellings.size > 1)
        yield { message: `the channels of ${nameOf(set)} are spelt in ${spellings.size} ways`, set: set.name };
    }
  },
};

const noPreview: HeaderRule = {
  id: 'CM-C04',
  meaning: 'Previews are deprecated; Blender takes one with four channels for ranks.',
  severity: 'info',
  targets: { blender: 'warning' },
  mendedBy: 'header',
  command: 'drop --layer NAME',
  *check({ sets }) {
    for (const set of sets)
      if (set.previews.length > 0)
        yield {
          message: `${nameOf(set)} has a preview of ${set.previews.length} channels`,
          set: set.name,
          targets: { blender: set.previews.length > 3 ? 'warning' : 'info' },
        };
  },
};

const rankCount: HeaderRule = {
  id: 'CM-C05',
  meaning: 'Fusion reads ten rank layers, Nuke twelve.',
  severity: 'warning',
  targets: { fusion: 'error', nuke: 'warning' },
  mendedBy: 'header',
  command: 'drop --layer NAME',
  *check({ sets }) {
    for (const set of sets) {
      const layers = Math.max(0, ...set.layers.map(({ order }) => order + 1));
      const { fusion, nuke } = targetFacts;
      if (layers > (nuke.rankLayers ?? 0)) yield { message: `${nameOf(set)} has ${layers} rank layers`, set: set.name };
      else if (layers > (fusion.rankLayers ?? 0))
        yield { message: `${nameOf(set)} has ${layers} rank layers`, set: set.name, targets: { fusion: 'error' } };
    }
  },
};

const nukeFindsIt: HeaderRule = {
  id: 'CM-C06',
  meaning:
    'Nuke and its Cryptomatte plug-in spell the name the same way: one dot, blanks and letters of ASCII are safe.',
  severity: 'warning',
  targets: { nuke: 'error' },
  mendedBy: 'header',
  command: 'rename --preset nuke',
  *check({ sets, views }) {
    for (const set of sets) {
      const [layer] = set.layers;
      const [channel] = layer?.channels ?? [];
      if (set.name === undefined || !channel || set.fit !== 'exact') continue;
      const seen = nukeChannel(channel.name, views).layer;
      const looked = `${legalName(set.name)}${layer?.text}`;
      if (seen !== looked)
        yield {
          message: `Nuke calls the first channels of ${nameOf(set)} "${seen}", its Cryptomatte looks for "${looked}"`,
          set: set.name,
        };
    }
  },
};

const oldPlugin: HeaderRule = {
  id: 'CM-C12',
  meaning: "Psyop's plug-in for Nuke before 1.2.5 finds no names with dots or blanks.",
  severity: 'info',
  targets: { nuke: 'info' },
  mendedBy: 'header',
  command: 'rename --preset nuke',
  *check({ sets }) {
    const dotted = sets.filter(({ name, layers }) => layers.length > 0 && legalName(name ?? '') !== name);
    const [first, ...others] = dotted;
    if (first)
      yield {
        message: `plug-ins before 1.2.5 do not find ${nameOf(first)}${others.length > 0 ? ` and ${others.length} more` : ''}`,
        set: first.name,
      };
  },
};

const noDigitAtEnd: HeaderRule = {
  id: 'CM-C07',
  meaning: 'A name does not end in a digit: Blender cuts it off, Nuke takes it for a part of the rank.',
  severity: 'warning',
  targets: { nuke: 'warning', blender: 'error', fusion: 'warning' },
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  *check({ sets }) {
    for (const set of sets)
      if (/\d$/.test(set.name ?? '') && set.layers.length > 0)
        yield { message: `${nameOf(set)} ends in a digit`, set: set.name };
  },
};

const noPrefixOfAnother: HeaderRule = {
  id: 'CM-C08',
  meaning: 'No name is the beginning of another one: Fusion mixes such sets up, Nuke does when digits follow.',
  severity: 'warning',
  targets: { fusion: 'warning', nuke: 'info' },
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  *check({ sets }) {
    const names = [...new Set(sets.flatMap(({ name }) => name ?? []))].sort();
    for (const [index, name] of names.entries()) {
      const next = names[index + 1];
      if (name !== '' && next?.startsWith(name))
        yield /^\d/.test(next.slice(name.length))
          ? {
              message: `"${next}" begins with the name "${name}" and digits`,
              set: name,
              targets: { fusion: 'warning', nuke: 'warning' },
            }
          : { message: `"${next}" begins with the name "${name}"`, set: name };
    }
  },
};

const nameLength: HeaderRule = {
  id: 'CM-C09',
  meaning: `Channel names have at most ${targetFacts.blender.nameBytes} bytes: After Effects and Blender have room for no more.`,
  severity: 'warning',
  targets: { 'after-effects': 'error', blender: 'error' },
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  *check({ sets }) {
    for (const set of sets)
      for (const { channels } of set.layers.slice(0, 1)) {
        const long = channels.find(({ name }) => textLength(name) > (targetFacts.blender.nameBytes ?? 0));
        if (long) yield { message: `"${long.name}" has ${textLength(long.name)} bytes`, set: set.name };
      }
  },
};

const hasChannels: HeaderRule = {
  id: 'CM-C10',
  meaning: 'The name of a set is that of its channels, without the two digits.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets) {
      if (set.name === undefined || set.fit === 'exact') continue;
      const [channel] = set.layers[0]?.channels ?? [];
      yield channel
        ? {
            message: `${nameOf(set)} is not the name of its channels, which are called "${channel.name}"`,
            set: set.name,
          }
        : { message: `there are no channels of the name ${nameOf(set)}`, set: set.name };
    }
  },
};

const hasMetadata: HeaderRule = {
  id: 'CM-C11',
  meaning: 'Rank layers have metadata; without it no program shows mattes.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'inject-manifest --from DONOR.exr',
  *check({ orphans }) {
    for (const { name, layers } of orphans)
      yield /crypto/i.test(name)
        ? {
            message: `the channels "${name}" have lost their Cryptomatte metadata`,
            set: name,
            part: layers[0]?.part ?? 0,
          }
        : {
            message: `"${name}" may be a Cryptomatte of ${layers.length} rank layers without metadata`,
            set: name,
            part: layers[0]?.part ?? 0,
            severity: 'info',
            targets: everywhere('info'),
          };
  },
};

const namedLayers: HeaderRule = {
  id: 'CM-C14',
  meaning: 'Rank channels stand in a named layer; in a file of their own (R, G, B, A) nothing says what they are.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: "merge --name '{stem}'",
  *check({ header, stem }) {
    const root = header.parts.every(({ channels }) => channels.every(({ name }) => !name.includes('.')));
    if (root && /crypto.*\d\d$/i.test(stem ?? ''))
      yield {
        message: `the file's name says it holds ranks, but its channels are in no layer; bring the files of all passes together`,
      };
  },
};

const noViewInRanks: HeaderRule = {
  id: 'CM-E05',
  meaning: 'Rank channels carry no view in their names: no reader takes it out.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'pick --channel "*.left.*" then rename --regex "s/\\.left\\././"',
  *check({ sets }) {
    for (const set of sets) {
      const view = set.layers.find((layer) => layer.view !== '')?.view;
      if (view !== undefined) yield { message: `the channels of ${nameOf(set)} name views ("${view}")`, set: set.name };
    }
  },
};

const arnoldNames: HeaderRule = {
  id: 'CM-C13',
  meaning: 'Comps built for Arnold look for crypto_object, crypto_material and crypto_asset.',
  severity: 'info',
  targets: { arnold: 'warning' },
  mendedBy: 'header',
  command: 'rename --preset arnold',
  *check({ sets }) {
    const names = sets.flatMap(({ name, layers }) => (name !== undefined && layers.length > 0 ? name : []));
    const ends = names.map(lastWord);
    for (const name of names) {
      if (arnoldName.test(name)) continue;
      // Several view layers cannot all have the plain name in one file.
      const shared = ends.filter((end) => end === lastWord(name)).length > 1;
      yield {
        message: `"${name}" is not what Arnold calls it`,
        set: name,
        ...(shared && { command: 'split --strip-prefix then rename --preset arnold' }),
      };
    }
  },
};

/** `CryptoObject` of `ViewLayer.CryptoObject`. */
function lastWord(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

export const nameRules: readonly HeaderRule[] = [
  completeRanks,
  oneSpelling,
  noPreview,
  rankCount,
  nukeFindsIt,
  noDigitAtEnd,
  noPrefixOfAnother,
  nameLength,
  hasChannels,
  hasMetadata,
  oldPlugin,
  arnoldNames,
  namedLayers,
  noViewInRanks,
];
