/**
 * Scripts on OpenImageIO, of which cryptomatte-api (metadata.cpp, channel_util.cpp) is the strictest: any fault makes it fail
 * on the whole file.
 */
import { stringAttribute } from '../../format/attribute-types.js';
import type { Attribute } from '../../model/attributes.js';
import { groupBy } from '../../model/group-by.js';
import type { Channel, Header } from '../../model/header.js';
import { parseChannelName } from '../../model/names.js';
import { parseComponent, slots } from '../components.js';
import { conversionName, hashName, setFields } from '../set-attributes.js';
import { refusal } from './openexr.js';
import { PrefixIndex } from './prefix-index.js';
import { type Declaration, type Finding, type Reader, type SeenChannel, unlisted } from './program.js';

export const python: Reader = {
  channels: ({ parts: [first] }) =>
    (first?.channels ?? []).map((channel): SeenChannel => {
      const { layer, component } = parseChannelName(channel.name);
      return { part: 0, channel, layer, name: component, view: '' };
    }),
  find(header, channels, declarations) {
    const file = new ScriptFile(header, channels);
    const findings = declarations.map((declaration) => file.find(declaration));
    // One unreadable Cryptomatte makes all others fail too.
    const failed = findings.findIndex((finding) => isRead(finding) && (finding.problem || finding.ranks.length === 0));
    if (failed < 0) return findings;
    const name = declarations[failed]?.set.name ?? '';
    return findings.map((finding) =>
      isRead(finding) && !finding.problem && finding.ranks.length > 0
        ? unlisted('bad-attribute', `a script that reads all Cryptomattes ends at another one, "${name}"`)
        : finding,
    );
  },
};

/** Whether scripts find a Cryptomatte at all. */
function isRead({ problem }: Finding): boolean {
  return problem?.code !== 'other-prefix' && problem?.code !== 'other-part';
}

class ScriptFile {
  readonly #refusal: string | undefined;
  readonly #bad: string | undefined;
  readonly #channels: PrefixIndex<Channel>;
  readonly #found = new Map<string, Pick<Finding, 'ranks' | 'problem'>>();

  constructor(header: Pick<Header, 'parts'>, channels: readonly SeenChannel[]) {
    this.#refusal = refusal(header);
    this.#bad = badAttribute(header.parts[0]?.attributes ?? []);
    this.#channels = new PrefixIndex(
      channels.map(({ channel }) => channel),
      ({ name }) => name,
    );
  }

  find({ set, fields }: Declaration): Finding {
    if (this.#refusal !== undefined) return unlisted('unreadable', this.#refusal);
    if (set.prefix !== 'cryptomatte/')
      return unlisted('other-prefix', `scripts do not look for attributes that begin with ${set.prefix}`);
    if (!fields.has(0)) return unlisted('other-part', 'scripts read only part 0');
    if (this.#bad !== undefined)
      return unlisted(
        'bad-attribute',
        `the attribute "${this.#bad}" is none that the specification knows, and ends the reading`,
        this.#bad,
      );
    if (!set.name) return unlisted('no-name', 'a Cryptomatte without a name ends the reading');
    return { listed: set.name, ...this.#ranks(set.name) };
  }

  #ranks(name: string): Pick<Finding, 'ranks' | 'problem'> {
    const known = this.#found.get(name) ?? this.#rank(name);
    this.#found.set(name, known);
    return known;
  }

  /** Names with two digits after the Cryptomatte's and a component at their end, by the two digits before their last dot. */
  #rank(name: string): Pick<Finding, 'ranks' | 'problem'> {
    const own = this.#channels
      .startingWith(name)
      .filter(
        (channel) =>
          /^[0-9][0-9]/.test(channel.name.slice(name.length)) &&
          parseComponent(parseChannelName(channel.name).component),
      );
    const odd = own.find((channel) => !/[0-9][0-9]$/.test(parseChannelName(channel.name).layer));
    if (odd) return fault(`"${odd.name}" has no two digits before its component`);
    const byRank = groupBy(own, (channel) => Number(parseChannelName(channel.name).layer.slice(-2)));
    const numbers = [...byRank.keys()].sort((a, b) => a - b);
    const ranks = numbers.map((number) => inOrder(byRank.get(number) ?? []));
    const gap = numbers.findIndex((number, index) => number !== index);
    if (gap >= 0) return fault(`rank ${String(gap).padStart(2, '0')} is missing`, 'missing-ranks');
    const short = ranks.findIndex(
      (rank, index) => rank.length !== 4 && !(index === ranks.length - 1 && rank.length === 2),
    );
    if (short >= 0) return fault(`rank ${String(short).padStart(2, '0')} has ${ranks[short]?.length} channels`);
    return { ranks, problem: undefined };
  }
}

function fault(
  text: string,
  code: 'missing-ranks' | 'rank-channels' = 'rank-channels',
): Pick<Finding, 'ranks' | 'problem'> {
  return { ranks: [], problem: { code, text: `scripts end at this Cryptomatte: ${text}` } };
}

function inOrder(channels: readonly Channel[]): Channel[] {
  return channels
    .map((channel) => ({ channel, slot: parseComponent(parseChannelName(channel.name).component)?.slot ?? 'a' }))
    .sort((a, b) => slots.indexOf(a.slot) - slots.indexOf(b.slot))
    .map(({ channel }) => channel);
}

/** An attribute that is not a `cryptomatte/KEY/FIELD` of the specification, or has a value that it does not allow. */
function badAttribute(attributes: Iterable<[string, Attribute]>): string | undefined {
  const fields: readonly string[] = setFields;
  for (const [name, value] of attributes) {
    if (!name.startsWith('cryptomatte/')) continue;
    const [, , field, ...rest] = name.split('/');
    const expected = field === 'hash' ? hashName : field === 'conversion' ? conversionName : undefined;
    if (field === undefined || rest.length > 0 || !fields.includes(field)) return name;
    // Only the type of a manifest counts here, and its text may be long.
    if (value.type !== 'string' || (expected !== undefined && stringAttribute(value) !== expected)) return name;
  }
  return undefined;
}
