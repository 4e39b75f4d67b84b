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
  /** Of `lib` it may import these files only: what has it is a client of the API. */
  readonly entries?: readonly string[];
  /** Runs in browsers as well: neither `node:` modules nor globals of Node, which tsconfig.portable.json checks. */
  readonly portable?: true;
  /** May import `node:` modules. */
  readonly node?: true;
  /** What it may import of packages, as its sources name them: anything of it, or its types alone. */
  readonly packages?: Readonly<Record<string, 'any' | 'types'>>;
  /** Around the product rather than in it: it imports any package, and the page does not list what. */
  readonly around?: true;
}

/** What filters may use of the public API. docs/api.md describes its entries. */
const api = ['lib/index.ts', 'lib/cryptomatte/index.ts', 'lib/layers/index.ts', 'lib/format/index.ts'] as const;

/** The program is a client of the API; what it needs besides is in files of its own. */
const entries = [...api, 'lib/look.ts', 'lib/program.ts', 'lib/previews.ts'];

/**
 * Who may import what, from the top down: `npm run check:layers` holds the sources to it and describes it in
 * CONTRIBUTING.md. Rooms without files are not mentioned there.
 */
export const rooms: readonly Room[] = [
  {
    path: 'bin',
    what: 'the command line: its start, and what each ending means',
    rank: 19,
    node: true,
    entries,
  },
  {
    path: 'bin/commands',
    what: 'info, validate, run, farm, queue, doctor, completion, help',
    rank: 18,
    node: true,
    entries,
    packages: { yargs: 'any' },
  },
  {
    path: 'bin/queue',
    what: 'shots spread over machines by BullMQ and Redis',
    rank: 17,
    node: true,
    entries,
    packages: { bullmq: 'types', ioredis: 'types' },
  },
  { path: 'bin/chain', what: 'a chain over one file or a sequence', rank: 16, node: true, entries },
  {
    path: 'bin/words',
    what: 'words to steps and back',
    rank: 15,
    node: true,
    entries,
  },
  {
    path: 'bin/report',
    what: 'reports as pages, tables and text',
    rank: 15,
    node: true,
    entries,
  },
  { path: 'bin/terminal', what: 'stdout and stderr, signals', rank: 14, node: true, entries },
  { path: 'bin/filters.ts', what: 'where the filters are', rank: 14, entries },
  {
    path: 'filters',
    what: 'one file a filter, and their table',
    rank: 13,
    only: [...api],
    packages: { picomatch: 'any' },
  },
  { path: 'lib/index.ts', what: 'the first page of the public API', rank: 12 },
  { path: 'lib/program.ts', what: 'what the command line uses beyond the public API', rank: 12 },
  { path: 'lib/look.ts', what: 'images for looking at, an entry of the public API', rank: 12 },
  { path: 'lib/previews.ts', what: 'what the commands that show images use beyond it', rank: 12 },
  { path: 'lib/types.ts', what: 'the types of the first page', rank: 11 },
  {
    path: 'lib/farm',
    what: 'jobs of render farms: what tasks are, and the files of each engine',
    rank: 11,
    packages: { yaml: 'any' },
  },
  {
    path: 'lib/sequence',
    what: 'whole shots: patterns, runs, resuming; pipeline files and plug-ins',
    rank: 10,
    packages: { yaml: 'any' },
  },
  {
    path: 'lib/node',
    what: 'files, stdio, temporary files, Node streams, threads',
    rank: 9,
    node: true,
    packages: { 'openexr-wasm': 'any', tinyglobby: 'any' },
  },
  {
    path: 'lib/browser',
    what: 'files and samples in browsers, an entry of its own',
    rank: 9,
    portable: true,
    packages: { 'openexr-wasm/core': 'any' },
  },
  {
    path: 'lib/io',
    what: 'sources, pipe reading, routes, samples, output formats, the write driver',
    rank: 8,
    portable: true,
  },
  { path: 'lib/engine', what: 'filters, planner, schedule, execution', rank: 7, portable: true },
  {
    path: 'lib/look',
    what: 'image maths: looks of layers, display transform, filters, ID colours, PNG',
    rank: 5,
    portable: true,
  },
  {
    path: 'lib/jobs',
    what: 'jobs on samples: decode, encode, splice, deep',
    rank: 6,
    portable: true,
    packages: { 'openexr-wasm/core': 'any' },
  },
  {
    path: 'lib/cryptomatte',
    what: 'sets, manifests, rules, presets; names from .blend files; descriptions of headers',
    rank: 5,
    portable: true,
    packages: { 'murmurhash3js-revisited': 'any', 'openexr-wasm/core': 'any', yaml: 'any' },
  },
  {
    path: 'lib/layers',
    what: 'names split into views, layers, rank layers, the guard of IDs, and what programs see',
    rank: 4,
    portable: true,
  },
  { path: 'lib/format', what: 'bytes to values and back, chunk geometry, limits', rank: 3, portable: true },
  {
    path: 'lib/codecs',
    what: 'the one table of codecs, a file for each',
    rank: 2,
    portable: true,
    packages: { 'openexr-wasm/core': 'types' },
  },
  { path: 'lib/model', what: 'header, attributes, names, errors: values', rank: 1, portable: true },
  { path: 'openexr-wasm/src', what: 'the codecs in WebAssembly, a package of its own', rank: 0, node: true },
  {
    path: 'scripts',
    what: 'checks, generated docs, the demo, the bundle of the program (`dist/cli`)',
    rank: 20,
    node: true,
    around: true,
  },
  { path: 'examples', what: 'each is run by a test', rank: 20, node: true, around: true },
  { path: 'bench', what: 'side by side with the native programs', rank: 20, node: true, around: true },
  {
    path: 'test',
    what: 'mirrors the above; `cli/cases` are golden cases of the command line',
    rank: 21,
    node: true,
    around: true,
  },
];
