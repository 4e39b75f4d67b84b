/** What a task learns from its engine, in variables of its environment. */

/** One start of one task, as its engine counts. */
export interface Attempt {
  readonly engine: 'slurm' | 'deadline-cloud' | 'opencue';
  /** The engine's names of job and task. */
  readonly job: string;
  readonly task: string;
  /** How often the engine has started this task before; undefined where it does not report it. */
  readonly restarts?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The attempt that this process is; undefined where no engine has started it. SLURM: `sbatch(1)`, OUTPUT ENVIRONMENT VARIABLES;
 * SLURM_RESTART_COUNT is set from the first restart on. Deadline Cloud and OpenCue's RQD: what their workers set.
 */
export function attemptOf(environment: Environment): Attempt | undefined {
  const { SLURM_JOB_ID, SLURM_ARRAY_JOB_ID, SLURM_ARRAY_TASK_ID, SLURM_RESTART_COUNT } = environment;
  if (SLURM_JOB_ID !== undefined)
    return {
      engine: 'slurm',
      job: SLURM_ARRAY_JOB_ID ?? SLURM_JOB_ID,
      task: SLURM_ARRAY_TASK_ID ?? '',
      restarts: Number(SLURM_RESTART_COUNT ?? 0) || 0,
    };
  const { DEADLINE_JOB_ID, DEADLINE_TASK_ID, CUE_JOB, CUE_FRAME } = environment;
  if (DEADLINE_JOB_ID !== undefined)
    return { engine: 'deadline-cloud', job: DEADLINE_JOB_ID, task: DEADLINE_TASK_ID ?? '' };
  if (CUE_JOB !== undefined) return { engine: 'opencue', job: CUE_JOB, task: CUE_FRAME ?? '' };
  return undefined;
}
