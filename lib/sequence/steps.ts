import type { AnyFilter, Step } from '../engine/filter.js';
import { ExrError } from '../model/error.js';
import { pathToFileURL } from '../node/paths.js';
import { canonicalText } from './mark.js';
import type { StepData } from './messages.js';

/** The address of a module given as a path or URL. */
export function moduleAddress(module: string | URL): string {
  if (module instanceof URL) return module.href;
  return /^[a-z]+:/i.test(module) && !/^[a-z]:[\\/]/i.test(module) ? module : pathToFileURL(module).href;
}

/** Steps as data. A list without entries is what a filter makes of a list that was not given, so it is not given again. */
export function stepData(steps: readonly Step[]): StepData[] {
  return steps.map(({ filter, options, found }) => ({
    filter,
    ...(found !== undefined && { found }),
    options: Object.fromEntries(
      Object.entries(options).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
    ),
  }));
}

/** Makes steps from data with the filters of a module. Throws when it lacks one. */
export async function makeSteps(address: string, steps: readonly StepData[]): Promise<Step[]> {
  const table = filterTable((await import(address)) as Readonly<Record<string, unknown>>);
  return steps.map(({ filter, options, found }) => {
    const known = table.get(filter);
    if (!known) throw new ExrError('usage', 'NO_SUCH_FILTER', `${address} exports no filter "${filter}"`);
    return known.create(options, found);
  });
}

/** Whether another thread can make the very same steps: their filters are in the module, and nothing else is in their options. */
export async function canMakeSteps(address: string, steps: readonly Step[]): Promise<boolean> {
  try {
    const data = structuredClone(stepData(steps));
    const again = await makeSteps(address, data);
    return again.every(
      (step, at) =>
        canonicalText(step.options) === canonicalText(steps[at]?.options) &&
        (step.found === undefined) === (steps[at]?.found === undefined),
    );
  } catch {
    // A module that cannot be loaded or lacks a filter, options that cannot be copied: all the same, frames stay here.
    return false;
  }
}

function filterTable(module: Readonly<Record<string, unknown>>): Map<string, AnyFilter> {
  const { filters: list } = module;
  const candidates = Array.isArray(list) ? list : Object.values(module);
  return new Map(candidates.filter(isFilter).map((filter) => [filter.definition.name, filter]));
}

function isFilter(value: unknown): value is AnyFilter {
  return (
    (typeof value === 'function' || (typeof value === 'object' && value !== null)) &&
    'definition' in value &&
    'create' in value &&
    typeof value.create === 'function'
  );
}
