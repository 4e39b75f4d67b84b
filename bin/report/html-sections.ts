/** The sections of the page above the table of frames. */
import { escaped } from './escape.js';
import { stripLines } from './html-frames.js';
import type { Remark, ReportPage, SeenFile, Thumbnail } from './model.js';
import { cryptomattesText, layersText } from './text.js';

/** Layers of a program that are named; a page of a thousand is no help. */
const mostLayers = 60;

/** What it is about, and how it stands. */
export function overview({ title, facts, summary, counts, frames }: ReportPage): string[] {
  return [
    `<h1>${escaped(title)}</h1>`,
    '<dl class="facts">',
    ...facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`),
    '</dl>',
    '<ul class="counts">',
    ...counts.map(({ label, count, state }) => `<li class="${state}"><b>${count}</b>${escaped(label)}</li>`),
    '</ul>',
    ...stripLines(frames),
    ...summary.map((line) => `<p>${escaped(line)}</p>`),
  ];
}

export function thumbnailsSection({ thumbnails }: ReportPage): string[] {
  if (thumbnails.length === 0) return [];
  return ['<h2>Images</h2>', '<div class="images">', ...thumbnails.map(figure), '</div>'];
}

function figure({ name, file, layer, state, width, height, png }: Thumbnail): string {
  const label = /^-?\d+$/.test(name) ? `Frame ${name}` : name;
  const image = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const trouble = state === 'good' ? '' : `<span class="level ${state}">${state}</span> `;
  return [
    '<figure>',
    `<img src="${image}" width="${width}" height="${height}" alt="${escaped(`${label}, layer ${layer}`)}">`,
    `<figcaption>${trouble}${escaped(`${label}: ${layer}`)}${file === name ? '' : `<br>${escaped(file)}`}</figcaption>`,
    '</figure>',
  ].join('');
}

export function remarksSection({ remarks }: ReportPage): string[] {
  const shown = remarks.length === 0 ? ['<p>Nothing was found.</p>'] : remarks.map(remarkHtml);
  return ['<h2>Findings</h2>', ...shown];
}

function remarkHtml({ level, code, affects, remedy, command, said }: Remark): string {
  const texts = said.map(
    ({ text, where }) => `<li>${escaped(text)} <span class="where">(${escaped(where)})</span></li>`,
  );
  return [
    `<section class="remark ${level}" data-level="${level}">`,
    `<h3><span class="level ${level}">${level}</span> ${escaped(code)}</h3>`,
    `<ul>${texts.join('')}</ul>`,
    affects === '' ? '' : `<p>${escaped(affects)}</p>`,
    remedy === undefined || command !== undefined ? '' : `<p>${escaped(remedy)}</p>`,
    command === undefined ? '' : `<p>Fix it with: <code class="fix">${escaped(command)}</code></p>`,
    '</section>',
  ].join('');
}

export function seenSection({ seen }: ReportPage): string[] {
  if (seen.length === 0) return [];
  return ['<h2>What programs see</h2>', ...seen.flatMap(seenTable)];
}

function seenTable({ file, programs }: SeenFile): string[] {
  const isCounted = programs.some(({ frames }) => frames !== '');
  const headings = ['program', 'layers', 'Cryptomattes', ...(isCounted ? ['over all frames'] : [])];
  return [
    `<p>Judged by the header of <span class="file">${escaped(file)}</span>.</p>`,
    '<div class="scroll" role="region" aria-label="What programs see" tabindex="0">',
    '<table>',
    `<thead><tr>${headings.map((text) => `<th scope="col">${text}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...programs.map(({ program, reader, refused, layers, hidden, cryptomattes, frames }) => {
      const bad = refused !== undefined || cryptomattes.some(({ problem }) => problem !== undefined);
      const list = layers.length > mostLayers ? [...layers.slice(0, mostLayers), '…'] : layers;
      const named =
        layers.length === 0
          ? ''
          : `<details><summary>${escaped(layersText(layers.length, hidden))}</summary>${escaped(list.join(', '))}</details>`;
      const level = bad ? '<span class="level error">problem</span> ' : '<span class="level good">works</span> ';
      return `<tr><th scope="row">${escaped(program)}<br><small>${escaped(reader)}</small></th><td>${refused === undefined ? named : escaped(refused)}</td><td>${level}${escaped(cryptomattesText(cryptomattes))}</td>${isCounted ? `<td>${escaped(frames)}</td>` : ''}</tr>`;
    }),
    '</tbody></table></div>',
  ];
}
