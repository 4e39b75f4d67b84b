/** What changes over the frames of a shot: layers, types, codecs and windows, which comps take to be the same in all. */
import { formatFrames } from '../model/frame-numbers.js';
import { groupBy } from '../model/group-by.js';
import type { Header } from '../model/header.js';
import { firstFew, listed } from '../model/listed.js';
import { type FrameForm, formOf, type LayerForm, lossy } from './frame-form.js';

/** What a change is about; `loss` is a codec that loses something in some frames only. */
export type LayoutSubject = 'layers' | 'types' | 'codec' | 'loss' | 'storage' | 'display window' | 'data window';

/** Something that is not the same in every frame. */
export interface LayoutChange {
  readonly subject: LayoutSubject;
  /** For people: `layer "Depth" has R G B A in 1, V in 2-60`. */
  readonly text: string;
  /** The layers concerned; none where it is the whole file. */
  readonly layers: readonly string[];
  /** What most frames have. */
  readonly usual: string | undefined;
}

/** Values of one thing, and the frames that have them. */
type Values = ReadonlyMap<string | undefined, readonly number[]>;

/** For one and for several. */
type Verb = readonly [string, string];

const be: Verb = ['is', 'are'];

type FramesText = (frames: readonly number[]) => string;

/** Values that are listed one by one. */
const mostValues = 4;

/**
 * Gathers the headers of a shot's frames. Memory grows with the number of forms that frames have, and by a number for each frame.
 */
export class ShotLayout {
  readonly #framesText: FramesText;
  readonly #forms = new Map<string, { readonly form: FrameForm; readonly frames: number[] }>();

  /** `framesText` words some frames, for where they are called otherwise than by their numbers. */
  constructor(framesText: (frames: readonly number[]) => string = numbersText) {
    this.#framesText = framesText;
  }

  /** Takes in the header of a frame; its pixels are not needed. */
  add(frame: number, header: Pick<Header, 'parts'>): void {
    const form = formOf(header);
    const key = JSON.stringify([form.display, form.data, form.codec, [...form.layers]]);
    const known = this.#forms.get(key);
    if (known) known.frames.push(frame);
    else this.#forms.set(key, { form, frames: [frame] });
  }

  /** Empty where all frames are alike. */
  changes(): LayoutChange[] {
    const forms = [...this.#forms.values()];
    if (forms.length < 2) return [];
    const names = [...new Set(forms.flatMap(({ form }) => [...form.layers.keys()]))];
    const perLayer = (value: (form: LayerForm) => string): ReadonlyMap<string, Values> =>
      new Map(names.map((name) => [name, this.#values(({ layers }) => valueIn(layers.get(name), value))]));
    const words = this.#framesText;
    const types = withoutAbsent(perLayer((form) => form.types));
    const codecs = withoutAbsent(perLayer((form) => form.codec));
    const storage = withoutAbsent(perLayer((form) => form.storage));
    const components = perLayer((form) => form.components);
    const isOneCodec = forms.every(({ form }) => form.codec !== undefined);
    return [
      ...layerChanges('layers', components, ['has', 'have'], words),
      ...layerChanges('types', types, be, words),
      ...(isOneCodec
        ? fileCodecChange(
            this.#values(({ codec }) => codec),
            words,
          )
        : codecChanges(codecs, words)),
      ...layerChanges('storage', storage, ['is stored in', 'are stored in'], words),
      ...windowChanges(
        'display window',
        this.#values(({ display }) => display),
        words,
      ),
      ...windowChanges(
        'data window',
        this.#values(({ data }) => data),
        words,
      ),
    ];
  }

  #values(value: (form: FrameForm) => string | undefined): Values {
    const found = new Map<string | undefined, number[]>();
    for (const { form, frames } of this.#forms.values()) {
      const own = value(form);
      const known = found.get(own);
      if (known) for (const frame of frames) known.push(frame);
      else found.set(own, [...frames]);
    }
    return found;
  }
}

function valueIn(layer: LayerForm | undefined, value: (form: LayerForm) => string): string | undefined {
  return layer && value(layer);
}

/** What a layer that is missing would be stored as is no question. */
function withoutAbsent(layers: ReadonlyMap<string, Values>): ReadonlyMap<string, Values> {
  return new Map(
    [...layers].map(([name, values]) => [name, new Map([...values].filter(([value]) => value !== undefined))]),
  );
}

/** Layers with which the same happens share a line. */
function layerChanges(
  subject: LayoutSubject,
  layers: ReadonlyMap<string, Values>,
  verb: Verb,
  words: FramesText,
): LayoutChange[] {
  const changing = [...layers].filter(([, values]) => values.size > 1);
  const alike = groupBy(changing, ([, values]) => changeText(values, verb[0], be[0], words));
  return [...alike.values()].map((own) => {
    const names = own.map(([name]) => name);
    const values = own[0]?.[1] ?? new Map();
    const number = names.length > 1 ? 1 : 0;
    const text = changeText(values, verb[number], be[number], words);
    return { subject, text: `${layersText(names)} ${text}`, layers: names, usual: usualOf(values) };
  });
}

function usualOf(values: Values): string | undefined {
  const [most] = [...values].toSorted(([, a], [, b]) => b.length - a.length);
  return most?.[0];
}

function changeText(values: Values, verb: string, is: string, words: FramesText): string {
  const there = [...values].filter(([value]) => value !== undefined);
  const missing = values.get(undefined);
  const [only, ...others] = there;
  if (missing && only && others.length === 0) return `${is} missing in ${words(missing)}, there in ${words(only[1])}`;
  const lacking = missing ? `; ${is} missing in ${words(missing)}` : '';
  return `${verb} ${valuesText(there, words)}${lacking}`;
}

function valuesText(values: readonly (readonly [string | undefined, readonly number[]])[], words: FramesText): string {
  const shown = values.map(([value, frames]) => `${value} in ${words(frames)}`);
  return firstFew(shown, ', ', mostValues);
}

function layersText(names: readonly string[]): string {
  if (names.length > 1) return `layers ${listed(names)}`;
  return names[0] === '' ? 'the layer without a name' : `layer ${listed(names)}`;
}

/** Ranges, as far as they are readable. */
function numbersText(frames: readonly number[]): string {
  return `${frames.length === 1 ? 'frame' : 'frames'} ${firstFew(formatFrames(frames).split(','), ',', 8)}`;
}

/** Codecs of layers in files with several. */
function codecChanges(layers: ReadonlyMap<string, Values>, words: FramesText): LayoutChange[] {
  const ofSubject = (wanted: boolean) =>
    new Map([...layers].filter(([, own]) => own.size > 1 && isPartlyLossy(own) === wanted));
  return [...layerChanges('loss', ofSubject(true), be, words), ...layerChanges('codec', ofSubject(false), be, words)];
}

/** The codecs of files that have one each. */
function fileCodecChange(values: Values, words: FramesText): LayoutChange[] {
  if (values.size < 2) return [];
  const subject = isPartlyLossy(values) ? 'loss' : 'codec';
  return [{ subject, text: `the codec is ${valuesText([...values], words)}`, layers: [], usual: usualOf(values) }];
}

function isPartlyLossy(values: Values): boolean {
  return new Set([...values.keys()].map((value) => value?.endsWith(lossy))).size > 1;
}

function windowChanges(subject: 'display window' | 'data window', values: Values, words: FramesText): LayoutChange[] {
  if (values.size < 2) return [];
  const all = [...values];
  const frames = all.reduce((sum, [, own]) => sum + own.length, 0);
  const text =
    all.length <= mostValues
      ? `is ${valuesText(all, words)}`
      : `has ${all.length} values over ${frames} frames, such as ${valuesText(all.slice(0, 2), words)}`;
  return [{ subject, text: `the ${subject} ${text}`, layers: [], usual: usualOf(values) }];
}
