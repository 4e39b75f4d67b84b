import t from 'tap';
import { ValidationSummary } from '../../bin/commands/validate-summary.js';
import type { Finding } from '../../lib/cryptomatte/validate.js';

function finding(rule: string, severity: Finding['severity']): Finding {
  const nothing = { set: undefined, part: undefined, attribute: undefined, pixel: undefined, command: undefined };
  return { ...nothing, rule, severity, message: 'x', targets: {}, fixedBy: 'header' };
}

const at = (frame: number) => ({ sequence: 'shots/s', frame });

t.test('counts, holes and rules, the worst first', async (t) => {
  const summary = new ValidationSummary();
  for (const frame of [1, 2, 4, 9])
    summary.add({ file: `s.${frame}.exr`, cryptomattes: [], findings: [finding('CM-W01', 'warning')] }, at(frame));
  const worse = [finding('CM-W01', 'warning'), finding('CM-E01', 'error'), finding('CM-I01', 'info')];
  summary.add({ file: 's.10.exr', cryptomattes: [], findings: worse }, at(10));
  summary.addUnreadable('s.11.exr', at(11));
  t.strictSame(summary.lines(), [
    '6 files: 1 with errors, 4 with warnings, 1 not readable',
    '  missing: shots/s: 3,5-8',
    '  not readable: s.11.exr',
    '  error CM-E01: 1 file: 10',
    '  warning CM-W01: 5 files: 1-2,4,9-10',
  ]);
});

t.test('what all files have is said so, and names of files cannot drive the terminal', async (t) => {
  const summary = new ValidationSummary();
  for (const file of ['a\x1b.exr', 'b.exr'])
    summary.add({ file, cryptomattes: [], findings: [finding('CM-E01', 'error')] }, undefined);
  t.strictSame(summary.lines(), ['2 files: 2 with errors', '  error CM-E01: all files']);
  summary.add({ file: 'c.exr', cryptomattes: [], findings: [] }, undefined);
  t.strictSame(summary.lines(), ['3 files: 1 sound, 2 with errors', '  error CM-E01: 2 files: a\\x1b.exr, b.exr']);
});
