/**
 * Flamenco's manager as a job type sees it: what it offers, of which types, and nothing else. From its manual ("Job Types") and the
 * sources of its job compiler (Go), whose functions refuse values of other types.
 */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { parse } from 'acorn';

/** Checked by {@link Command}. */
export interface CommandParameters {
  readonly exe: string;
  readonly args: readonly string[];
  readonly blendfile?: string;
}

export interface CompiledTask {
  readonly name: string;
  readonly type: string;
  readonly commands: readonly { readonly name: string; readonly parameters: CommandParameters }[];
  /** Names of the tasks it waits for. */
  readonly after: readonly string[];
}

interface JobType {
  readonly label: string;
  readonly settings: readonly {
    readonly key: string;
    readonly type: string;
    readonly default?: unknown;
    readonly subtype?: string;
    readonly visible?: string;
    readonly required?: boolean;
  }[];
}

const settingTypes = ['string', 'int32', 'float', 'bool'];
const subtypes = ['file_path', 'dir_path', 'file_name', 'hashed_file_path'];
const visibilities = ['visible', 'hidden', 'submission', 'web'];
const settingKeys = [
  ...['key', 'type', 'subtype', 'choices', 'propargs', 'description', 'label', 'default'],
  ...['eval', 'evalInfo', 'visible', 'required', 'editable'],
];
/** Parameters that workers know, and those they need. */
const commands: Readonly<Record<string, { readonly needs: readonly string[]; readonly knows: readonly string[] }>> = {
  exec: { needs: ['exe', 'args'], knows: ['exe', 'args'] },
  'blender-render': {
    needs: ['exe', 'blendfile', 'args'],
    knows: ['exe', 'exeArgs', 'argsBefore', 'blendfile', 'args'],
  },
};

/** `1-3,7` in chunks, as the manager's function: it knows neither steps nor negative frames. */
export function frameChunker(range: unknown, size: unknown): string[] {
  assert(typeof range === 'string' && typeof size === 'number' && Number.isInteger(size) && size > 0);
  const frames = range.split(',').flatMap((part) => {
    const [, first, last] =
      /^\s*(\d+)\s*(?:(?:-|\.\.)\s*(\d+)\s*)?$/.exec(part) ?? assert.fail(`invalid frame range: ${part}`);
    return Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, at) => Number(first) + at);
  });
  const sorted = [...new Set(frames)].sort((a, b) => a - b);
  const chunks: string[] = [];
  for (let at = 0; at < sorted.length; at += size) chunks.push(asRange(sorted.slice(at, at + size)));
  return chunks;
}

function asRange(frames: readonly number[]): string {
  const runs: number[][] = [];
  for (const frame of frames) {
    const run = runs.at(-1);
    if (run?.at(-1) === frame - 1) run.push(frame);
    else runs.push([frame]);
  }
  return runs.map((run) => (run.length > 1 ? `${run[0]}-${run.at(-1)}` : `${run[0]}`)).join(',');
}

/** Compiles a job of a job type with its default settings, or others. Fails for what a manager would refuse. */
export function compile(
  script: string,
  settings: Readonly<Record<string, unknown>> = {},
): { readonly jobType: JobType; readonly tasks: readonly CompiledTask[] } {
  parse(script, { ecmaVersion: 5, sourceType: 'script' });
  const context = createContext({ ...manager(), console: undefined });
  runInContext(script, context);
  const jobType = structuredClone(runInContext('JOB_TYPE', context)) as JobType;
  checkJobType(jobType);
  const values = Object.fromEntries(
    jobType.settings.map((setting) => [setting.key, settings[setting.key] ?? setting.default]),
  );
  for (const { key, required } of jobType.settings)
    assert(!required || values[key] !== undefined, `no value for ${key}`);
  const tasks: CompiledTask[] = [];
  const job = {
    name: 'job',
    type: 'exrpipe',
    priority: 50,
    settings: values,
    metadata: {},
    addTask: (task: unknown) => void tasks.push(taskOf(task)),
  };
  runInContext('compileJob', context)(job);
  const known = new Set<string>();
  for (const { name, after } of tasks) {
    for (const one of after)
      assert(
        tasks.some((task) => task.name === one),
        `${name} waits for ${one}, which is not in the job`,
      );
    assert(!known.has(name), `two tasks are called ${name}`);
    known.add(name);
  }
  return { jobType, tasks };
}

class Task {
  readonly own: { name: string; type: string; commands: CompiledTask['commands'][number][]; after: string[] };

  constructor(name: unknown, type: unknown) {
    assert(typeof name === 'string' && typeof type === 'string');
    assert(
      ['blender', 'ffmpeg', 'file-management', 'misc'].includes(type),
      `usual workers take no task of the type ${type}`,
    );
    this.own = { name, type, commands: [], after: [] };
  }

  addCommand(command: unknown): void {
    assert(command instanceof Command);
    this.own.commands.push({ name: command.name, parameters: command.parameters });
  }

  addDependency(task: unknown): void {
    assert(task instanceof Task);
    this.own.after.push(task.own.name);
  }
}

class Command {
  readonly name: string;
  readonly parameters: CommandParameters;

  constructor(name: unknown, parameters: unknown) {
    assert(typeof name === 'string' && typeof parameters === 'object' && parameters !== null);
    const facts = commands[name] ?? assert.fail(`workers know no command ${name}`);
    const given: CommandParameters & Record<string, unknown> = JSON.parse(JSON.stringify(parameters));
    for (const key of Object.keys(given)) assert(facts.knows.includes(key), `${name} knows no ${key}`);
    for (const key of facts.needs) assert(key in given, `${name} needs ${key}`);
    for (const [key, value] of Object.entries(given))
      if (key === 'args' || key === 'argsBefore')
        assert(Array.isArray(value) && value.every((word) => typeof word === 'string'), key);
      else assert(typeof value === 'string', key);
    this.name = name;
    this.parameters = given;
  }
}

function manager(): object {
  return {
    author: {
      Task: (name: unknown, type: unknown) => new Task(name, type),
      Command: (name: unknown, parameters: unknown) => new Command(name, parameters),
    },
    path: { join: posix.join, basename: posix.basename, dirname: posix.dirname },
    print: () => {},
    frameChunker,
  };
}

function taskOf(task: unknown): CompiledTask {
  assert(task instanceof Task);
  assert(task.own.commands.length > 0, `${task.own.name} does nothing`);
  return task.own;
}

function checkJobType({ label, settings }: JobType): void {
  assert(typeof label === 'string' && label !== '');
  for (const setting of settings) {
    assert(/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(setting.key), `${setting.key} is no name in Python`);
    for (const key of Object.keys(setting)) assert(settingKeys.includes(key), `a setting has no ${key}`);
    assert(settingTypes.includes(setting.type));
    assert(setting.subtype === undefined || subtypes.includes(setting.subtype));
    assert(setting.visible === undefined || visibilities.includes(setting.visible));
    if (setting.default !== undefined)
      assert.equal(
        typeof setting.default,
        setting.type === 'string' ? 'string' : setting.type === 'bool' ? 'boolean' : 'number',
      );
  }
}
