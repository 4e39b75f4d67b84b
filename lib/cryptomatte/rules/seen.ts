/** Rules that are broken for exactly the programs that do not see a Cryptomatte because of it. */
import { type Problem, type Program, programs } from '../../layers/seen-by/program.js';
import { type Breach, type HeaderFacts, type HeaderRule, type RuleInfo, severityOf } from './rule.js';
import type { Subject } from './subjects.js';

/** What a rule adds about a Cryptomatte to the programs' own findings. */
export interface Remark {
  /** The rule's own message; without it, a program's message is used. */
  readonly message?: string;
  /** The severity for programs that see the Cryptomatte nevertheless. Without it, only those count that do not. */
  readonly others?: RuleInfo['targets'];
  readonly fixedBy?: RuleInfo['fixedBy'];
  readonly command?: string | undefined;
}

interface SeenRule extends RuleInfo {
  /** Undefined if there is nothing to add to the programs' findings. */
  readonly remark?: (subject: Subject, facts: HeaderFacts, minds: ReadonlyMap<Program, Problem>) => Remark | undefined;
  /** What programs found; most rules have their own message for it. */
  readonly weight?: 'error' | 'warning';
}

/** A rule with at most one breach per Cryptomatte. */
export function seenRule({ remark, weight = 'error', ...rule }: SeenRule): HeaderRule {
  return {
    ...rule,
    *check(facts) {
      for (const subject of facts.subjects) {
        const minds = subject.broken.get(rule.id) ?? none;
        const own = remark?.(subject, facts, minds);
        if (minds.size === 0 && own?.others === undefined) continue;
        // The rule's general command names nothing in this file.
        const general = /\b(?:OLD|NAME|VIEW)\b/.test(rule.command ?? '') ? { command: undefined } : {};
        yield breach(subject, minds, { ...general, ...own }, weight);
      }
    },
  };
}

const none: ReadonlyMap<Program, Problem> = new Map();

function breach(
  { name }: Subject,
  minds: ReadonlyMap<Program, Problem>,
  { message, others, ...fix }: Remark,
  weight: 'error' | 'warning',
): Breach {
  const targets: RuleInfo['targets'] = {
    ...others,
    ...Object.fromEntries([...minds.keys()].map((program) => [program, weight])),
  };
  const [first] = programs.flatMap((program) => minds.get(program) ?? []);
  return {
    message: message ?? first?.text ?? '',
    set: name,
    severity: severityOf(targets),
    targets,
    ...fix,
  };
}
