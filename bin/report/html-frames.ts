/** The frames of a page: a strip of all, and a table. */
import { escaped } from './escape.js';
import type { FrameRow, ReportPage, State } from './model.js';

/** Rows of the table. A page of a film would not open; the other forms of the report have all. */
const mostRows = 5000;

const words: Readonly<Record<State, string>> = {
  good: 'good',
  warning: 'with warnings',
  error: 'with errors',
  missing: 'missing',
};

/** All frames from the first to the last, those that stand alike as one piece. */
export function stripLines(frames: readonly FrameRow[]): string[] {
  const [first, last] = [frames[0], frames.at(-1)];
  if (!first || !last || frames.length < 2) return [];
  const runs: { state: State; count: number }[] = [];
  for (const { state, count } of frames) {
    const run = runs.at(-1);
    if (run?.state === state) run.count += count;
    else runs.push({ state, count });
  }
  const total = (state: State) => runs.reduce((sum, run) => (run.state === state ? sum + run.count : sum), 0);
  const states: readonly State[] = ['good', 'warning', 'error', 'missing'];
  const label = states.flatMap((state) => (total(state) > 0 ? [`${total(state)} ${words[state]}`] : [])).join(', ');
  return [
    `<div class="strip" role="img" aria-label="${escaped(`All frames in their order: ${label}`)}">`,
    runs.map(({ state, count }) => `<span class="${state}" style="flex:${count}"></span>`).join(''),
    '</div>',
    `<div class="ends"><span>${escaped(first.name)}</span><span>${escaped(last.name)}</span></div>`,
  ];
}

export function framesSection({ frames, columns }: ReportPage): string[] {
  // What is wrong comes first where not all can be shown.
  const bad = frames.length > mostRows ? frames.filter(({ state }) => state !== 'good') : frames;
  const shown = bad.slice(0, mostRows);
  const left = frames.length - shown.length;
  const headings = ['frame', 'status', ...columns, 'file'];
  return [
    '<h2>Frames</h2>',
    ...(left > 0 ? [`<p>${left} frames are omitted here, good ones first; a .csv or .json report has all.</p>`] : []),
    '<div class="scroll" role="region" aria-label="Frames" tabindex="0">',
    '<table>',
    `<thead><tr>${headings.map((text) => `<th scope="col">${escaped(text)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...shown.map(row),
    '</tbody></table></div>',
  ];
}

function row({ name, file, state, status, cells }: FrameRow): string {
  const own = cells.map((text) => `<td>${escaped(text)}</td>`).join('');
  const level = `<span class="level ${state}">${escaped(status)}</span>`;
  return `<tr data-level="${state}"><th scope="row">${escaped(name)}</th><td>${level}</td>${own}<td>${escaped(file)}</td></tr>`;
}
