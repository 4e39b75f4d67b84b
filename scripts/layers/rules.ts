/** A folder of sources, or one file, and what it may import. */
export interface Room {
  /** A folder inside that has no room of its own belongs to this one. */
  readonly path: string;
  /** What it is, for CONTRIBUTING.md. */
  readonly what: string;
  /** A room imports from itself and from rooms of smaller rank. */
  readonly rank: number;
  /** Not every room of smaller rank, but these paths only. */
  readonly only?: readonly string[];
  /** These paths as well, whatever their rank. */
  readonly also?: readonly string[];
  /** Runs in browsers as well: neither `node:` modules nor globals of Node, which tsconfig.portable.json checks. */
  readonly portable?: true;
  /** May import `node:` modules. */
  readonly node?: true;
  /** What it may import of packages, as its sources name them: anything of it, or its types alone. */
  readonly packages?: Readonly<Record<string, 'any' | 'types'>>;
  /** Around the product rather than in it: it imports any package, and the page does not list what. */
  readonly around?: true;
}

/**
 * Who may import what, from the top down: `npm run check:layers` holds the sources to it and describes it in
 * CONTRIBUTING.md. Rooms without files are not mentioned there.
 */
export const rooms: readonly Room[] = [
  {
    path: 'bin',
    what: 'the command line: its start, and what the folders below share',
    rank: 12,
    also: ['bin'],
    node: true,
    packages: { yaml: 'any', yargs: 'any', 'yargs-parser': 'any' },
  },
  { path: 'bin/commands', what: 'one file a command, and its text', rank: 12, also: ['bin'], node: true },
  {
    path: 'bin/chain',
    what: 'a chain of filters, on one frame or a sequence',
    rank: 12,
    also: ['bin'],
    node: true,
    packages: { yaml: 'any' },
  },
  {
    path: 'bin/words',
    what: 'from words to options; help',
    rank: 12,
    also: ['bin'],
    node: true,
    packages: { yaml: 'any', yargs: 'any', 'yargs-parser': 'any' },
  },
  { path: 'bin/terminal', what: 'progress, reports, tables', rank: 12, also: ['bin'], node: true },
  {
    path: 'filters',
    what: 'one file a filter, and their table',
    rank: 11,
    only: ['lib/index.ts'],
    packages: { picomatch: 'any' },
  },
  { path: 'lib/index.ts', what: 'the public API', rank: 10 },
  { path: 'lib/sequence', what: 'whole shots: patterns, runs, resuming', rank: 9 },
  {
    path: 'lib/node',
    what: 'files, stdio, spool, Node streams, threads',
    rank: 8,
    node: true,
    packages: { 'openexr-wasm': 'any', tinyglobby: 'any' },
  },
  {
    path: 'lib/browser',
    what: 'what lib/node does, in browsers',
    rank: 8,
    portable: true,
    packages: { 'openexr-wasm/core': 'any', 'openexr-wasm': 'types' },
  },
  { path: 'lib/io', what: 'sources, pipe reading, routes, samples, the writer', rank: 7, portable: true },
  { path: 'lib/engine', what: 'filters, planner, schedule, execution', rank: 6, portable: true },
  {
    path: 'lib/jobs',
    what: 'jobs on samples: decode, encode, splice, deep',
    rank: 5,
    portable: true,
    packages: { 'openexr-wasm/core': 'any', 'openexr-wasm': 'types' },
  },
  {
    path: 'lib/cryptomatte',
    what: 'hash, manifests, sets, rules; names out of .blend files',
    rank: 4,
    portable: true,
    packages: { 'murmurhash3js-revisited': 'any', yaml: 'any' },
  },
  { path: 'lib/format', what: 'bytes to values and back, limits', rank: 3, portable: true },
  {
    path: 'lib/codecs',
    what: 'the table of codecs',
    rank: 2,
    portable: true,
    packages: { 'openexr-wasm/core': 'any', 'openexr-wasm': 'types' },
  },
  { path: 'lib/model', what: 'header, attributes, geometry: values', rank: 1, portable: true },
  { path: 'openexr-wasm/src', what: 'the codecs in WebAssembly, a package of its own', rank: 0, node: true },
  {
    path: 'scripts',
    what: 'checks, generated docs, the demo, the bundle of the program (`dist/cli`)',
    rank: 13,
    node: true,
    around: true,
  },
  { path: 'examples', what: 'each is run by a test', rank: 13, node: true, around: true },
  { path: 'bench', what: 'side by side with the native programs', rank: 13, node: true, around: true },
  {
    path: 'test',
    what: 'mirrors the above; `cli/cases` are golden cases of the command line',
    rank: 14,
    node: true,
    around: true,
  },
];
