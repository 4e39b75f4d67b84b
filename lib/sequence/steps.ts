import type { Step } from '../engine/filter.js';
import { ExrError } from '../model/error.js';
import { loadModule } from '../node/modules.js';
import { canonicalText } from './mark.js';
import type { StepData } from './messages.js';
import { exportedFilters } from './plugins.js';

/** Steps as data. A list without entries is what a filter makes of a list that was not given, so it is not given again. */
export function stepData(steps: readonly Step[]): StepData[] {
  return steps.map(({ filter, options }) => ({
    filter,
    options: Object.fromEntries(
      Object.entries(options).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
    ),
  }));
}

/** Makes steps from data with the filters of modules. Throws when they lack one, or cannot be loaded. */
export async function makeSteps(addresses: readonly string[], steps: readonly StepData[]): Promise<Step[]> {
  const modules = await Promise.all(addresses.map(loadModule));
  const table = new Map(modules.flatMap(exportedFilters).map((filter) => [filter.definition.name, filter]));
  return steps.map(({ filter, options }) => {
    const found = table.get(filter);
    if (!found) throw new ExrError('usage', 'NO_SUCH_FILTER', `no module exports a filter "${filter}"`);
    return found.create(options);
  });
}

/** Whether another thread can make the same steps: their filters are in the modules, and nothing else is in their options. */
export async function canMakeSteps(addresses: readonly string[], steps: readonly Step[]): Promise<boolean> {
  try {
    const data = structuredClone(stepData(steps));
    const again = await makeSteps(addresses, data);
    return again.every((step, at) => canonicalText(step.options) === canonicalText(steps[at]?.options));
  } catch {
    // A module that cannot be loaded or lacks a filter, options that cannot be copied: all the same, frames stay here.
    return false;
  }
}
