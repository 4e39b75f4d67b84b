/** How Nuke and its Cryptomatte plug-in spell names. */
import { encodeText } from '../../model/text.js';

export interface NukeChannel {
  /** '' for the main layer (rgba, depth, other). */
  readonly layer: string;
  readonly channel: string;
  readonly view: string;
}

/** Spellings of the four components that become Nuke's own words. */
const componentNames: ReadonlyMap<string, string> = new Map(
  ['red', 'green', 'blue', 'alpha'].flatMap((word) => {
    const [letter, capital] = [word.slice(0, 1), word.slice(0, 1).toUpperCase()];
    return [letter, capital, capital + word.slice(1), word.toUpperCase()].map((spelling) => [spelling, word]);
  }),
);

/**
 * What Nuke makes of a channel's name with its prefix, from its reader as published in the NDK examples
 * (ExrChannelNameToNuke.cpp): it is split at its first two dots, every piece loses leading digits, empty ones are dropped,
 * everything but letters and digits becomes `_`, a view among all pieces but the last is removed, and the rest is the layer.
 * It works on bytes, so a character beyond ASCII becomes several `_`. RenderMan's layer `Ci` is the main one.
 */
export function nukeChannel(name: string, views: ReadonlySet<string>): NukeChannel {
  const pieces = name.split('.');
  const pieced = [...pieces.slice(0, 2), ...(pieces.length > 2 ? [pieces.slice(2).join('.')] : [])]
    .map((piece) => plain(piece.replace(/^[0-9]+/, '')))
    .filter((piece) => piece !== '');
  const component = pieced.pop() ?? 'unnamed';
  const layer = pieced.filter((piece) => !views.has(piece)).join('_');
  return {
    layer: layer === 'Ci' ? '' : layer,
    channel: componentNames.get(component) ?? component,
    view: pieced.findLast((piece) => views.has(piece)) ?? '',
  };
}

function plain(text: string): string {
  if (/^[A-Za-z0-9]*$/.test(text)) return text;
  return Array.from(encodeText(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9]/.test(character) ? character : '_';
  }).join('');
}

/**
 * A Cryptomatte's name as Psyop's plug-in for Nuke spells it to find its channels: every character but letters, digits,
 * `_` and `-` becomes `_`, and a leading digit gets a `_` before it (cryptomatte_utilities.py, `_legal_nuke_layer_name`).
 */
export function legalName(name: string): string {
  const legal = name.replace(/[^A-Za-z0-9_-]/gu, '_');
  return /^[0-9]/.test(legal) ? `_${legal}` : legal;
}
