/** Plans for people. */
import type { Method, Plan } from '../lib/engine/plan.js';
import type { Route } from '../lib/io/route.js';
import { printable } from '../lib/model/error.js';

const methods: Readonly<Record<Method, string>> = {
  forward: 'chunks pass untouched',
  splice: 'channels are moved without being decoded',
  transcode: 'pixels are unpacked and packed',
  repack: 'deep pixels are unpacked and packed',
};

/** One line for each wanted part: what happens to its pixels, and why. */
export function planLines(plan: Plan): string[] {
  return plan.map(({ wanted, method, reason, sources }, number) => {
    const name = wanted.name === undefined ? '' : ` "${wanted.name}"`;
    const from = sources.length === 0 ? '' : ` from part ${sources.join(', ')}`;
    return printable(`plan: part ${number}${name}${from}: ${method}, ${methods[method]}: ${reason}`);
  });
}

/** One line for each file that would be written. */
export function routeLines(routes: readonly Route[]): string[] {
  return routes.map(({ path, parts }) => {
    const which = parts.length === 1 ? `part ${parts[0]}` : `parts ${parts.join(', ')}`;
    return printable(`plan: ${which} to ${path ?? 'stdout'}`);
  });
}
