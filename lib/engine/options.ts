import { ExrError } from '../model/error.js';

interface OptionBase {
  /** One line for the help; starts with a lower-case letter, no full stop. */
  readonly summary: string;
  /** What represents the value in the help: `OLD=NEW`. With an equals sign, bare words that hold one are no inputs. */
  readonly placeholder?: string;
  /** Taken from the bare words after the filter's name, in the order of definition, before the inputs. */
  readonly positional?: boolean;
}

/** How one option is written. The definition drives the library's types, the command line, pipeline files and the reference. */
export type OptionSpec = OptionBase &
  (
    | { readonly type: 'text'; readonly required?: boolean; readonly default?: string }
    | {
        readonly type: 'number';
        readonly required?: boolean;
        readonly default?: number;
        readonly min?: number;
        readonly max?: number;
      }
    | { readonly type: 'flag' }
    | { readonly type: 'list'; readonly required?: boolean; readonly choices?: readonly string[] }
    | {
        readonly type: 'choice';
        readonly choices: readonly string[];
        readonly required?: boolean;
        readonly default?: string;
      }
    | (FileOptionFacts & { readonly type: 'file' | 'files' })
  );

/** What is known of options that name files: `file` is the path of one, `files` a list of paths. Their values are plain text. */
interface FileOptionFacts {
  readonly required?: boolean;
  /** What may stand there instead of a path. */
  readonly names?: readonly string[];
  /** The file is written, not read. */
  readonly writes?: boolean;
}

/** Options by name, in the order of the help. */
export type OptionSpecs = { readonly [name: string]: OptionSpec };

type ValueOf<Spec extends OptionSpec> = Spec extends { type: 'number' }
  ? number
  : Spec extends { type: 'flag' }
    ? boolean
    : Spec extends { type: 'list'; choices: readonly (infer Choice)[] }
      ? readonly Choice[]
      : Spec extends { type: 'list' | 'files' }
        ? readonly string[]
        : Spec extends { type: 'choice'; choices: readonly (infer Choice)[] }
          ? Choice
          : string;

type Always<Spec extends OptionSpec> = Spec extends
  | { type: 'flag' | 'list' | 'files' }
  | { required: true }
  | { default: unknown }
  ? true
  : false;

/** Option values as a filter's code sees them: defaults filled in, lists and flags always there. */
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs as Always<Specs[Name]> extends true ? Name : never]: ValueOf<Specs[Name]>;
} & {
  readonly [Name in keyof Specs as Always<Specs[Name]> extends true ? never : Name]?: ValueOf<Specs[Name]>;
};

/** Option values as a caller writes them. */
export type OptionInput<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs as Specs[Name] extends { required: true } ? Name : never]: ValueOf<Specs[Name]>;
} & {
  readonly [Name in keyof Specs as Specs[Name] extends { required: true } ? never : Name]?: ValueOf<Specs[Name]>;
};

/** Whether an option's value is a list: it may be given several times. */
export function takesList(spec: OptionSpec): boolean {
  return spec.type === 'list' || spec.type === 'files';
}

/**
 * The paths of the files that options with these values have read, as they are given: one may hold `####` for the frame.
 * Not those of files that are written, not what stands there instead of a path, and not `-`.
 */
export function fileOptions(specs: OptionSpecs, values: Readonly<Record<string, unknown>>): readonly string[] {
  const paths: string[] = [];
  describeFiles(specs, values, (path) => paths.push(path));
  return paths;
}

/** The same values with something else in place of each of these paths. */
export function describeFiles(
  specs: OptionSpecs,
  values: Readonly<Record<string, unknown>>,
  describe: (path: string) => unknown,
): Readonly<Record<string, unknown>> {
  const described = { ...values };
  for (const [name, spec] of Object.entries(specs)) {
    if ((spec.type !== 'file' && spec.type !== 'files') || spec.writes || !Object.hasOwn(values, name)) continue;
    const one = (value: unknown): unknown => (isPath(value, spec) ? describe(value) : value);
    const value = values[name];
    described[name] = Array.isArray(value) ? value.map(one) : one(value);
  }
  return described;
}

function isPath(value: unknown, { names = [] }: FileOptionFacts): value is string {
  return typeof value === 'string' && value !== '-' && !names.includes(value);
}

/**
 * Checks values of unknown origin (a program, a command line, a pipeline file) and fills in defaults.
 *
 * @throws ExrError of kind `usage` that names the filter, the option and what would be right.
 */
export function checkOptions<Specs extends OptionSpecs>(
  filter: string,
  specs: Specs,
  input: Readonly<Record<string, unknown>>,
): OptionValues<Specs> {
  const unknown = Object.keys(input).find((name) => input[name] !== undefined && !Object.hasOwn(specs, name));
  if (unknown !== undefined)
    throw usage(
      filter,
      `does not know the option "${unknown}"`,
      `It knows: ${Object.keys(specs).join(', ') || 'none'}.`,
    );
  const values = Object.entries(specs).flatMap(([name, spec]): [string, unknown][] => {
    const value = checkValue(filter, name, spec, input[name]);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(values) as OptionValues<Specs>;
}

function notAChoice(filter: string, name: string, choices: readonly string[], value: unknown): ExrError {
  return usage(filter, `the option "${name}" is one of ${choices.join(', ')}, not ${JSON.stringify(value)}`);
}

function checkValue(filter: string, name: string, spec: OptionSpec, value: unknown): unknown {
  if (value === undefined) {
    if (spec.type === 'flag') return false;
    if ('required' in spec && spec.required) throw usage(filter, `needs the option "${name}" (${spec.summary})`);
    if (takesList(spec)) return [];
    return 'default' in spec ? spec.default : undefined;
  }
  switch (spec.type) {
    case 'flag':
      if (typeof value === 'boolean') return value;
      throw usage(filter, `the option "${name}" is true or false, not ${JSON.stringify(value)}`);
    case 'number': {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = spec;
      if (typeof value === 'number' && value >= min && value <= max) return value;
      const range = spec.min === undefined && spec.max === undefined ? '' : ` from ${min} to ${max}`;
      throw usage(filter, `the option "${name}" is a number${range}, not ${JSON.stringify(value)}`);
    }
    case 'list':
    case 'files': {
      const list = typeof value === 'string' ? [value] : value;
      if (Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string')) {
        const choices = spec.type === 'list' ? spec.choices : undefined;
        const wrong: unknown = choices && list.find((item) => !choices.includes(item));
        if (choices && wrong !== undefined) throw notAChoice(filter, name, choices, wrong);
        return list;
      }
      throw usage(filter, `the option "${name}" is text or a list of texts, not ${JSON.stringify(value)}`);
    }
    case 'choice':
      if (typeof value === 'string' && spec.choices.includes(value)) return value;
      throw notAChoice(filter, name, spec.choices, value);
    case 'text':
    case 'file':
      if (typeof value === 'string') return value;
      throw usage(filter, `the option "${name}" is text, not ${JSON.stringify(value)}`);
  }
}

function usage(filter: string, message: string, hint?: string): ExrError {
  return new ExrError('usage', 'BAD_OPTION', `${filter}: ${message}`, hint === undefined ? {} : { hint });
}
