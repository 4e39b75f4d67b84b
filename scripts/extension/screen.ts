/** Looks at the extension's panel in Blender's interface, on a screen that nobody sees. */
import { stat } from 'node:fs/promises';
import { run } from '../blender5/programs.js';

const minutes = 60_000;
/** Of the window: its largest area is wide enough for a result, and high enough for what stands above the panel. */
const [width, height] = [780, 1230];
/** What a page of documentation may load. */
const mostBytes = 100_000;
/** A window in which nothing was drawn packs to less. */
const leastBytes = 10_000;

/** Runs a script in Blender's window; it leaves a screenshot. Gives what is wrong. */
export async function photograph(
  program: string,
  words: readonly string[],
  env: readonly string[],
  screenshot: string,
): Promise<string[]> {
  const screen = ['-a', '-s', `-screen 0 ${width}x${height}x24`];
  const blender = [program, '--factory-startup', '--window-geometry', '0', '0', `${width}`, `${height}`, '--python'];
  const all = [...screen, 'env', ...env, ...blender, ...words];
  const { stdout, stderr } = await run('xvfb-run', all, 5 * minutes);
  const draws = Number(/^panel\tdrawn (\d+) times$/m.exec(stdout)?.[1] ?? 0);
  const size = await stat(screenshot).then(
    (found) => found.size,
    () => 0,
  );
  const said = `${stdout}${stderr}`;
  const wrong = [
    draws === 0 ? 'Blender has not drawn the panel' : '',
    /Traceback|rna_uiItem/.test(said) ? 'there were errors' : '',
    size < leastBytes || size > mostBytes ? `the screenshot has ${size} bytes` : '',
  ].filter((problem) => problem !== '');
  return wrong.length === 0 ? [] : [...wrong, said.slice(-2000)];
}
