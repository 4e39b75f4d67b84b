/**
 * Job bundles of Open Job Description (revision 2023-09), which AWS Deadline Cloud takes as they are and `openjd run` runs on one
 * machine: OpenJobDescription/openjd-specifications, wiki/2023-09-Template-Schemas, and RFC 0001 for TASK_CHUNKING.
 */
import { Document, visit } from 'yaml';
import { shellWord } from '../cryptomatte/rules/advice.js';
import { cutFrames, formatFrames } from '../sequence/frames.js';
import type { EngineSettings, FarmEngine, FarmJob, JobFile, JobWord } from './job.js';
import { cannot, checkWords, reportWords, type Spelling, spellWords, taskCount, taskWords, within } from './words.js';

/** As `openjd check` measures them; without extensions. */
const limits = { name: 128, description: 2048, parameters: 50, text: 1024, list: 1024 } as const;

/** Seconds from the notice to the end of a task that is cancelled; exrpipe needs ten. */
const notifyPeriod = 15;

export const openjd: FarmEngine = {
  name: 'openjd',
  summary: 'a job bundle of Open Job Description, for AWS Deadline Cloud and openjd run',
  emit(job, settings) {
    const parameters = new Parameters(job);
    const template = makeTemplate(job, settings, parameters);
    const files = [
      { name: 'template.yaml', text: yaml(template) },
      { name: 'parameter_values.yaml', text: yaml({ parameterValues: parameters.values() }) },
      { name: 'asset_references.yaml', text: yaml(noAssets) },
    ];
    return { files, next: nextSteps(job, parameters) };
  },
};

/** PATH parameters carry the flow of the data, so there is nothing to add. */
const noAssets = {
  assetReferences: {
    inputs: { filenames: [], directories: [] },
    outputs: { directories: [] },
    referencedPaths: [],
  },
};

/** What every reader of YAML takes for a text, and what 1.1 (Python's) does not, though it looks alike. */
const plainText = /^[A-Za-z][\w.-]*$/;
const plainValue = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

/** YAML in which all other texts are quoted: as plain ones or blocks, some are read back as something else. */
function yaml(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar: (key, node) => {
      const text = node.value;
      if (key !== 'key' && typeof text === 'string' && (!plainText.test(text) || plainValue.test(text)))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  // YAML 1.1 takes these for ends of lines, in quotes too.
  return document
    .toString({ lineWidth: 0 })
    .replace(/[\u0085\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

interface Parameter {
  readonly name: string;
  readonly type: 'STRING' | 'INT' | 'PATH';
  readonly [key: string]: unknown;
}

/** The parameters of a template, and how words name them. */
class Parameters implements Spelling {
  readonly frames = '{{Task.Param.Frame}}';
  readonly #own: Parameter[] = [];
  readonly #values: { readonly name: string; readonly value: string }[] = [];
  readonly #files: Parameter[] = [];
  /** Patterns that have a parameter, by the key of their file. */
  readonly #names = new Map<string, string>();
  /** Texts with `{{`, which arguments cannot hold: the default of a parameter is not interpolated. */
  readonly #texts = new Map<string, Parameter>();

  constructor({ files, name }: FarmJob) {
    this.add({
      name: 'JobName',
      type: 'STRING',
      default: within(name, limits.name - 'exrpipe '.length),
      userInterface: line('Job name'),
    });
    for (const file of files) this.#addFile(file);
  }

  add(parameter: Parameter): void {
    this.#own.push(parameter);
  }

  all(): readonly Parameter[] {
    const all = [...this.#own, ...this.#files, ...this.#texts.values()];
    if (all.length > limits.parameters)
      throw cannot(
        'openjd',
        `the job needs ${all.length} parameters for its files and texts, and a template may have ${limits.parameters}`,
        'Put donors and sidecars into one folder and name them by a pattern.',
      );
    return all;
  }

  values(): readonly { readonly name: string; readonly value: string }[] {
    return this.#values;
  }

  readonly text = (text: string): string => {
    if (!text.includes('{{')) return text;
    const known = this.#texts.get(text) ?? this.#textParameter(text, `Text${this.#texts.size + 1}`, 'Text');
    this.#texts.set(text, known);
    return `{{Param.${known.name}}}`;
  };

  readonly file = ({ key, pattern }: JobFile): string => {
    if (pattern === undefined) return `{{Param.${key}}}`;
    // The check may name other files in the folder than those that users can choose.
    const names = this.#names.get(key) === pattern ? `{{Param.${key}Names}}` : this.text(pattern);
    return `{{Param.${key}}}/${pattern === '' ? '' : names}`;
  };

  #addFile({ key, label, path, type, flow, pattern }: JobFile): void {
    const control = type === 'folder' ? 'CHOOSE_DIRECTORY' : flow === 'in' ? 'CHOOSE_INPUT_FILE' : 'CHOOSE_OUTPUT_FILE';
    this.#files.push({
      name: key,
      type: 'PATH',
      objectType: type === 'folder' ? 'DIRECTORY' : 'FILE',
      dataFlow: flow.toUpperCase(),
      userInterface: {
        control,
        label: within(type === 'folder' ? `${label}: folder` : label, 64),
        groupLabel: 'Files',
        ...(type === 'file' && { fileFilters: fileFilters(path) }),
      },
    });
    if (path.length > limits.text) throw cannot('openjd', `a path may have ${limits.text} characters: ${path}`);
    this.#values.push({ name: key, value: path });
    if (!pattern) return;
    this.#names.set(key, pattern);
    this.#files.push(this.#textParameter(pattern, `${key}Names`, `${label}: names`));
  }

  #textParameter(text: string, name: string, label: string): Parameter {
    if (text.length > limits.text)
      throw cannot('openjd', `a text with "{{" may have ${limits.text} characters; this one has ${text.length}`);
    return { name, type: 'STRING', default: text, userInterface: { ...line(within(label, 64)), groupLabel: 'Files' } };
  }
}

function line(label: string): { control: string; label: string } {
  return { control: 'LINE_EDIT', label };
}

function fileFilters(path: string): unknown[] {
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(path)?.[0];
  const all = { label: 'All files', patterns: ['*'] };
  return extension === undefined
    ? [all]
    : [{ label: extension.slice(1).toUpperCase(), patterns: [`*${extension}`] }, all];
}

function makeTemplate(job: FarmJob, { plain }: EngineSettings, parameters: Parameters): object {
  const { program, resources } = job;
  const frames = plain ? formatFrames(job.frames, 'openjd') : '{{Param.Frames}}';
  const space = plain ? plainSpace(job) : chunkedSpace(job, parameters);
  parameters.add({
    name: 'Exrpipe',
    type: 'STRING',
    default: program,
    description: 'The program; a name on the PATH of the workers, or a full path.',
    userInterface: { ...line('Program'), groupLabel: 'Workers' },
  });
  const action = (words: readonly JobWord[], spelling: Spelling): object => ({
    command: '{{Param.Exrpipe}}',
    args: spellWords(words, spelling),
    timeout: resources.timeout,
    cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: notifyPeriod },
  });
  const step = (name: string, dependsOn: string, words: readonly JobWord[]): object => ({
    name,
    dependencies: [{ dependsOn }],
    script: { actions: { onRun: action(words, { ...parameters, frames }) } },
  });
  const check = checkWords(job, '--progress', 'openjd');
  const steps = [
    {
      name: 'Frames',
      hostRequirements: {
        amounts: [
          { name: 'amount.worker.vcpu', min: resources.threads },
          { name: 'amount.worker.memory', min: Math.ceil(resources.memory / (1 << 20)) },
        ],
      },
      parameterSpace: { taskParameterDefinitions: [space] },
      script: { actions: { onRun: action(taskWords(job, '--progress', 'openjd'), parameters) } },
    },
    ...(check ? [step('Check', 'Frames', check)] : []),
    step('Report', check ? 'Check' : 'Frames', reportWords(job)),
  ];
  return {
    specificationVersion: 'jobtemplate-2023-09',
    ...(!plain && { extensions: ['TASK_CHUNKING'] }),
    name: 'exrpipe {{Param.JobName}}',
    description: within(
      `Written by "exrpipe farm openjd". The same as this command, in tasks of some frames each:\n${job.command}`,
      limits.description,
    ),
    parameterDefinitions: parameters.all(),
    steps,
  };
}

/** Chunks that the scheduler cuts, and adapts to the time they take. */
function chunkedSpace({ frames, framesPerTask, secondsPerTask }: FarmJob, parameters: Parameters): object {
  const range = formatFrames(frames, 'openjd');
  if (range.length > limits.text)
    throw cannot(
      'openjd',
      `the frames take ${range.length} characters, and a parameter may have ${limits.text}`,
      'Submit ranges with fewer gaps, or write the template without extensions.',
    );
  parameters.add({
    name: 'Frames',
    type: 'STRING',
    default: range,
    minLength: 1,
    description: 'Frames to do, such as 1-24 or 1-10,20-100:2 (no frame twice).',
    userInterface: { ...line('Frames'), groupLabel: 'Frames' },
  });
  parameters.add({
    name: 'FramesPerTask',
    type: 'INT',
    default: framesPerTask,
    minValue: 1,
    description: `Frames in a task, for tasks of about ${secondsPerTask} s.`,
    userInterface: { control: 'SPIN_BOX', label: 'Frames per task', groupLabel: 'Frames' },
  });
  return {
    name: 'Frame',
    type: 'CHUNK[INT]',
    range: '{{Param.Frames}}',
    chunks: {
      defaultTaskCount: '{{Param.FramesPerTask}}',
      targetRuntimeSeconds: Math.max(1, Math.round(secondsPerTask)),
      rangeConstraint: 'NONCONTIGUOUS',
    },
  };
}

/** Without the extension, a list of texts keeps tasks of several frames. */
function plainSpace(job: FarmJob): object {
  const count = Math.min(taskCount(job), limits.list);
  return {
    name: 'Frame',
    type: 'STRING',
    range: cutFrames(job.frames, count).map((chunk) => formatFrames(chunk, 'openjd')),
  };
}

function nextSteps({ folder, files }: FarmJob, parameters: Parameters): string[] {
  const given = parameters.values().map(({ name, value }) => ['-p', `${name}=${value}`]);
  const run = ['openjd', 'run', `${folder}/template.yaml`, ...given.flat(), '--step', 'Report', '--run-dependencies'];
  return [
    `openjd check ${shellWord(`${folder}/template.yaml`)}`,
    run.map(shellWord).join(' '),
    `deadline bundle submit ${shellWord(folder)}`,
    ...(files.some(({ flow }) => flow === 'inout') ? ['The job replaces its inputs.'] : []),
  ];
}
