/** Rules about names of sets and their channels. */

import { suspectLayers } from '../../layers/guard.js';
import { splitKind } from '../../layers/kinds.js';
import { placesOf } from '../../layers/place.js';
import { isFloat, type RankLayer } from '../../layers/rank-groups.js';
import { legalName } from '../../layers/seen-by/nuke-name.js';
import { groupBy } from '../../model/group-by.js';
import type { Header } from '../../model/header.js';
import {
  NewNames,
  namesThenRepair,
  nukeLayer,
  optionWords,
  partsOfView,
  plainForNuke,
  renameCommand,
  renumbered,
  respelt,
  shellWord,
  shortName,
} from './advice.js';
import { everywhere, type HeaderFacts, type HeaderRule, nameOf, type RuleInfo } from './rule.js';
import { seenRule } from './seen.js';
import { channelsName, isWhole, mostRanks, namesViews, type Subject, spellingsOf } from './subjects.js';

/** Scripts and After Effects take two digits from 00 on; the others read any. */
const unnumbered: RuleInfo['targets'] = { ...everywhere('warning'), 'after-effects': 'error', arnold: 'error' };

const completeRanks = seenRule({
  id: 'CM-C01',
  meaning: 'The rank layers are numbered from 00 on without gaps, and each has four channels; the last may have two.',
  severity: 'warning',
  targets: unnumbered,
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark(subject, { header }) {
    const { layers } = subject;
    const name = channelsName(subject);
    if (name === undefined) return undefined;
    const others = unnumbered;
    for (const [view, own] of groupBy(layers, (layer) => layer.view)) {
      const where = view === '' ? '' : ` in the view ${view}`;
      const short = own.find((layer, index) => !isWhole(layer, index === own.length - 1));
      if (short)
        return {
          message: `the rank layer "${short.layer}" does not have the channels of a rank layer${where}`,
          others,
          mendedBy: 'render',
          command: undefined,
        };
      if (isNumberedItem(name, own))
        return {
          message: `the rank layers of ${subject.label} have the numbers that Blender gives to names it has cut: nothing tells which ranks they are${where}`,
          others: everywhere('error'),
          mendedBy: 'render',
          command: undefined,
        };
      const command = renumberCommand(subject, name, header);
      const gap = own.findIndex(({ order }, index) => order !== index);
      if (gap >= 0)
        return {
          message: `the rank layer ${String(gap).padStart(2, '0')} of ${subject.label} is missing${where}`,
          others,
          command,
        };
      if (own.some(({ text }, index) => text !== String(index).padStart(2, '0')))
        return {
          message: `the rank layers of ${subject.label} are numbered otherwise than 00, 01, …${where}`,
          // A layer without any number is no rank for anybody.
          others: own.some(({ text }) => text === '') ? everywhere('error') : others,
          command,
        };
    }
    return undefined;
  },
});

/**
 * Numbers as the specification has them. Where every new name ends as the old one did (`ids0` and `ids00`), the name of the
 * Cryptomatte could be what stands before that, so that it is said again.
 */
function renumberCommand({ set, layers }: Subject, name: string, { parts }: Header): string | undefined {
  const pairs = renumbered(name, layers);
  const rename = renameCommand(pairs);
  const isClear = pairs.some(([, to], index) => !to.endsWith(layers[index]?.text ?? ''));
  if (rename === undefined || isClear || !set) return rename;
  const [part] = set.parts.flatMap((number) => parts[number] ?? []);
  const where = parts.length > 1 && part?.name ? ` ${optionWords('part', [part.name])}` : '';
  return `${rename} then set-attribute ${shellWord(`${set.prefix}${set.key}/name=${name}`)}${where}`;
}

/** `…_001`, `…_002`: items of Blender's File Output that were called alike after their names were cut. */
function isNumberedItem(name: string, layers: readonly RankLayer[]): boolean {
  return (
    (name.endsWith('_') && layers.every(({ text }) => /^\d{3}$/.test(text))) ||
    layers.some(({ text }) => /^\d+_\d{3}$/.test(text))
  );
}

const oneSpelling = seenRule({
  id: 'CM-C02',
  meaning: 'The channels of a set are all spelt r g b a, or all R G B A, or all red green blue alpha.',
  severity: 'warning',
  targets: { ...everywhere('warning'), 'after-effects': 'error' },
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark({ layers, label }) {
    const { size } = spellingsOf(layers);
    if (size < 2) return undefined;
    return {
      message: `the channels of ${label} are spelt in ${size} ways`,
      others: { ...everywhere('warning'), 'after-effects': 'error' },
      command: renameCommand(respelt(layers)),
    };
  },
});

const noPreview = seenRule({
  id: 'CM-C04',
  meaning: 'Previews are deprecated; Blender before 4.5 takes one with four channels for ranks.',
  severity: 'info',
  targets: { ...everywhere('info'), blender3: 'error' },
  mendedBy: 'header',
  command: 'drop --channel NAME.R --channel NAME.G --channel NAME.B',
  remark({ previews, label }) {
    if (previews.length === 0) return undefined;
    return {
      message: `${label} has a preview of ${previews.length} channels`,
      others: everywhere('info'),
      command: `drop ${optionWords('channel', new Set(previews.map(({ name }) => name)))}`,
    };
  },
});

const rankCount = seenRule({
  id: 'CM-C05',
  meaning: `Fusion reads ${mostRanks.fusion} rank layers, Nuke ${mostRanks.nuke}.`,
  severity: 'warning',
  targets: { fusion: 'error', nuke: 'error' },
  mendedBy: 'render',
  remark: ({ layers, label }) => ({
    message: `${label} has ${Math.max(0, ...layers.map(({ order }) => order + 1))} rank layers`,
  }),
});

const nukeFindsIt = seenRule({
  id: 'CM-C06',
  meaning:
    'Nuke and its Cryptomatte plug-in spell the name the same way: letters and digits of ASCII, no digit in front, one dot at most.',
  severity: 'warning',
  targets: { nuke: 'error' },
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark(subject, facts) {
    const name = channelsName(subject);
    const [first] = subject.layers;
    if (name === undefined || !first) return undefined;
    const [called, looked] = [nukeLayer(first.layer), `${legalName(name)}${first.text}`];
    const message = `Nuke calls the first channels of ${subject.label} "${called}", its Cryptomatte looks for "${looked}"`;
    return {
      // Where a view makes the difference, the program's own words show it.
      ...(called !== looked && { message }),
      command: renameAll('CM-C06', facts, (own) => plainForNuke(own, facts.views.size > 0)),
    };
  },
});

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

const noDigitAtEnd = seenRule({
  id: 'CM-C07',
  meaning: 'A name does not end in a digit: programs take it for a part of the rank.',
  severity: 'warning',
  targets: everywhere('warning'),
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark(subject, facts) {
    if (!endsInDigit(subject)) return undefined;
    return {
      message: `${subject.label} ends in a digit`,
      others: everywhere('warning'),
      command: renameAll('CM-C07', facts, (name) => `${name}_`, endsInDigit),
    };
  },
});

function endsInDigit({ name, layers }: Subject): boolean {
  return /\d$/.test(name ?? '') && layers.length > 0;
}

const noPrefixOfAnother = seenRule({
  id: 'CM-C08',
  meaning: 'No name is the beginning of another one: Fusion mixes such sets up, Nuke does when digits follow.',
  severity: 'warning',
  targets: { fusion: 'error' },
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark(subject, facts, minds) {
    const name = channelsName(subject);
    const longer = name === undefined ? undefined : nextNames(facts).get(name);
    if (longer === undefined && minds.size === 0) return undefined;
    return {
      ...(longer !== undefined && { message: `"${longer}" begins with the name ${subject.label}` }),
      ...(longer !== undefined && { others: { fusion: 'warning', nuke: 'info' } }),
      command: name === undefined ? undefined : renameCommand([[name, newName(facts, `CM-C08 ${name}`, `${name}_`)]]),
    };
  },
});

const nextKnown = new WeakMap<HeaderFacts, ReadonlyMap<string, string>>();

/** For each name of a Cryptomatte the next one that begins with it. */
function nextNames(facts: HeaderFacts): ReadonlyMap<string, string> {
  const known = nextKnown.get(facts);
  if (known) return known;
  const names = [...new Set(facts.subjects.flatMap((one) => channelsName(one) ?? []))].sort();
  const found = new Map(
    names.flatMap((name, index): [string, string][] => {
      const next = names[index + 1];
      return name !== '' && next?.startsWith(name) ? [[name, next]] : [];
    }),
  );
  nextKnown.set(facts, found);
  return found;
}

const nameLength = seenRule({
  id: 'CM-C09',
  meaning: 'Names have at most 63 bytes: Blender has no more for a layer and a pass, After Effects for a channel.',
  severity: 'warning',
  targets: { 'after-effects': 'error', blender: 'error', blender3: 'error' },
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark: (_, facts) => ({ command: renameAll('CM-C09', facts, (name) => shortName(name, 63)) }),
});

const hasChannels = seenRule({
  id: 'CM-C10',
  meaning: 'The name of a set is that of its channels, without the two digits.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  remark({ set, label, layers }, { header }) {
    if (set === undefined || set.name === undefined || set.fit === 'exact') return undefined;
    const [channel] = layers[0]?.channels ?? [];
    if (channel)
      return {
        message: `${label} is not the name of its channels, which are called "${channel.name}"`,
        others: everywhere('warning'),
      };
    // Names of channels that nobody claims could be theirs: then nothing is thrown away.
    const free = suspectLayers(header).length > 0;
    return {
      message: `there are no channels of the name ${label}`,
      others: everywhere('error'),
      command: free ? 'repair' : `drop-attribute ${shellWord(`${set.prefix}${set.key}/*`)}`,
    };
  },
});

const hasMetadata: HeaderRule = {
  id: 'CM-C11',
  meaning: 'Rank layers have metadata; without it no program shows mattes.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'inject-manifest --from DONOR.exr',
  *check({ orphans, header }) {
    for (const { name, layers } of orphans)
      yield /crypto/i.test(name)
        ? {
            message: `the channels "${name}" have lost their Cryptomatte metadata`,
            set: name,
            part: layers[0]?.part ?? 0,
            // IDs stored as half are gone: there is nothing that names could be given to.
            ...(!layers.every(isFloat)
              ? { mendedBy: 'render', command: undefined }
              : layers.some(({ part }) => header.parts[part]?.compression === 'pxr24') && { command: namesThenRepair }),
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

const arnoldNames: HeaderRule = {
  id: 'CM-C13',
  meaning: 'Comps built for Arnold look for crypto_object, crypto_material and crypto_asset.',
  severity: 'info',
  targets: { arnold: 'warning' },
  mendedBy: 'header',
  command: 'rename --map NAME=crypto_object',
  *check({ sets }) {
    const names = sets.flatMap(({ name, layers }) => (name !== undefined && layers.length > 0 ? name : []));
    const count = groupBy(names, (name) => splitKind(name)?.kind);
    for (const name of names) {
      const found = splitKind(name);
      if (name === `crypto_${found?.kind}`) continue;
      // Several view layers cannot all have the plain name in one file, and other contents have none.
      const canBe = found !== undefined && count.get(found.kind)?.length === 1;
      yield {
        message: `"${name}" is not what Arnold calls it`,
        set: name,
        ...(canBe
          ? { command: renameCommand([[name, `crypto_${found.kind}`]]) }
          : { targets: { arnold: 'info' }, mendedBy: 'nothing needed', command: undefined }),
      };
    }
  },
};

const namedLayers: HeaderRule = {
  id: 'CM-C14',
  meaning: 'Rank channels stand in a named layer; in a file of their own (R, G, B, A) nothing says what they are.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: "merge --name '{stem}' then repair",
  *check({ header, stem, subjects }) {
    const root = header.parts.every(({ channels }) => channels.every(({ name }) => !name.includes('.')));
    if (!root) return;
    if (/crypto.*\d\d$/i.test(stem ?? '')) {
      yield {
        message: `the file's name says it holds ranks, but its channels are in no layer; bring the files of all passes together`,
      };
      return;
    }
    for (const { broken, name, label, layers } of subjects)
      if (broken.has('CM-C14') && layers.length > 0 && name !== undefined)
        yield {
          message: `the channels of ${label} are in no layer`,
          set: name,
          command: `rename --add-prefix ${shellWord(`${name}00.`)}`,
        };
  },
};

const firstLayer = seenRule({
  id: 'CM-C15',
  meaning:
    "Blender before 4.5 looks in the first layer only whose name begins the Cryptomatte's; channels in no layer are such a one.",
  severity: 'warning',
  targets: { blender3: 'error' },
  mendedBy: 'header',
  command: 'rename --map =beauty.Combined',
  remark: (_, facts) => ({ command: `rename --map ${shellWord(`=${newName(facts, 'root', 'beauty')}.Combined`)}` }),
});

const nothingElse = seenRule({
  id: 'CM-C16',
  meaning: 'A rank layer holds its four channels and nothing else.',
  severity: 'warning',
  targets: { blender: 'error', blender3: 'error', fusion: 'error', arnold: 'error' },
  mendedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark({ layers, label }, facts, minds) {
    if (minds.size === 0) return undefined;
    const ranks = new Set(layers.map(({ layer, part }) => JSON.stringify([part, layer])));
    const own = new Set(layers.flatMap(({ slots }) => Object.values(slots)));
    const extra = [...placesOf(facts.header).values()].filter(
      ({ channel, part, layer }) => ranks.has(JSON.stringify([part, layer])) && !own.has(channel),
    );
    const [first] = extra;
    if (!first) return undefined;
    return {
      message: `beside the ranks of ${label} there are other channels, "${first.channel.name}" first`,
      command: renameCommand(
        extra.map(({ channel, component }) => [channel.name, `${newName(facts, channel.name, component)}.Y`]),
      ),
    };
  },
});

const oneView = seenRule({
  id: 'CM-E05',
  meaning: 'Rank layers are those of one view: Blender adds up all views, other programs know no views in names.',
  severity: 'warning',
  targets: { blender: 'error', blender3: 'error', fusion: 'error', 'after-effects': 'error', arnold: 'error' },
  mendedBy: 'header',
  command: "pick --part '*-VIEW'",
  remark(subject, facts) {
    const { layers, label } = subject;
    const [first] = layers.filter((layer) => layer.view !== '').sort((a, b) => a.part - b.part);
    if (!first) return undefined;
    const { view } = first;
    return { message: `the ranks of ${label} are there in several views`, command: pickView(view, subject, facts) };
  },
});

/** One view, in a file that holds nothing of the others. */
function pickView(view: string, { layers }: Subject, { header }: HeaderFacts): string | undefined {
  if (!namesViews(layers)) return partsOfView(view, header);
  const escaped = view.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return `pick --channel ${shellWord(`*.${view}.*`)} then rename --regex ${shellWord(`s/\\.${escaped}\\././`)}`;
}

interface Given {
  readonly names: NewNames;
  readonly byQuestion: Map<string, string>;
}

const givenNames = new WeakMap<HeaderFacts, Given>();

/** A name that nothing in the file has and no other advice gives; the same for the same question. */
function newName(facts: HeaderFacts, question: string, wished: string): string {
  const given = givenNames.get(facts) ?? { names: new NewNames(facts.header), byQuestion: new Map<string, string>() };
  givenNames.set(facts, given);
  const name = given.byQuestion.get(question) ?? given.names.give(wished);
  given.byQuestion.set(question, name);
  return name;
}

const renames = new WeakMap<HeaderFacts, Map<string, string | undefined>>();

/**
 * One command that gives new names to all Cryptomattes that break a rule: with only some of them renamed, a layer without a
 * name may come to stand before the others for Blender.
 */
function renameAll(
  rule: string,
  facts: HeaderFacts,
  wish: (name: string) => string,
  isConcerned: (subject: Subject) => boolean = ({ broken }) => broken.has(rule),
): string | undefined {
  const known = renames.get(facts) ?? new Map<string, string | undefined>();
  renames.set(facts, known);
  if (!known.has(rule)) {
    const names = new Set(facts.subjects.filter(isConcerned).flatMap((one) => channelsName(one) ?? []));
    known.set(
      rule,
      renameCommand([...names].map((name) => [name, newName(facts, JSON.stringify([rule, name]), wish(name))])),
    );
  }
  return known.get(rule);
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
  firstLayer,
  nothingElse,
  oneView,
];
