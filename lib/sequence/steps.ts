import type { FilterStep } from '../engine/filter.js';
import { ExrError } from '../model/error.js';
import { loadModule } from '../node/modules.js';
import { canonicalText } from './mark.js';
import type { StepData } from './messages.js';
import { exportedFilters } from './plugins.js';

/** Steps as data. Empty lists are omitted: they are what a filter makes of an option that was not given. */
export function stepData(steps: readonly FilterStep[]): StepData[] {
  return steps.map(({ filter, options, found }) => ({
    filter,
    ...(found !== undefined && { found }),
    options: Object.fromEntries(
      Object.entries(options).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
    ),
  }));
}

/** Makes steps from data with the filters of modules. Throws when they lack one, or cannot be loaded. */
export async function makeSteps(addresses: readonly string[], steps: readonly StepData[]): Promise<FilterStep[]> {
  const modules = await Promise.all(addresses.map(loadModule));
  const table = new Map(modules.flatMap(exportedFilters).map((filter) => [filter.definition.name, filter]));
  return steps.map(({ filter, options, found }) => {
    const known = table.get(filter);
    if (!known) throw new ExrError('usage', 'NO_SUCH_FILTER', `no module exports a filter "${filter}"`);
    return known.create(options, found);
  });
}

/** Whether another thread can create the same steps: their filters are in the module, and their options are plain data. */
export async function canMakeSteps(addresses: readonly string[], steps: readonly FilterStep[]): Promise<boolean> {
  try {
    const data = structuredClone(stepData(steps));
    const again = await makeSteps(addresses, data);
    return again.every(
      (step, at) =>
        canonicalText(step.options) === canonicalText(steps[at]?.options) &&
        (step.found === undefined) === (steps[at]?.found === undefined),
    );
  } catch {
    // A module that cannot be loaded or lacks a filter, or options that cannot be copied: in any case, frames stay on this thread.
    return false;
  }
}
