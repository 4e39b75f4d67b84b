/**
 * Advice that names options, as data: the library phrases it for callers of functions, the command line for its users. Plain
 * data, so that it survives the way between threads.
 */

/** A step of a chain: `compress({ to: 'zip' })` in a program, `"compress --to zip"` on the command line. */
export interface AdvisedStep {
  readonly filter: string;
  /** By the names they have in the library; `true` is a flag. */
  readonly options: Readonly<Record<string, string | true | readonly string[]>>;
  /** It comes after the existing steps. */
  readonly after?: true;
}

/** Steps that belong together: `"drop --layer a then repair"` on the command line. */
export interface AdvisedChain {
  readonly chain: readonly AdvisedStep[];
}

/**
 * An option of a run, or of the filter that is being spoken of: `allowLossy`, and `--allow-lossy` on the command line. With a value
 * `as: 'parts'`, and `--as parts`.
 */
export interface AdvisedOption {
  readonly option: string;
  readonly value?: string | readonly string[];
}

/** What the program that shows it phrases. */
export type AdvisedPiece = AdvisedStep | AdvisedChain | AdvisedOption;

/** Text, and what the program that shows it phrases. */
export type Advice = readonly (string | AdvisedPiece)[];

/**
 * Advice as a template: ``advise`Accept the loss with ${optionNamed('allowLossy')}.` ``. Pieces of advice may be parts of another;
 * numbers are text.
 */
export function advise(
  texts: TemplateStringsArray,
  ...pieces: readonly (string | number | AdvisedPiece | Advice)[]
): Advice {
  return texts.flatMap((text, at) => [text, ...pieces.slice(at, at + 1).flatMap(flat)]).filter((piece) => piece !== '');
}

function flat(piece: string | number | AdvisedPiece | Advice): Advice {
  if (typeof piece === 'number') return [String(piece)];
  return isAdvice(piece) ? piece : [piece];
}

function isAdvice(piece: string | AdvisedPiece | Advice): piece is Advice {
  return Array.isArray(piece);
}

/** A step of a filter by its name, with options by the names that they have in the library. */
export function stepOf(filter: string, options: AdvisedStep['options'] = {}): AdvisedStep {
  return { filter, options };
}

/** A step to be added to the chain. */
export function stepAfter(filter: string, options: AdvisedStep['options'] = {}): AdvisedStep {
  return { filter, options, after: true };
}

/** Steps to be run one after the other. */
export function chainOf(...chain: readonly AdvisedStep[]): AdvisedChain {
  return { chain };
}

/** An option by the name that it has in the library, and a value or several for it. */
export function optionNamed(option: string, value?: string | readonly string[]): AdvisedOption {
  return value === undefined ? { option } : { option, value };
}

/** Advice in the words of the library: names of functions and options. */
export function adviceText(advice: string | Advice): string {
  if (typeof advice === 'string') return advice;
  return advice.map((piece) => (typeof piece === 'string' ? piece : inLibraryWords(piece))).join('');
}

function inLibraryWords(piece: AdvisedPiece): string {
  if ('chain' in piece) return piece.chain.map(stepText).join(' then ');
  if ('option' in piece) return `\`${piece.option}${piece.value === undefined ? '' : `: ${literal(piece.value)}`}\``;
  return stepText(piece);
}

function stepText({ filter, options }: AdvisedStep): string {
  const name = filter.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const texts = Object.entries(options).map(([key, value]) => `${key}: ${literal(value)}`);
  return texts.length === 0 ? `\`${name}\`` : `\`${name}({ ${texts.join(', ')} })\``;
}

function literal(value: string | true | readonly string[]): string {
  if (value === true) return 'true';
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`;
  return `[${value.map(literal).join(', ')}]`;
}
