/** Which layer is shown: the requested one, or the one that people mean by "the image". */

import { placesOf } from '../layers/place.js';
import { advise, optionNamed } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import type { Header } from '../model/header.js';
import { listed } from '../model/listed.js';
import { nearest } from '../model/near.js';
import { lookOf } from './kinds.js';
import { type Look, looksOf } from './looks.js';

/** Names of the beauty in programs that give it one, best first. */
const beauties = [/^combined$/i, /^(beauty|rgba?|colou?r|main|image)$/i, /^(composite|noisy image)$/i];

/**
 * The root layer's colour, else the beauty by any of its names, else the first colour, else whatever comes first.
 *
 * @throws ExrError of kind `unsupported` where there is nothing flat to show.
 */
export function defaultLook(header: Pick<Header, 'parts'>): Look {
  const found = preferredLook(header);
  if (found) return found;
  throw new ExrError('unsupported', 'NOTHING_TO_SHOW', 'the file has no layer that can be shown', {
    hint: 'Deep pixels are not shown; flatten them in the program that made them.',
  });
}

/** The same; undefined where there is none. */
export function preferredLook(header: Pick<Header, 'parts'>): Look | undefined {
  const all = looksOf(header);
  const colours = all.filter(({ kind }) => kind === 'colour' || kind === 'chroma');
  const root = colours.find(({ layer }) => layer === '');
  const named = beauties.flatMap((beauty) => colours.find(({ layer }) => beauty.test(lastPiece(layer))) ?? []);
  return root ?? named[0] ?? colours[0] ?? all.find(({ kind }) => kind === 'grey') ?? all[0];
}

/**
 * The look of a layer by its whole name, or by its last piece where only one layer ends so; where none is spelt so, capital and small
 * letters are the same. Of a Cryptomatte its IDs are shown, also where a layer of the same name has colours for people.
 *
 * @throws ExrError of kind `usage` for any other, with what there is.
 */
export function lookOfLayer(header: Pick<Header, 'parts'>, name: string): Look {
  const shown = looksOf(header);
  const names = shown.map(({ layer }) => layer);
  const [found, ...others] = layersCalled(names, name);
  if (others.length > 0)
    throw new ExrError('usage', 'SEVERAL_FIT', `several layers are called "${name}"`, {
      hint: `Name one of: ${listed([found ?? '', ...others])}.`,
    });
  const looks = shown.filter(({ layer }) => layer === found);
  const look = looks.find(({ kind }) => kind === 'ids') ?? looks[0];
  if (look) return look;
  const known = names.filter((layer) => layer !== '');
  const near = nearest(name, known);
  const all = known.length > 0 ? `There are: ${listed(known)}.` : 'What the file shows has no name.';
  throw new ExrError('usage', 'NO_SUCH_LAYER', `there is no layer "${name}"`, {
    hint: near === undefined ? all : `Did you mean "${near}"?`,
  });
}

/**
 * One channel of the file by its whole name, or of a layer by its last piece. In stereo files of each view.
 *
 * @throws ExrError of kind `usage`.
 */
export function lookOfChannel(header: Pick<Header, 'parts'>, name: string, layer: string | undefined): Look {
  const places = [...placesOf(header).values()];
  const called =
    layer === undefined
      ? undefined
      : layersCalled(
          places.map((place) => place.layer),
          layer,
        );
  const within = called ? places.filter((place) => called.includes(place.layer)) : places;
  const full = within.filter(({ channel }) => channel.name === name);
  const found =
    full.length > 0 ? full : within.filter(({ component }) => component.toLowerCase() === name.toLowerCase());
  const layers = new Set(found.map((place) => place.layer));
  const [first] = found;
  if (!first) {
    const names = within.map(({ channel }) => channel.name);
    throw new ExrError('usage', 'NO_SUCH_CHANNEL', `there is no channel "${name}"`, {
      hint: `There are: ${listed(names)}.`,
    });
  }
  if (layers.size > 1)
    throw new ExrError('usage', 'SEVERAL_FIT', `several layers have a channel "${name}"`, {
      hint: advise`Add ${optionNamed('layer')} with one of: ${listed([...layers])}.`,
    });
  const { component, channel } = first;
  const kind = lookOf(first.layer, new Map([[component.toLowerCase(), channel]]))?.kind ?? 'mask';
  const views = found.map(({ view, part, channel: own }) => ({ view, part, channels: [own] }));
  return { layer: channel.name, kind, views };
}

/** The layers that a name stands for: what is spelt so, else what ends so, else the same in capital or small letters. */
function layersCalled(layers: readonly string[], name: string): readonly string[] {
  const small = name.toLowerCase();
  const spellings: readonly ((layer: string) => boolean)[] = [
    (layer) => layer === name,
    (layer) => lastPiece(layer) === name,
    (layer) => layer.toLowerCase() === small,
    (layer) => lastPiece(layer).toLowerCase() === small,
  ];
  const all = [...new Set(layers)];
  return spellings.map((isCalled) => all.filter(isCalled)).find((found) => found.length > 0) ?? [];
}

function lastPiece(layer: string): string {
  return layer.slice(layer.lastIndexOf('.') + 1);
}
