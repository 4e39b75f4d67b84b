import type { Contender, Contest } from './contest.js';
import type { Frames } from './frames.js';
import { type Command, quoted, shell } from './measure.js';
import type { Tools } from './tools.js';

/** The environment of a benchmark. */
export interface Bench {
  readonly frames: Frames;
  readonly tools: Tools;
  /** Rounds to run if `usual` would be enough for steady medians. */
  readonly rounds: (usual: number) => number;
  /** Frames of a made shot, where the usual number is not wanted. */
  readonly shotFrames: number | undefined;
}

/** A name on the command line: contests, each created when its turn comes, since frames are large. */
export type Benchmark = (bench: Bench) => AsyncIterable<Contest>;

/** A contender that can only take part if its program is installed. */
export function withTool<Tool>(tool: Tool | undefined, make: (tool: Tool) => Contender): Contender | undefined {
  return tool === undefined ? undefined : make(tool);
}

/** What the disk and the system can do: copies, as they are and flushed to disk as exrpipe's outputs are. */
export function copies(files: readonly string[]): Contender[] {
  const copy = (out: string): Command => ['cp', ...files, `${out}/`];
  return [
    { name: 'cp', command: copy, copies: true },
    { name: 'cp, sync', command: (out) => shell(`${quoted(copy(out))}; sync ${quoted([out])}/*`), copies: true },
  ];
}

/** Commands one after the other in a pipe, from a file to a file; with `cat` at both ends so that both are real pipes. */
export function pipe(input: string, commands: readonly Command[], output: string): Command {
  const stages = [['cat', input], ...commands, ['cat']].map(quoted);
  return shell(`${stages.join(' | ')} > ${quoted([output])}`);
}
