import type { Import } from './read-imports.js';

/**
 * Cycles between files, each as the imports along it. Files that all reach each other give one: the shortest through the
 * first of them. If that was not the only one, the next shows once it is gone. Addresses do not count: a thread loads its
 * own copy of the modules.
 */
export function cycles(imports: readonly Import[]): Import[][] {
  const byFile = new Map<string, Import[]>();
  for (const own of imports)
    if (own.kind === 'file' && own.how !== 'address') byFile.set(own.file, [...(byFile.get(own.file) ?? []), own]);
  const known = new Set<string>();
  const found: Import[][] = [];
  for (const file of [...byFile.keys()].sort()) {
    if (known.has(file)) continue;
    const reached = pathsFrom(file, byFile);
    const cycle = reached.get(file);
    if (!cycle) continue;
    found.push(cycle);
    for (const other of reached.keys()) if (pathsFrom(other, byFile).has(file)) known.add(other);
  }
  return found;
}

/** `a.ts -> b.ts (types) -> a.ts` */
export function cycleText(cycle: readonly Import[]): string {
  const steps = cycle.map(({ target, how }) => `${target}${how === 'run' ? '' : ` (${how})`}`);
  return [cycle[0]?.file, ...steps].join(' -> ');
}

type Graph = ReadonlyMap<string, readonly Import[]>;

/** The shortest way to every file that can be reached, itself among them if it is in a cycle. */
function pathsFrom(start: string, graph: Graph): Map<string, Import[]> {
  const paths = new Map<string, Import[]>();
  const queue: { readonly file: string; readonly path: Import[] }[] = [{ file: start, path: [] }];
  // The queue grows while it is gone through.
  for (const { file, path } of queue)
    for (const step of graph.get(file) ?? []) {
      if (paths.has(step.target)) continue;
      const longer = [...path, step];
      paths.set(step.target, longer);
      queue.push({ file: step.target, path: longer });
    }
  return paths;
}
