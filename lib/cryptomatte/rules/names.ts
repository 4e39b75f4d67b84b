/** Rules about the names of sets, and the table of these and of the rules about rank layers. */

import { suspectLayers } from '../../layers/guard.js';
import { splitKind } from '../../layers/kinds.js';
import { isFloat } from '../../layers/rank-groups.js';
import { legalName } from '../../layers/seen-by/nuke-name.js';
import { groupBy } from '../../model/group-by.js';
import { namesThenRepair, nukeLayer, plainForNuke, renameCommand, shellWord, shortName } from './advice.js';
import { newName, renameAll } from './name-advice.js';
import {
  completeRanks,
  firstLayer,
  namedLayers,
  noPreview,
  nothingElse,
  oneSpelling,
  oneView,
  rankCount,
} from './rank-channels.js';
import { everywhere, type HeaderFacts, type HeaderRule, nameOf } from './rule.js';
import { seenRule } from './seen.js';
import { channelsName, type Subject } from './subjects.js';

const nukeFindsIt = seenRule({
  id: 'CM-C06',
  meaning:
    'Nuke and its Cryptomatte plug-in spell the name the same way: letters and digits of ASCII, no digit in front, one dot at most.',
  severity: 'warning',
  targets: { nuke: 'error' },
  fixedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark(subject, facts) {
    const name = channelsName(subject);
    const [first] = subject.layers;
    if (name === undefined || !first) return undefined;
    const [called, looked] = [nukeLayer(first.layer), `${legalName(name)}${first.text}`];
    const message = `Nuke calls the first channels of ${subject.label} "${called}", its Cryptomatte looks for "${looked}"`;
    return {
      // If a view makes the difference, the program's own message shows it.
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
  fixedBy: 'header',
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
  fixedBy: 'header',
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
  meaning: 'No name is the beginning of another one: Fusion confuses such Cryptomattes, Nuke does when digits follow.',
  severity: 'warning',
  targets: { fusion: 'error' },
  fixedBy: 'header',
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
  fixedBy: 'header',
  command: 'rename --map OLD=NEW',
  remark: (_, facts) => ({ command: renameAll('CM-C09', facts, (name) => shortName(name, 63)) }),
});

const hasChannels = seenRule({
  id: 'CM-C10',
  meaning: 'The name of a Cryptomatte is that of its channels, without the two digits.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'header',
  command: 'repair',
  remark({ set, label, layers }, { header }) {
    if (set === undefined || set.name === undefined || set.fit === 'exact') return undefined;
    const [channel] = layers[0]?.channels ?? [];
    if (channel)
      return {
        message: `${label} is not the name of its channels, which are called "${channel.name}"`,
        others: everywhere('warning'),
      };
    // Unclaimed channels could be theirs: then nothing is dropped.
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
  fixedBy: 'header',
  command: 'inject-manifest --from DONOR.exr',
  *check({ orphans, header }) {
    for (const { name, layers } of orphans)
      yield /crypto/i.test(name)
        ? {
            message: `the channels "${name}" have lost their Cryptomatte metadata`,
            set: name,
            part: layers[0]?.part ?? 0,
            // IDs stored as half are lost: there is nothing left to name.
            ...(!layers.every(isFloat)
              ? { fixedBy: 'render', command: undefined }
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
  fixedBy: 'header',
  command: 'rename --map NAME=crypto_object',
  *check({ sets }) {
    const names = sets.flatMap(({ name, layers }) => (name !== undefined && layers.length > 0 ? name : []));
    const count = groupBy(names, (name) => splitKind(name)?.kind);
    for (const name of names) {
      const found = splitKind(name);
      if (name === `crypto_${found?.kind}`) continue;
      // Several view layers cannot all have the plain name in one file, and other kinds have none.
      const canBe = found !== undefined && count.get(found.kind)?.length === 1;
      yield {
        message: `"${name}" is not what Arnold calls it`,
        set: name,
        ...(canBe
          ? { command: renameCommand([[name, `crypto_${found.kind}`]]) }
          : { targets: { arnold: 'info' }, fixedBy: 'nothing needed', command: undefined }),
      };
    }
  },
};

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
