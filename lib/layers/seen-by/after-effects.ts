/**
 * After Effects with fnord's ProEXR and its Cryptomatte effect (Cryptomatte_AE.cpp, ImfHybridInputFile.cpp,
 * ProEXR_Comp_Creator.cpp).
 */
import type { Channel, Header } from '../../model/header.js';
import { parseChannelName } from '../../model/names.js';
import { textLength } from '../../model/text.js';
import { type ComponentSlot, type Spelling, slots } from '../components.js';
import { refusal } from './openexr.js';
import { type Declaration, type Finding, type Reader, type SeenChannel, unlisted } from './program.js';

/** Room for a layer's name and for a channel's (PF_CHANNEL_NAME_LEN). */
const nameBytes = 63;

export const afterEffects: Reader = {
  channels: (header) =>
    hybridNames(header).map(({ part, channel, name }): SeenChannel => {
      const { layer, component } = parseChannelName(name);
      return { part, channel, layer, name: component, view: '' };
    }),
  find(header, channels, declarations) {
    const refused = refusal(header);
    const byName = new Map(channels.map(({ layer, name, channel }) => [`${layer}.${name}`, channel]));
    const found = new Map<string, readonly (readonly Channel[])[]>();
    const ranksOf = (name: string) => {
      const known = found.get(name) ?? ranks(name, byName);
      found.set(name, known);
      return known;
    };
    return declarations.map((declaration) => find(declaration, ranksOf, refused));
  },
};

interface HybridName {
  readonly part: number;
  readonly channel: Channel;
  readonly name: string;
}

/** In a multi-part file, the names of all parts but the first are put before the names of their channels, dots or not. */
function hybridNames({ parts }: Pick<Header, 'parts'>): HybridName[] {
  return parts.flatMap(({ name, channels }, part) => {
    const prefix = part > 0 && name !== undefined ? `${name}.` : '';
    return channels.map((channel) => ({ part, channel, name: prefix + channel.name }));
  });
}

function find(
  { set, fields }: Declaration,
  ranksOf: (name: string) => readonly (readonly Channel[])[],
  refused: string | undefined,
): Finding {
  if (refused !== undefined) return unlisted('unreadable', refused);
  if (set.prefix !== 'cryptomatte/')
    return unlisted('other-prefix', `After Effects does not look for attributes that begin with ${set.prefix}`);
  const own = fields.get(0);
  if (!own) return unlisted('other-part', 'After Effects reads only the attributes of part 0');
  if (!set.name) return unlisted('no-name', 'After Effects lists no Cryptomatte without a name');
  const ranks = ranksOf(set.name);
  const long = ranks.flat().find(({ name }) => textLength(name) > nameBytes);
  return {
    listed: set.name,
    ranks,
    problem:
      long || textLength(set.name) > nameBytes
        ? {
            code: 'long-name',
            text: `After Effects has ${nameBytes} bytes for a name; "${long?.name ?? set.name}" is longer`,
          }
        : undefined,
  };
}

const componentsBySpelling: Readonly<Record<Spelling, Readonly<Record<ComponentSlot, string>>>> = {
  upper: { r: 'R', g: 'G', b: 'B', a: 'A' },
  lower: { r: 'r', g: 'g', b: 'b', a: 'a' },
  word: { r: 'red', g: 'green', b: 'blue', a: 'alpha' },
};

/** `N00`, `N01`, … until one is missing, in one spelling for all; only float channels count, and a last rank may be one ID. */
function ranks(name: string, byName: ReadonlyMap<string, Channel>): Channel[][] {
  for (const components of Object.values(componentsBySpelling)) {
    const found = ranksSpelt(name, components, byName);
    if (found.length > 0) return found;
  }
  return [];
}

function ranksSpelt(
  name: string,
  components: Readonly<Record<ComponentSlot, string>>,
  byName: ReadonlyMap<string, Channel>,
): Channel[][] {
  const found: Channel[][] = [];
  for (;;) {
    const layer = name + String(found.length).padStart(2, '0');
    const own = slots
      .map((slot) => byName.get(`${layer}.${components[slot]}`))
      .map((one) => (isFloat(one) ? one : undefined));
    const [r, g, b, a] = own;
    if (!r || !g) return found;
    if (!b || !a) return [...found, [r, g]];
    found.push([r, g, b, a]);
  }
}

function isFloat(channel: Channel | undefined): channel is Channel {
  return channel?.type === 'float';
}
