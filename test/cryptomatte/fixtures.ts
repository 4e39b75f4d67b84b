import { readFileSync } from 'node:fs';
import { makeStringAttribute } from '../../lib/format/attribute-types.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { Attributes } from '../../lib/model/attributes.js';
import type { Channel, Header, Part, PixelType } from '../../lib/model/header.js';
import { compareText } from '../../lib/model/text.js';

const root = new URL('../../../test/fixtures/', import.meta.url);

/** The header of a real frame: `blender/b2_main_dot.0001.exr`, `blender/headers/panel_f32_zip.header`. */
export function fixtureHeader(path: string): Header {
  return parseHeader(readFileSync(new URL(path, root))).header;
}

export function single<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`expected one item, got ${items.length}`);
  return item;
}

/** Channels of one layer for each component: `layer('main.ids00', 'rgba')`. */
export function layer(
  name: string,
  components: string | readonly string[],
  type: PixelType = 'float',
): ChannelSketch[] {
  return [...components].map((component) => ({ name: `${name}.${component}`, type }));
}

export interface ChannelSketch {
  readonly name: string;
  readonly type?: PixelType;
}

/** A part for tests of pure header functions: scan lines, 8 x 8 pixels, the channels sorted as files have them. */
export function makePart(
  channels: readonly ChannelSketch[],
  strings: Readonly<Record<string, string>> = {},
  { number = 0, name, ...rest }: Partial<Part> & { readonly number?: number } = {},
): Part {
  const window = { xMin: 0, yMin: 0, xMax: 7, yMax: 7 };
  const sorted = channels.toSorted((a, b) => compareText(a.name, b.name));
  return {
    name,
    type: 'scanlineimage',
    compression: 'zip',
    channels: sorted.map(
      (channel, index): Channel => ({
        type: 'float',
        ...channel,
        xSampling: 1,
        ySampling: 1,
        linear: false,
        plane: { part: number, index },
      }),
    ),
    dataWindow: window,
    displayWindow: window,
    lineOrder: 'increasing',
    tiles: undefined,
    attributes: new Attributes(Object.entries(strings).map(([key, value]) => [key, makeStringAttribute(value)])),
    ...rest,
  };
}

export function makeHeader(...parts: Part[]): Header {
  return { parts, longNames: false, multiPart: parts.length > 1 };
}

/** The attributes of a sound set, as text by name. */
export function setStrings(key: string, name: string, manifest?: string): Record<string, string> {
  return {
    [`cryptomatte/${key}/name`]: name,
    [`cryptomatte/${key}/hash`]: 'MurmurHash3_32',
    [`cryptomatte/${key}/conversion`]: 'uint32_to_float32',
    ...(manifest === undefined ? {} : { [`cryptomatte/${key}/manifest`]: manifest }),
  };
}
