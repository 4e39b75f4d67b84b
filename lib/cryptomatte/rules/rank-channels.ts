/** Rules about rank layers: how they are numbered, which channels they hold, and in which layers and views. */

import { placesOf } from '../../layers/place.js';
import type { RankLayer } from '../../layers/rank-groups.js';
import { groupBy } from '../../model/group-by.js';
import type { Header } from '../../model/header.js';
import { optionWords, partsOfView, renameCommand, renumbered, respelt, shellWord } from './advice.js';
import { newName } from './name-advice.js';
import { everywhere, type HeaderFacts, type HeaderRule, type RuleInfo } from './rule.js';
import { seenRule } from './seen.js';
import { channelsName, isWhole, mostRanks, namesViews, type Subject, spellingsOf } from './subjects.js';

/** Scripts and After Effects require two digits from 00 on; the others accept any. */
const unnumbered: RuleInfo['targets'] = { ...everywhere('warning'), 'after-effects': 'error', arnold: 'error' };

export const completeRanks = seenRule({
  id: 'CM-C01',
  meaning: 'The rank layers are numbered from 00 on without gaps, and each has four channels; the last may have two.',
  severity: 'warning',
  targets: unnumbered,
  fixedBy: 'header',
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
          fixedBy: 'render',
          command: undefined,
        };
      if (isNumberedItem(name, own))
        return {
          message: `the rank layers of ${subject.label} have the numbers that Blender gives to names it has cut, so it is unknown which ranks they are${where}`,
          others: everywhere('error'),
          fixedBy: 'render',
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
          message: `the rank layers of ${subject.label} are not numbered 00, 01, …${where}`,
          // No program treats a layer without a number as a rank.
          others: own.some(({ text }) => text === '') ? everywhere('error') : others,
          command,
        };
    }
    return undefined;
  },
});

/**
 * Numbers per the specification. If every new name ends like the old one (`ids0` and `ids00`), the name of the Cryptomatte
 * could be what precedes that, so it is set explicitly.
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

/** `…_001`, `…_002`: items of Blender's File Output whose names became equal by being cut. */
function isNumberedItem(name: string, layers: readonly RankLayer[]): boolean {
  return (
    (name.endsWith('_') && layers.every(({ text }) => /^\d{3}$/.test(text))) ||
    layers.some(({ text }) => /^\d+_\d{3}$/.test(text))
  );
}

export const oneSpelling = seenRule({
  id: 'CM-C02',
  meaning: 'The channels of a Cryptomatte are all spelt r g b a, or all R G B A, or all red green blue alpha.',
  severity: 'warning',
  targets: { ...everywhere('warning'), 'after-effects': 'error' },
  fixedBy: 'header',
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

export const noPreview = seenRule({
  id: 'CM-C04',
  meaning: 'Previews are deprecated; Blender before 4.5 takes one with four channels for ranks.',
  severity: 'info',
  targets: { ...everywhere('info'), blender3: 'error' },
  fixedBy: 'header',
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

export const rankCount = seenRule({
  id: 'CM-C05',
  meaning: `Fusion reads ${mostRanks.fusion} rank layers, Nuke ${mostRanks.nuke}.`,
  severity: 'warning',
  targets: { fusion: 'error', nuke: 'error' },
  fixedBy: 'render',
  remark: ({ layers, label }) => ({
    message: `${label} has ${Math.max(0, ...layers.map(({ order }) => order + 1))} rank layers`,
  }),
});

export const namedLayers: HeaderRule = {
  id: 'CM-C14',
  meaning: 'Rank channels are in a named layer; in a file of their own (R, G, B, A) nothing identifies them.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'header',
  command: "merge --name '{stem}' then repair",
  *check({ header, stem, subjects }) {
    const root = header.parts.every(({ channels }) => channels.every(({ name }) => !name.includes('.')));
    if (!root) return;
    if (/crypto.*\d\d$/i.test(stem ?? '')) {
      yield {
        message: `by its name the file holds ranks, but its channels are in no layer; merge the files of all passes`,
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

export const firstLayer = seenRule({
  id: 'CM-C15',
  meaning:
    "Blender before 4.5 looks in the first layer only whose name begins the Cryptomatte's; channels in no layer are such a one.",
  severity: 'warning',
  targets: { blender3: 'error' },
  fixedBy: 'header',
  command: 'rename --map =beauty.Combined',
  remark: (_, facts) => ({ command: `rename --map ${shellWord(`=${newName(facts, 'root', 'beauty')}.Combined`)}` }),
});

export const nothingElse = seenRule({
  id: 'CM-C16',
  meaning: 'A rank layer holds its four channels and nothing else.',
  severity: 'warning',
  targets: { blender: 'error', blender3: 'error', fusion: 'error', arnold: 'error' },
  fixedBy: 'header',
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

export const oneView = seenRule({
  id: 'CM-E05',
  meaning: 'Rank layers are those of one view: Blender adds up all views, other programs know no views in names.',
  severity: 'warning',
  targets: { blender: 'error', blender3: 'error', fusion: 'error', 'after-effects': 'error', arnold: 'error' },
  fixedBy: 'header',
  command: "pick --part '*-VIEW'",
  remark(subject, facts) {
    const { layers, label } = subject;
    const [first] = layers.filter((layer) => layer.view !== '').sort((a, b) => a.part - b.part);
    if (!first) return undefined;
    const { view } = first;
    return { message: `the ranks of ${label} exist in several views`, command: pickView(view, subject, facts) };
  },
});

/** The command for one view, in a file without the others. */
function pickView(view: string, { layers }: Subject, { header }: HeaderFacts): string | undefined {
  if (!namesViews(layers)) return partsOfView(view, header);
  const escaped = view.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return `pick --channel ${shellWord(`*.${view}.*`)} then rename --regex ${shellWord(`s/\\.${escaped}\\././`)}`;
}
