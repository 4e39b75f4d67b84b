/**
 * What programs for plain images show: one image in a file, of channels R, G, B (and A) or of Y alone (docs/viewers.md has the
 * programs that were tried).
 */
import type { Channel } from '../../lib/index.js';
import { type ChannelPlace, parseComponent } from '../../lib/layers/index.js';

/** One image of a layer, by the names that its channels get. */
export interface ViewerImage {
  readonly channels: readonly { readonly channel: Channel; readonly name: string }[];
  /** What tells it from the other images of its layer: nothing for the colour, or for a layer of one channel. */
  readonly title: string;
  /** Names of channels that have to be there, and are zero. */
  readonly zeros: readonly string[];
}

/** Components that are an image together, in the order of R, G, B, A; those after the bar may be missing. */
const families: readonly { readonly needed: readonly string[]; readonly more: string }[] = [
  { needed: ['x', 'y', 'z'], more: 'w' },
  { needed: ['u', 'v', 'w'], more: 'a' },
  { needed: ['u', 'v'], more: 'a' },
];

const colours = { r: 'R', g: 'G', b: 'B', a: 'A' } as const;
const letters = ['R', 'G', 'B', 'A'];

/** Luminance and chroma, or grey with its alpha (ImfRgba.h), which readers know as they are. */
const luminance = ['Y', 'RY', 'BY', 'A'];

/**
 * The images in the channels of one layer and one view: its colour, and every other channel alone. Colours of any spelling, and
 * vectors, are R, G, B and A; a channel alone is Y.
 */
export function viewerImages(places: readonly ChannelPlace[]): ViewerImage[] {
  const whole = colour(places) ?? chroma(places) ?? vector(places);
  const taken = new Set(whole?.channels.map(({ channel }) => channel));
  const alone = places.filter(({ channel }) => !taken.has(channel));
  return [
    ...(whole ? [whole] : []),
    ...alone.map(
      ({ channel, component }): ViewerImage => ({
        channels: [{ channel, name: 'Y' }],
        title: whole || alone.length > 1 ? component : '',
        zeros: [],
      }),
    ),
  ];
}

function colour(places: readonly ChannelPlace[]): ViewerImage | undefined {
  const found = new Map<string, ChannelPlace>();
  for (const place of places) {
    const slot = parseComponent(place.component)?.slot;
    if (slot !== undefined && !found.has(colours[slot])) found.set(colours[slot], place);
  }
  return ['R', 'G', 'B'].every((name) => found.has(name)) ? imageOf(found) : undefined;
}

function chroma(places: readonly ChannelPlace[]): ViewerImage | undefined {
  const found = new Map(
    places.flatMap((place) => (luminance.includes(place.component) ? [[place.component, place]] : [])),
  );
  return found.has('Y') && found.size > 1 && !places.some(({ component }) => /^[xz]$/i.test(component))
    ? imageOf(found)
    : undefined;
}

function vector(places: readonly ChannelPlace[]): ViewerImage | undefined {
  const known = new Map(places.map((place) => [place.component.toLowerCase(), place]));
  for (const { needed, more } of families) {
    const own = needed.flatMap((component) => known.get(component) ?? []);
    if (own.length < needed.length) continue;
    const found = new Map(own.map((place, at) => [letters[at] as string, place]));
    const last = known.get(more);
    if (last) found.set('A', last);
    return imageOf(found, needed.length === 2 ? ['B'] : []);
  }
  return undefined;
}

function imageOf(found: ReadonlyMap<string, ChannelPlace>, zeros: readonly string[] = []): ViewerImage {
  return { channels: [...found].map(([name, { channel }]) => ({ channel, name })), title: '', zeros };
}
