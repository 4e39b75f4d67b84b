/**
 * Advice that names options, as data: the library words it for who calls functions, the command line for who types words. Plain
 * data, so that it survives the way between threads.
 */

/** A step of a chain: `compress({ to: 'zip' })` in a program, `"compress --to zip"` on the command line. */
export interface AdvisedStep {
  readonly filter: string;
  /** By the names they have in the library; `true` is a flag. */
  readonly options: Readonly<Record<string, string | true | readonly string[]>>;
  /** It comes after the steps that are there. */
  readonly after?: true;
}

/** An option of a run, or of the filter that is being spoken of: `allowLossy`, and `--allow-lossy` on the command line. */
export interface AdvisedOption {
  readonly option: string;
}

/** Text, and what is worded by whoever shows it. */
export type Advice = readonly (string | AdvisedStep | AdvisedOption)[];

/** Advice as a template: ``advise`Accept the loss with ${optionNamed('allowLossy')}.` ``. */
export function advise(
  texts: TemplateStringsArray,
  ...pieces: readonly (string | AdvisedStep | AdvisedOption)[]
): Advice {
  return texts.flatMap((text, at) => [text, ...pieces.slice(at, at + 1)]).filter((piece) => piece !== '');
}

export function stepOf(filter: string, options: AdvisedStep['options'] = {}): AdvisedStep {
  return { filter, options };
}

/** A step to be added to the chain. */
export function stepAfter(filter: string, options: AdvisedStep['options'] = {}): AdvisedStep {
  return { filter, options, after: true };
}

export function optionNamed(option: string): AdvisedOption {
  return { option };
}

/** Advice in the words of the library. */
export function adviceText(advice: string | Advice): string {
  if (typeof advice === 'string') return advice;
  return advice.map((piece) => (typeof piece === 'string' ? piece : inLibraryWords(piece))).join('');
}

function inLibraryWords(piece: AdvisedStep | AdvisedOption): string {
  if ('option' in piece) return `\`${piece.option}\``;
  const name = piece.filter.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const options = Object.entries(piece.options).map(([key, value]) => `${key}: ${literal(value)}`);
  return options.length === 0 ? `\`${name}\`` : `\`${name}({ ${options.join(', ')} })\``;
}

function literal(value: string | true | readonly string[]): string {
  if (value === true) return 'true';
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`;
  return `[${value.map(literal).join(', ')}]`;
}
