/** The legend under an image of IDs: a square in each ID's colour and its name, those that cover most first. */
import { Canvas, fitText, lineHeight, type Rgb, textWidth } from './canvas.js';
import { glyphHeight } from './font.js';
import { idColour } from './id-colour.js';

export interface LegendEntry {
  readonly id: number;
  readonly label: string;
}

const background: Rgb = [32, 32, 32];
const ink: Rgb = [224, 224, 224];
const square = glyphHeight;
const gap = 6;

/** Names in as many columns as fit side by side. */
export function drawLegend(entries: readonly LegendEntry[], width: number): Canvas {
  const cell = Math.min(width, Math.max(...entries.map(({ label }) => textWidth(label)), 1) + square + 3 * gap);
  const columns = Math.max(1, Math.floor(width / cell));
  const rows = Math.ceil(entries.length / columns);
  const canvas = new Canvas(width, rows * lineHeight + gap, background);
  for (const [at, { id, label }] of entries.entries()) {
    const x = Math.floor(at / rows) * cell + gap;
    const y = (at % rows) * lineHeight + gap;
    canvas.fill(x, y, square, square, idColour(id));
    canvas.text(x + square + gap, y, fitText(label, cell - square - 2 * gap), ink);
  }
  return canvas;
}
