/** A channel name, split: `main.Combined.R` is component `R` of layer `main.Combined`; `R` is in the root layer ''. */
export interface ChannelName {
  readonly layer: string;
  readonly component: string;
}

export function parseChannelName(name: string): ChannelName {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? { layer: '', component: name } : { layer: name.slice(0, dot), component: name.slice(dot + 1) };
}

export function joinChannelName(layer: string, component: string): string {
  return layer === '' ? component : `${layer}.${component}`;
}

/** The distinct layers of some channels, in order of appearance. */
export function layerNames(channels: Iterable<{ readonly name: string }>): string[] {
  return [...new Set([...channels].map(({ name }) => parseChannelName(name).layer))];
}
