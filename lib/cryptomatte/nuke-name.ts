/**
 * How Nuke calls the layer of an EXR channel, after its reader as published in the NDK examples (exrReader.cpp): the
 * name is divided at its first two dots, a view among the pieces is taken out, what is no letter or digit becomes `_`,
 * and digits in front go away. It works on bytes, so a character beyond ASCII becomes several `_`.
 */
import { encodeText } from '../model/text.js';

const componentNames: ReadonlyMap<string, string> = new Map(
  ['red', 'green', 'blue', 'alpha'].flatMap((word) => [
    [word, word],
    [word.slice(0, 1), word],
    [word.slice(0, 1).toUpperCase(), word],
  ]),
);

export interface NukeChannel {
  readonly layer: string;
  readonly channel: string;
}

export function nukeChannel(name: string, views: ReadonlySet<string>): NukeChannel {
  const pieces = name.split('.');
  const first = [...pieces.slice(0, 2), ...(pieces.length > 2 ? [pieces.slice(2).join('.')] : [])];
  const kept = first.filter((piece, index) => index === first.length - 1 || !views.has(piece));
  const component = kept.pop() ?? '';
  const layer = plain(kept.join('_')).replace(/^\d+/, '');
  return { layer: layer === '' ? 'rgba' : layer, channel: componentNames.get(component) ?? plain(component) };
}

function plain(text: string): string {
  return Array.from(encodeText(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9]/.test(character) ? character : '_';
  }).join('');
}
