/** Ranks numbered per the specification: `N00`, `N01`, … without a gap. */

import { fullName, respell } from '../layers/respell.js';
import { type CryptomatteSet, headerSets } from '../layers/sets.js';
import { advise, stepOf } from '../model/advice.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header } from '../model/header.js';
import { firstFew, listed } from '../model/listed.js';
import type { NoticeReporter } from './carry.js';

/** Numbers the ranks of every Cryptomatte by their position, in two digits. */
export function renumberRanks(header: Header, report: NoticeReporter): Header {
  const names = new Map<Channel, string>();
  for (const set of oddlyNumbered(header)) {
    const renamed = set.layers.map((layer): [string, string] => [layer.layer, nameInOrder(set, layer.order)]);
    for (const [index, { channels }] of set.layers.entries())
      for (const channel of channels) names.set(channel, renamed[index]?.[1] ?? '');
    const changes = [...new Map(renamed)].filter(([from, to]) => from !== to);
    report.note(
      'RENUMBERED',
      `"${set.name}": ${firstFew(changes.map(([from, to]) => `"${from}" is called "${to}" now`))}`,
    );
  }
  if (names.size === 0) return header;
  return respell(header, {
    channel: (name, place) => {
      const layer = names.get(place.channel);
      return layer === undefined || layer === place.layer ? name : fullName(place, { layer });
    },
    part: (name) => name,
  });
}

/** Reports which programs overlook ranks that are numbered differently. Later ranks in a file of their own do not count. */
export function noteOddNumbers(header: Header, report: NoticeReporter): void {
  const odd = oddlyNumbered(header).filter(({ layers }) => {
    const orders = [...new Set(layers.map(({ order }) => order))].sort((a, b) => a - b);
    const hasGap = orders.some((order, index) => order !== index + (orders[0] ?? 0));
    return hasGap || layers.some(({ text }) => !/^\d\d$/.test(text));
  });
  const numbers = ({ layers }: CryptomatteSet): string => [...new Set(layers.map(({ text }) => text))].join(', ');
  for (const [texts, same] of groupBy(odd, numbers)) {
    const right = texts.split(', ').map((_, index) => `${index}`.padStart(2, '0'));
    report.note(
      'RANK_NUMBERS',
      advise`the ranks of ${listed(same.map(({ name = '' }) => name))} are numbered ${texts}, which Blender and Nuke read; Fusion, After Effects and scripts look for ${right.join(', ')}: ${stepOf('repair', { renumber: true })}`,
    );
  }
}

/** Cryptomattes whose ranks have other numbers, but distinct ones. */
function oddlyNumbered(header: Header): CryptomatteSet[] {
  return headerSets(header).filter((set) => {
    const views = groupBy(set.layers, ({ view }) => view);
    const isOrdered = [...views.values()].every((own) => new Set(own.map(({ order }) => order)).size === own.length);
    const isNumbered = set.layers.every(({ text, layer }) => text !== '' && layer.length > text.length);
    return isOrdered && isNumbered && set.layers.some((layer) => layer.layer !== nameInOrder(set, layer.order));
  });
}

/** The name of the rank layer of this order; gaps are closed. */
function nameInOrder({ layers }: CryptomatteSet, order: number): string {
  const orders = [...new Set(layers.map((one) => one.order))].sort((a, b) => a - b);
  const [first] = layers;
  const stem = first ? first.layer.slice(0, first.layer.length - first.text.length) : '';
  return `${stem}${`${orders.indexOf(order)}`.padStart(2, '0')}`;
}
