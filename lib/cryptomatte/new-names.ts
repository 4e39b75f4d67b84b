/** The name of a Cryptomatte after its channels have been renamed. */
import { parseComponent } from '../layers/components.js';
import { type ChannelPlace, placeOf } from '../layers/place.js';
import { numberedStem, type RankLayer } from '../layers/rank-groups.js';
import type { CryptomatteSet } from '../layers/sets.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header } from '../model/header.js';
import type { NoticeReporter } from './report.js';

/** A channel of the new header, by its part's number. */
export interface Landing {
  readonly part: number;
  readonly channel: Channel;
}

/** A rank channel and where it went. */
export interface Move extends Landing {
  readonly layer: RankLayer;
  readonly from: Channel;
}

export interface NamedMoves {
  readonly name: string | undefined;
  readonly moves: readonly Move[];
}

/**
 * The name that the channels have now, or the old one (with a warning) if they no longer agree on one. Views whose names differ
 * become separate Cryptomattes.
 */
export function newNames(
  set: CryptomatteSet,
  moves: readonly Move[],
  before: Pick<Header, 'parts'>,
  after: Header,
  report: NoticeReporter,
): NamedMoves[] {
  const steps = moves.map(
    (move): Step => ({ ...move, was: placeOf(before, move.from), is: placeOf(after, move.channel) }),
  );
  const isSame = ({ was, is }: Step): boolean => was.layer === is.layer && was.component === is.component;
  if (steps.every(isSame)) return [{ name: set.name, moves }];
  const named = [...groupBy(steps, ({ layer }) => layer.view).values()].map((own) => ({ name: commonName(own), own }));
  const broken = named.find(({ name }) => name === undefined);
  if (broken) {
    const moved = broken.own.find((step) => !isSame(step)) ?? broken.own[0];
    const [from, to] = [moved?.from.name, moved?.channel.name];
    report.warn(
      'SET_TORN',
      `the Cryptomatte "${set.name}" no longer matches its channels: "${from}" became "${to}", and they do not agree on a name`,
    );
    return [{ name: set.name, moves }];
  }
  return [...groupBy(named, ({ name }) => name)].map(([name, same]) => ({
    name,
    moves: same.flatMap(({ own }) => own),
  }));
}

interface Step extends Move {
  readonly was: ChannelPlace;
  readonly is: ChannelPlace;
}

/** The layers' name now, without numbers; undefined if they are no longer ranks of one Cryptomatte. */
function commonName(steps: readonly Step[]): string | undefined {
  const isSlot = ({ was, is }: Step): boolean =>
    parseComponent(was.component)?.slot === parseComponent(is.component)?.slot;
  if (!steps.every(isSlot)) return undefined;
  const numbered = renumbered(steps);
  const kept = agreed(steps.map(({ layer: { text }, is: { layer } }) => withoutEnd(layer, text)));
  // `N0`, `N1` that become `N00`, `N01` are called N now, although they end as before.
  return (startsAnew(steps) ? numbered : undefined) ?? kept ?? numbered;
}

/** Whether layers that were numbered differently now begin with 00, per the specification. */
function startsAnew(steps: readonly Step[]): boolean {
  const isSpecified = (text: string | undefined): boolean => /^\d\d$/.test(text ?? '');
  return (
    steps.every(({ layer }) => !isSpecified(layer.text)) &&
    steps.some(({ is }) => numberedStem(is.layer)?.text === '00')
  );
}

function withoutEnd(layer: string, text: string): string | undefined {
  return layer.endsWith(text) && layer.length > text.length ? layer.slice(0, layer.length - text.length) : undefined;
}

/** Ranks may get other numbers, as when a gap is closed, but not another order. */
function renumbered(steps: readonly Step[]): string | undefined {
  const stems = steps.map(({ layer, is }) => ({ order: layer.order, stem: numberedStem(is.layer) }));
  const orders = new Map<number, number>();
  for (const { order, stem } of stems) {
    const now = Number(stem?.text);
    if (!stem || (orders.get(order) ?? now) !== now) return undefined;
    orders.set(order, now);
  }
  const sorted = [...orders].sort(([a], [b]) => a - b).map(([, now]) => now);
  const ascends = sorted.every((now, index) => index === 0 || now > (sorted[index - 1] as number));
  return ascends ? agreed(stems.map(({ stem }) => stem?.name)) : undefined;
}

/** The common value; undefined if they differ, or one is undefined. */
function agreed(names: readonly (string | undefined)[]): string | undefined {
  const [name, ...others] = new Set(names);
  return others.length === 0 ? name : undefined;
}
