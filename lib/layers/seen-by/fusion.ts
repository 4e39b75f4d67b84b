/** Psyop's Fuse for Fusion and DaVinci Resolve (cryptomatte.fuse, cryptomatte_utilities.lua). */
import type { Channel, Header } from '../../model/header.js';
import { parseChannelName } from '../../model/names.js';
import { type ComponentSlot, parseComponent, slots } from '../components.js';
import { refusal } from './openexr.js';
import { PrefixIndex } from './prefix-index.js';
import { type Declaration, type Finding, type Reader, type SeenChannel, unlisted } from './program.js';

export const fusion: Reader = {
  channels: (header) =>
    header.parts.flatMap((part, number) =>
      part.channels.map((channel): SeenChannel => {
        const { layer, component } = parseChannelName(channel.name);
        return { part: number, channel, layer, name: component, view: '' };
      }),
    ),
  find(header, _channels, declarations) {
    const file = new FusionFile(header);
    return declarations.map((declaration) => file.find(declaration));
  },
};

class FusionFile {
  readonly #severalParts: boolean;
  readonly #refusal: string | undefined;
  readonly #bad: string | undefined;
  readonly #channels: PrefixIndex<{ readonly channel: Channel; readonly order: number }>;
  readonly #found = new Map<string, Pick<Finding, 'ranks' | 'problem'>>();

  constructor(header: Pick<Header, 'parts'>) {
    this.#severalParts = header.parts.length > 1;
    this.#refusal = refusal(header);
    this.#bad = badAttribute(header);
    this.#channels = new PrefixIndex(
      (header.parts[0]?.channels ?? []).map((channel, order) => ({ channel, order })),
      ({ channel }) => channel.name,
    );
  }

  find({ set, fields }: Declaration): Finding {
    if (this.#refusal !== undefined) return unlisted('unreadable', this.#refusal);
    if (set.prefix !== 'cryptomatte/')
      return unlisted('other-prefix', `Fusion does not look for attributes that begin with ${set.prefix}`);
    const own = fields.get(0);
    if (!own) return unlisted('other-part', 'Fusion reads only the attributes of part 0');
    if (this.#bad !== undefined)
      return unlisted(
        'bad-attribute',
        `the attribute "${this.#bad}" stops Fusion: keys are lower-case letters and digits`,
        this.#bad,
      );
    if (set.name === undefined) return unlisted('no-name', 'Fusion lists no Cryptomatte without a name');
    const listed = set.name;
    if (this.#severalParts)
      return {
        listed,
        ranks: [],
        problem: { code: 'multi-part', text: 'Fusion reads no Cryptomattes of files with several parts' },
      };
    const manifest = own.get('manifest');
    const sidecar = own.has('manif_file');
    if (!sidecar && (manifest?.type !== 'string' || manifest.value.length === 0))
      return { listed, ranks: [], problem: { code: 'no-manifest', text: 'Fusion gives no mattes without a manifest' } };
    return {
      listed,
      notes: sidecar
        ? [{ code: 'sidecar', text: 'Fusion gives no mattes where the sidecar manifest is missing' }]
        : undefined,
      ...this.#ranks(set.name),
    };
  }

  #ranks(name: string): Pick<Finding, 'ranks' | 'problem'> {
    const known = this.#found.get(name) ?? this.#rank(name);
    this.#found.set(name, known);
    return known;
  }

  /** `_get_channel_hierarchy`: names that begin with the Cryptomatte's, by the last digit before a dot, the first one wins. */
  #rank(name: string): Pick<Finding, 'ranks' | 'problem'> {
    const found = this.#channels.startingWith(name).sort((a, b) => a.order - b.order);
    const ranks = new Map<string, Partial<Record<ComponentSlot, Channel>>>();
    for (const { channel } of found) {
      const [, digit, component] = /^.+([0-9])\.(.+)$/s.exec(channel.name) ?? [];
      if (digit === undefined || component === undefined) continue;
      const slot = parseComponent(component.toLowerCase())?.slot;
      if (!slot)
        return {
          ranks: [],
          problem: {
            code: 'rank-channels',
            text: `the channel "${channel.name}" stops Fusion, which takes it for a rank's`,
          },
        };
      const rank = ranks.get(digit) ?? {};
      ranks.set(digit, rank);
      rank[slot] ??= channel;
    }
    const ordered = [...ranks].sort(([a], [b]) => Number(a) - Number(b)).map(([, rank]) => rank);
    return { ranks: ordered.map((rank) => slots.flatMap((slot) => rank[slot] ?? [])), problem: undefined };
  }
}

/**
 * An attribute whose name does not match the pattern `%a+/([a-z0-9]+)/(.+)`: the script then stops, as it indexes a table with
 * nil.
 */
function badAttribute({ parts: [first] }: Pick<Header, 'parts'>): string | undefined {
  for (const [name] of first?.attributes ?? [])
    if (name.startsWith('cryptomatte/') && !/[A-Za-z]\/[a-z0-9]+\/./s.test(name)) return name;
  return undefined;
}
