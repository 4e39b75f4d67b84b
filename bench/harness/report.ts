/** Outcomes as Markdown for people and as CSV for later. */
import { availableParallelism } from 'node:os';
import type { Aim, Outcome, Run } from './contest.js';

/** What is compared, each a number of a run. */
const measures = {
  wall: { title: 'wall', unit: 's', of: ({ wall }: Run) => wall, digits: 2 },
  cpu: { title: 'CPU', unit: 's', of: ({ user, system }: Run) => sum(user, system), digits: 2 },
  busy: { title: 'cores busy', unit: '%', of: (run: Run) => percentBusy(run), digits: 0 },
  peak: { title: 'memory', unit: 'MB', of: ({ peak }: Run) => peak && peak / 1e6, digits: 0 },
  size: { title: 'output', unit: 'MB', of: ({ size }: Run) => (size === 0 ? undefined : size / 1e6), digits: 1 },
} as const;

type Measure = keyof typeof measures;

/** A table with a line for each contender: medians over the rounds, each followed by its ratio to the first contender's. */
export function markdown(outcome: Outcome): string {
  const { contest, runs, pixels, failures } = outcome;
  const names = [...new Set(runs.map(({ contender }) => contender))];
  const first = contest.contenders[0]?.name ?? '';
  const kinds = (Object.keys(measures) as Measure[]).filter((kind) => names.some((name) => typical(runs, name, kind)));
  const head = ['', ...kinds.flatMap((kind) => [`${measures[kind].title} (${measures[kind].unit})`, '×'])];
  const rows = names.map((name) => [
    name,
    ...kinds.flatMap((kind) => {
      const own = typical(runs, name, kind);
      const base = typical(runs, first, kind);
      return [own?.toFixed(measures[kind].digits) ?? '–', own && base ? (own / base).toFixed(2) : '–'];
    }),
    ...(pixels.size > 0 ? [pixels.get(name) ?? '–'] : []),
  ]);
  if (pixels.size > 0) head.push('pixels');
  return [
    `### ${contest.title}`,
    '',
    row(head),
    row(head.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...rows.map(row),
    '',
    `Medians of ${contest.rounds} interleaved rounds; × is the ratio to the first line.`,
    ...[...failures].map(([name, message]) => `- ${name} failed: ${message}`),
    ...(contest.aims ?? []).map((aim) => `- ${aimLine(aim, outcome)}`),
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function aimLine(aim: Aim, { contest, runs }: Outcome): string {
  const name = aim.of ?? contest.contenders[0]?.name ?? '';
  const own = typical(runs, name, aim.what);
  const { title, unit, digits } = measures[aim.what];
  if (aim.what === 'busy') {
    const least = 100 * aim.atLeast;
    const shown =
      own === undefined ? 'not measured' : `${own.toFixed(digits)} ${unit}, ${own >= least ? 'reached' : 'missed'}`;
    return `${name}: ${title} at least ${least} ${unit}: ${shown}`;
  }
  if ('than' in aim) {
    const other = typical(runs, aim.than, aim.what);
    const more = own === undefined || other === undefined ? undefined : own - other;
    return `${name}: ${title} at most ${aim.more} ${unit} more than ${aim.than}: ${verdict(more, aim.more, (value) => `${value.toFixed(3)} ${unit}`)}`;
  }
  if (!('times' in aim)) {
    const most = aim.atMost / 1e6;
    return `${name}: ${title} at most ${most} ${unit}: ${verdict(own, most, (value) => `${value.toFixed(digits)} ${unit}`)}`;
  }
  const other = typical(runs, aim.times, aim.what);
  const ratio = own !== undefined && other ? own / other : undefined;
  if (aim.atMost >= 1)
    return `${name}: ${title} at most ${aim.atMost} times ${aim.times}: ${verdict(ratio, aim.atMost, (value) => value.toFixed(2))}`;
  const faster = (value: number): string => (1 / value).toFixed(1);
  return `${name}: at least ${faster(aim.atMost)} times faster than ${aim.times}: ${verdict(ratio, aim.atMost, faster)}`;
}

function verdict(value: number | undefined, most: number, show: (value: number) => string): string {
  if (value === undefined) return 'not measured';
  return `${show(value)}, ${value <= most ? 'reached' : 'missed'}`;
}

/** The median over the rounds. */
function typical(runs: readonly Run[], contender: string, kind: Measure): number | undefined {
  const values = runs
    .filter((run) => run.contender === contender)
    .map(measures[kind].of)
    .filter((value) => value !== undefined)
    .toSorted((a, b) => a - b);
  const [low, high] = [values[(values.length - 1) >> 1], values[values.length >> 1]];
  return low !== undefined && high !== undefined ? (low + high) / 2 : undefined;
}

/** How much of all cores' time between start and end was used. */
function percentBusy({ user, system, wall }: Run): number | undefined {
  const used = sum(user, system);
  return used === undefined ? undefined : (100 * used) / (wall * availableParallelism());
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** Every run in a line, with the conditions of the figures in comments on top. */
export function csv(outcomes: readonly Outcome[], facts: readonly string[]): string {
  const lines = outcomes.flatMap(({ contest, runs, pixels }) =>
    runs.map(({ contender, round, wall, user, system, peak, size }) =>
      [
        contest.title,
        contender,
        round,
        wall.toFixed(4),
        user,
        system,
        peak === undefined ? undefined : (peak / 1e6).toFixed(1),
        size,
        pixels.get(contender),
      ]
        .map((value) => field(value))
        .join(','),
    ),
  );
  return [
    ...facts.map((fact) => `# ${fact}`),
    'contest,contender,round,wall_s,user_s,system_s,peak_mb,output_bytes,pixels',
    ...lines,
    '',
  ].join('\n');
}

function field(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
