/** Rules that are broken for the programs which do not see a Cryptomatte because of it. */
import { type Problem, type Program, programs } from '../../layers/seen-by/program.js';
import { type Breach, type HeaderFacts, type HeaderRule, type RuleInfo, severityOf } from './rule.js';
import type { Subject } from './subjects.js';

/** What a rule says of a Cryptomatte, beside what programs say. */
export interface Remark {
  /** What is so, in the words of the rule; without it a program's own words are taken. */
  readonly message?: string;
  /** How programs take it that see the Cryptomatte nevertheless. Without it only those count that do not. */
  readonly others?: RuleInfo['targets'];
  readonly mendedBy?: RuleInfo['mendedBy'];
  readonly command?: string | undefined;
}

interface SeenRule extends RuleInfo {
  /** Undefined where nothing more is to be said than programs do. */
  readonly remark?: (subject: Subject, facts: HeaderFacts, minds: ReadonlyMap<Program, Problem>) => Remark | undefined;
  /** Says what programs say: most rules have words of their own for it. */
  readonly weight?: 'error' | 'warning';
}

/** A rule with one breach at most for each Cryptomatte. */
export function seenRule({ remark, weight = 'error', ...rule }: SeenRule): HeaderRule {
  return {
    ...rule,
    *check(facts) {
      for (const subject of facts.subjects) {
        const minds = subject.broken.get(rule.id) ?? none;
        const own = remark?.(subject, facts, minds);
        if (minds.size === 0 && own?.others === undefined) continue;
        // What the rule says in general names nothing that is in the file.
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
  { message, others, ...mending }: Remark,
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
    ...mending,
  };
}
