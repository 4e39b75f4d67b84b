/** The four channels of a Cryptomatte's rank layer, in the spellings that programs use. */

/** Place of a channel within its rank layer, by the specification's letters. */
export type ComponentSlot = 'r' | 'g' | 'b' | 'a';
export const slots = ['r', 'g', 'b', 'a'] as const satisfies readonly ComponentSlot[];

/** How components are spelt: `r` (specification, Blender from 3.0), `R` (Arnold, Karma), `red` (Nuke, Clarisse). */
export type Spelling = 'lower' | 'upper' | 'word';

/** A component of a rank layer: which it is, and how it is spelt. */
export interface Component {
  readonly slot: ComponentSlot;
  readonly spelling: Spelling;
}

const words: Readonly<Record<ComponentSlot, string>> = { r: 'red', g: 'green', b: 'blue', a: 'alpha' };

const components: ReadonlyMap<string, Component> = new Map(
  slots.flatMap((slot): [string, Component][] => [
    [slot, { slot, spelling: 'lower' }],
    [slot.toUpperCase(), { slot, spelling: 'upper' }],
    [words[slot], { slot, spelling: 'word' }],
  ]),
);

/** Slot and spelling of a component name; undefined for one that no Cryptomatte has. */
export function parseComponent(component: string): Component | undefined {
  return components.get(component);
}
