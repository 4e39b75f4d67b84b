// In which order packets follow each other (T.800, B.12): each progression sorts them by resolution, component, and the
// place of their precinct on the reference grid. There is one quality layer.
import type { Component, Progression } from './codestream.js';
import type { Plan, Resolution } from './geometry.js';

/** The component and number of each packet, in order; see Resolution.firstPacket for the number. */
export interface PacketOrder {
  readonly count: number;
  readonly component: Uint16Array;
  readonly resolution: Uint8Array;
  readonly precinct: Uint32Array;
}

export function countPackets(plans: readonly Plan[]): number {
  return plans.reduce((sum, { packets }) => sum + packets, 0);
}

/** The packets of all components. `plans` are the components' plans. */
export function orderPackets(
  progression: Progression,
  components: readonly Component[],
  plans: readonly Plan[],
): PacketOrder {
  const count = countPackets(plans);
  const order = {
    count,
    component: new Uint16Array(count),
    resolution: new Uint8Array(count),
    precinct: new Uint32Array(count),
  };
  const most = Math.max(0, ...plans.map(({ resolutions }) => resolutions.length));
  let at = 0;
  const add = (component: number, resolution: number): void => {
    const own = plans[component]?.resolutions[resolution];
    if (own === undefined) return;
    const precincts = own.precinctsWide * own.precinctsHigh;
    for (let precinct = 0; precinct < precincts; ++precinct, ++at) {
      order.component[at] = component;
      order.resolution[at] = resolution;
      order.precinct[at] = precinct;
    }
  };
  // Where all precincts begin in the corner, or position is the last key, a plain traversal is in order.
  if (progression === 'PCRL' || progression === 'CPRL') {
    for (let c = 0; c < plans.length; ++c) for (let r = 0; r < most; ++r) add(c, r);
  } else {
    for (let r = 0; r < most; ++r) for (let c = 0; c < plans.length; ++c) add(c, r);
  }
  const isSorted =
    progression === 'LRCP' ||
    progression === 'RLCP' ||
    plans.every(({ resolutions, packets }) => packets === resolutions.length);
  return isSorted ? order : sortByPlace(order, progression, components, plans);
}

function sortByPlace(
  order: PacketOrder,
  progression: Progression,
  components: readonly Component[],
  plans: readonly Plan[],
): PacketOrder {
  const { count } = order;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  for (let i = 0; i < count; ++i) {
    const c = order.component[i] as number;
    const r = order.resolution[i] as number;
    const { coding, xSampling, ySampling } = components[c] as Component;
    const { precinctsWide } = (plans[c] as Plan).resolutions[r] as Resolution;
    const precinct = order.precinct[i] as number;
    const scale = 2 ** (coding.levels - r);
    x[i] = (precinct % precinctsWide) * 2 ** (coding.precinctWidths[r] as number) * scale * xSampling;
    y[i] = Math.floor(precinct / precinctsWide) * 2 ** (coding.precinctHeights[r] as number) * scale * ySampling;
  }
  const { component, resolution, precinct } = order;
  const keys = {
    RPCL: [resolution, y, x, component, precinct],
    PCRL: [y, x, component, resolution, precinct],
    CPRL: [component, y, x, resolution, precinct],
    LRCP: [resolution, component, precinct],
    RLCP: [resolution, component, precinct],
  }[progression];
  const sorted = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => {
    for (const key of keys) {
      const difference = (key[a] as number) - (key[b] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return {
    count,
    component: Uint16Array.from(sorted, (i) => component[i] as number),
    resolution: Uint8Array.from(sorted, (i) => resolution[i] as number),
    precinct: Uint32Array.from(sorted, (i) => precinct[i] as number),
  };
}
