/**
 * Job types of Flamenco 3: a script for frames that exist, and one that renders them first. They are JavaScript of 2009, which is
 * what goja runs for sure, and use nothing but the manager's own functions ("Job Types" of Flamenco's manual).
 */
import { formatFrames } from '../sequence/frames.js';
import type { FarmEngine, FarmJob, JobFile, JobWord } from './job.js';
import { cannot, checkWords, reportWords, spellWords, taskWords } from './words.js';

export const flamenco: FarmEngine = {
  name: 'flamenco',
  summary: 'job types for Flamenco: for frames that exist, and after a render',
  emit(job) {
    const name = job.name.replace(/[^A-Za-z0-9]+/g, '_').toLowerCase();
    const renders = renderedInput(job);
    const files = [
      { name: `exrpipe_${name}.js`, text: script(job, undefined) },
      ...(renders ? [{ name: `render_exrpipe_${name}.js`, text: script(job, renders) }] : []),
    ];
    const next = [
      `Copy ${files.map((file) => file.name).join(' and ')} into the folder "scripts" beside the Flamenco manager, and restart it.`,
      'In Blender, refresh the job types in the Flamenco panel, and choose this one.',
      ...(renders
        ? []
        : [
            'There is no job type that renders first: Blender writes frames as NAME.####.exr, and the input is not named so.',
          ]),
    ];
    return { files, next };
  },
};

/** A folder and the name in it to which Blender can render, from which the chain reads. */
interface RenderedInput {
  readonly file: JobFile;
  /** As Blender's `--render-output` has it. */
  readonly name: string;
}

function renderedInput({ files }: FarmJob): RenderedInput | undefined {
  const file = files.find(({ key }) => key === 'Input');
  const name = /^([^#/{}%@]*#+[^#/{}%@]*)\.exr$/i.exec(file?.pattern ?? '')?.[1];
  return file && name !== undefined ? { file, name } : undefined;
}

interface Setting {
  readonly key: string;
  readonly type: 'string' | 'int32';
  readonly [property: string]: unknown;
}

function jobSettings(job: FarmJob, renders: RenderedInput | undefined): Setting[] {
  const files = job.files.map(({ key, label, path, type }): Setting => {
    const what = type === 'folder' ? `Folder: ${label}` : label;
    return {
      key: settingKey(key),
      type: 'string',
      subtype: type === 'folder' ? 'dir_path' : 'file_path',
      default: path,
      required: true,
      label: what,
    };
  });
  const blend: Setting = {
    key: 'blendfile',
    type: 'string',
    required: true,
    description: 'Path of the Blend file to render',
    visible: 'web',
    eval: 'bpy.data.filepath',
  };
  const frames: Setting = {
    key: 'frames',
    type: 'string',
    required: true,
    default: formatFrames(job.frames, 'flamenco'),
    description: 'Frames, such as 1-24 or 1-10, 20. Steps are not known',
    ...(renders && {
      eval: "f'{C.scene.frame_start}-{C.scene.frame_end}'",
      evalInfo: { showLinkButton: true, description: 'Frames of the scene' },
    }),
  };
  return [
    frames,
    {
      key: 'chunk_size',
      type: 'int32',
      default: job.framesPerTask,
      description: 'Frames of a task',
      required: true,
      visible: 'submission',
    },
    ...(renders ? [blend] : []),
    ...files,
    {
      key: 'exrpipe',
      type: 'string',
      default: job.program,
      required: true,
      description: 'The program; a name on the PATH of the workers, or a full path',
      label: 'Program',
    },
  ];
}

/** `InputFolder` as the manager spells settings: `input_folder`. */
function settingKey(key: string): string {
  return `exrpipe_${key.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()}`;
}

function script(job: FarmJob, renders: RenderedInput | undefined): string {
  const jobType = {
    label: renders ? `Render, then exrpipe: ${job.name}` : `exrpipe: ${job.name}`,
    description: job.command,
    settings: jobSettings(job, renders),
  };
  const check = checkWords(job);
  return `// Written by "exrpipe farm flamenco". The same as this command, in tasks of some frames each:
${job.command
  .split(/[\r\n\u2028\u2029]/)
  .map((line) => `// ${line}`)
  .join('\n')}
"use strict";

var JOB_TYPE = ${literal(jobType, 2)};

function exrpipe(settings, name, args, dependencies) {
  var task = author.Task(name, "misc");
  task.addCommand(author.Command("exec", { exe: settings.exrpipe, args: args }));
  for (var i = 0; i < dependencies.length; i++) task.addDependency(dependencies[i]);
  return task;
}
${renders ? renderFunction(renders) : ''}
function compileJob(job) {
  var settings = job.settings;
  var chunks = frameChunker(settings.frames, settings.chunk_size);
  var done = [];
  for (var i = 0; i < chunks.length; i++) {
    var before = [];
${
  renders
    ? `    var rendered = render(settings, chunks[i]);
    job.addTask(rendered);
    before.push(rendered);
`
    : ''
}    var task = exrpipe(settings, "frames-" + chunks[i], ${args(job, taskWords(job), 'chunks[i]')}, before);
    job.addTask(task);
    done.push(task);
  }
${
  check
    ? `  var check = exrpipe(settings, "check", ${args(job, check, 'settings.frames')}, done);
  job.addTask(check);
  done = [check];
`
    : ''
}  job.addTask(exrpipe(settings, "report", ${args(job, reportWords(job), 'settings.frames')}, done));
}
`;
}

function renderFunction({ file, name }: RenderedInput): string {
  return `
function render(settings, chunk) {
  var task = author.Task("render-" + chunk, "blender");
  task.addCommand(author.Command("blender-render", {
    exe: "{blender}",
    exeArgs: "{blenderArgs}",
    argsBefore: [],
    blendfile: settings.blendfile,
    args: [
      "--render-output", path.join(settings.${settingKey(file.key)}, ${literal(name)}),
      "--render-format", "OPEN_EXR_MULTILAYER",
      "--render-frame", chunk.split("-").join("..")
    ]
  }));
  return task;
}
`;
}

/** The words of a task as an expression. */
function args({ frames }: FarmJob, words: readonly JobWord[], chunk: string): string {
  const [least = 0] = frames;
  if (least < 0) throw cannot('flamenco', `there are negative frames, and it splits ranges at every "-"`);
  const all = spellWords(words, {
    text: (text) => literal(text),
    file: ({ key, pattern }) =>
      `settings.${settingKey(key)}${pattern === undefined ? '' : ` + ${literal(`/${pattern}`)}`}`,
    frames: chunk,
  });
  return `[${all.join(', ')}]`;
}

/** JSON, which is JavaScript but for two line ends. */
function literal(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16)}`,
  );
}
