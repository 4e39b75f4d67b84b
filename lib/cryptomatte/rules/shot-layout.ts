/** What else should stay the same from frame to frame: comps take their layers from the first frame, and read all others alike. */
import type { LayoutChange, LayoutSubject, ShotLayout } from '../../layers/shot-layout.js';
import { shellWord } from './advice.js';
import { type Breach, everywhere, type RuleInfo } from './rule.js';

/** A rule, and which changes of a {@link ShotLayout} break it. */
interface LayoutRule extends RuleInfo {
  readonly subjects: readonly LayoutSubject[];
}

export const layoutRules: readonly LayoutRule[] = [
  {
    id: 'CM-H01',
    meaning: 'Every frame of a sequence has the same layers with the same channels.',
    severity: 'warning',
    targets: everywhere('warning'),
    fixedBy: 'header',
    command: 'rename --map OLD=NEW',
    subjects: ['layers'],
  },
  {
    id: 'CM-H02',
    meaning: 'A layer has the same pixel type in every frame of a sequence.',
    severity: 'warning',
    targets: everywhere('warning'),
    fixedBy: 'pixels',
    command: 'convert --to TYPE',
    subjects: ['types'],
  },
  {
    id: 'CM-H03',
    meaning: 'A sequence is not partly stored with loss.',
    severity: 'warning',
    targets: everywhere('warning'),
    fixedBy: 'render',
    subjects: ['loss'],
  },
  {
    id: 'CM-H04',
    meaning: 'Codec and storage are the same in every frame of a sequence.',
    severity: 'info',
    targets: everywhere('info'),
    fixedBy: 'pixels',
    command: 'compress --to CODEC',
    subjects: ['codec', 'storage'],
  },
  {
    id: 'CM-H05',
    meaning: 'The display window and the pixel aspect ratio are the same in every frame of a sequence.',
    severity: 'warning',
    targets: everywhere('warning'),
    fixedBy: 'render',
    subjects: ['display window'],
  },
  {
    id: 'CM-H06',
    meaning:
      'The data window is the same in every frame of a sequence. Many renderers fit it to what is seen, and programs allow that.',
    severity: 'info',
    targets: everywhere('info'),
    fixedBy: 'nothing needed',
    subjects: ['data window'],
  },
];

/** The breaches of each rule, from a shot's changes. */
export function layoutBreaches(layout: ShotLayout): ReadonlyMap<RuleInfo, readonly Breach[]> {
  const changes = layout.changes();
  return new Map(
    layoutRules.map((rule) => {
      const own = changes.filter(({ subject }) => rule.subjects.includes(subject));
      return [rule, own.map((change): Breach => ({ message: change.text, ...remedy(change) }))];
    }),
  );
}

/** What would make all frames as most of them are. */
function remedy({ subject, layers, usual = '' }: LayoutChange): Pick<Breach, 'command' | 'fixedBy'> {
  if (subject === 'codec') return { command: `compress --to ${usual.replace(' (lossy)', '')}` };
  // Tiles and scan lines are the same to every program.
  if (subject === 'storage') return { command: undefined, fixedBy: 'nothing needed' };
  // Which layers are the same under another name nobody can know.
  if (subject === 'layers') return { command: undefined };
  if (subject !== 'types') return {};
  const isOneType = usual === 'half' || usual === 'float';
  const only = layers.filter((layer) => layer !== '').map((layer) => ` --only ${shellWord(layer)}`);
  return isOneType && only.length === layers.length && only.length <= 3
    ? { command: `convert --to ${usual}${only.join('')}` }
    : { command: undefined };
}
