/**
 * Outlines of OpenCue as XML, in the form (spec version 1.15) that pyoutline 1.37 serialises: `cueadmin` and pycue's
 * `launchSpecAndWait` take it. OpenCue hands the command of a layer to /bin/sh, so words are quoted for it.
 */
import { shellWord } from '../cryptomatte/rules/advice.js';
import { formatFrames } from '../sequence/frames.js';
import type { FarmEngine, FarmJob, JobFile, JobWord } from './job.js';
import { checkWords, fullPath, reportWords, spellWords, taskWords } from './words.js';

export const opencue: FarmEngine = {
  name: 'opencue',
  summary: 'an outline for OpenCue',
  emit(job) {
    return {
      files: [{ name: 'outline.xml', text: outline(job) }],
      next: [
        'OpenCue knows shows, shots and users of its own: edit them at the top of outline.xml.',
        `python3 -c 'import opencue, sys; opencue.api.launchSpecAndWait(open(sys.argv[1]).read())' ${shellWord(`${job.folder}/outline.xml`)}`,
      ],
    };
  },
};

function outline(job: FarmJob): string {
  const check = checkWords(job);
  const name = layerName(job.name);
  // OpenCue's range of frames: x is a step, and its : would be another order of all frames.
  const range = formatFrames(job.frames, 'opencue');
  const layers = [
    // Of a task with a step, the first and last frame would not tell which; its own spelling of the range does.
    layer(job, 'frames', taskWords(job), '#FRAMESPEC#', { range, chunk: job.framesPerTask }),
    ...(check ? [layer(job, 'check', check, shellWord(formatFrames(job.frames)), single)] : []),
    layer(job, 'report', reportWords(job), shellWord(formatFrames(job.frames)), single),
  ];
  const depends = [
    ...(check ? [dependency(name, 'check', 'frames')] : []),
    dependency(name, 'report', check ? 'check' : 'frames'),
  ];
  return `<?xml version="1.0"?>
<!DOCTYPE spec PUBLIC "SPI Cue  Specification Language" "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">
<spec>
  <facility>local</facility>
  <show>testing</show>
  <shot>exrpipe</shot>
  <user>exrpipe</user>
  <email/>
  <uid>1000</uid>
  <job name="${name}">
    <paused>False</paused>
    <priority>1</priority>
    <maxretries>2</maxretries>
    <autoeat>False</autoeat>
    <env/>
    <layers>
${layers.join('\n')}
    </layers>
  </job>
  <depends>
${depends.join('\n')}
  </depends>
</spec>
`;
}

const single = { range: '1', chunk: 1 };

function layer(
  { program, resources }: FarmJob,
  name: string,
  words: readonly JobWord[],
  frames: string,
  { range, chunk }: { range: string; chunk: number },
): string {
  const spelling = { text: shellWord, file: (file: JobFile) => shellWord(fullPath(file)), frames };
  const command = [shellWord(program), ...spellWords(words, spelling)].join(' ');
  return `      <layer name="${name}" type="Util">
        <cmd>${xml(command)}</cmd>
        <range>${range}</range>
        <chunk>${chunk}</chunk>
        <cores>${resources.threads}</cores>
        <memory>${Math.ceil(resources.memory / (1 << 20))}m</memory>
        <timeout>${Math.ceil(resources.timeout / 60)}</timeout>
        <env/>
        <services>
          <service>shell</service>
        </services>
      </layer>`;
}

function dependency(job: string, later: string, earlier: string): string {
  return `    <depend type="LAYER_ON_LAYER" anyframe="False">
      <depjob>${job}</depjob>
      <deplayer>${later}</deplayer>
      <onjob>${job}</onjob>
      <onlayer>${earlier}</onlayer>
    </depend>`;
}

/** Names of jobs and layers are letters, digits and a few signs. */
function layerName(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 100) || 'exrpipe';
}

function xml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot hold them at all.
  return text.replace(/[&<>"\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (sign) => entities[sign] ?? '');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
