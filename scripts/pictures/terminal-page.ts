/** A page that shows text for a terminal as terminals draw it, for screenshots. */

/** Pixels of a letter's cell. */
const cell = { width: 8, height: 16 };

/** Colours that hold until the text sets others: `12;34;56`, or undefined for the terminal's own. */
interface Colours {
  readonly ink: string | undefined;
  readonly paper: string | undefined;
}

const plain: Colours = { ink: undefined, paper: undefined };

/** The page, and the pixels that it takes. Knows what `exrpipe show` writes: 24-bit colours, their end, and letters. */
export function terminalPage(text: string): { readonly html: string; readonly width: number; readonly height: number } {
  const lines = text.replace(/\n$/, '').split('\n').map(cellsOf);
  const columns = Math.max(...lines.map(({ length }) => length));
  const rows = lines.map((cells) => `<div>${cells.join('')}</div>`);
  const style = [
    'body { margin: 12px; background: #1c1c1c; color: #d8d8d8 }',
    `div { display: flex; height: ${cell.height}px }`,
    `i { width: ${cell.width}px; height: ${cell.height}px; font: 13px/${cell.height}px "DejaVu Sans Mono", monospace }`,
  ];
  return {
    html: `<!doctype html><meta charset="utf-8"><style>${style.join('\n')}</style>${rows.join('')}`,
    width: columns * cell.width + 24,
    height: lines.length * cell.height + 24,
  };
}

/** An element for each letter of a line. */
function cellsOf(line: string): string[] {
  const [before = '', ...pieces] = line.split('\x1b[');
  let colours = plain;
  const cells = [...before].map((letter) => cellOf(letter, plain));
  for (const piece of pieces) {
    const end = piece.indexOf('m');
    colours = changed(colours, piece.slice(0, end));
    cells.push(...[...piece.slice(end + 1)].map((letter) => cellOf(letter, colours)));
  }
  return cells;
}

function changed(colours: Colours, codes: string): Colours {
  if (codes === '0') return plain;
  const [, which, colour] = /^(38|48);2;(\d+;\d+;\d+)$/.exec(codes) ?? [];
  if (which === '38') return { ...colours, ink: colour };
  if (which === '48') return { ...colours, paper: colour };
  throw new RangeError(`the escape sequence ${codes} is not known here`);
}

/** Terminals draw half blocks themselves, without gaps between them, and so does this. */
function cellOf(letter: string, { ink, paper }: Colours): string {
  if (letter !== '\u2580') return `<i>${letter === ' ' ? '' : `&#${letter.codePointAt(0)};`}</i>`;
  return `<i style="background:linear-gradient(${css(ink)} 50%,${css(paper)} 50%)"></i>`;
}

function css(colour: string | undefined): string {
  return colour === undefined ? 'transparent' : `rgb(${colour.replaceAll(';', ',')})`;
}
