import { type EventError, ExrError, type Notice, type SequenceEvent, type SequenceSummary } from '../../lib/index.js';
import { spellingHint } from '../../lib/program.js';
import { type AdviceWording, commandText } from './advice.js';

/** What to do about some errors, in the words of the command line instead of those of the library's options. */
const hints: ReadonlyMap<string, string> = new Map([
  [
    'FRAMES_MISSING',
    'Skip them with --missing skip, repeat the previous frame with --missing hold, or select other frames with --frames.',
  ],
  ['OUTPUT_IS_INPUT', 'Write somewhere else, or use --in-place to replace the input.'],
]);

/** An error with such a hint, and a message in the words of the command line. */
export function inOptionWords(error: ExrError, text: AdviceWording = commandText): ExrError {
  const { kind, code, message, wording, where, cause } = error;
  const hint = hintFor(error, text) ?? error.hint;
  if (hint === error.hint && wording === undefined) return error;
  return new ExrError(kind, code, wording === undefined ? message : commandText(wording), {
    where,
    cause,
    ...(hint !== undefined && { hint }),
  });
}

function hintFor({ code, limit, where, advice }: ExrError, text: AdviceWording): string | undefined {
  if (limit !== undefined) return `Raise it with "--limit ${limit}=VALUE" if the file can be trusted.`;
  return code === 'ENOENT' ? spellingHint(where.file ?? '') : (hints.get(code) ?? (advice && text(advice)));
}

/** A notice whose message is in the words of the command line. */
export function noticeInOptionWords<Own extends Pick<Notice, 'message' | 'wording'>>({
  wording,
  ...notice
}: Own): Omit<Own, 'wording'> {
  return wording === undefined ? notice : { ...notice, message: commandText(wording) };
}

/** An event in the words of the command line, whatever shows it: a log, lines of JSON, a report. */
export function eventInOptionWords(event: SequenceEvent, text: AdviceWording = commandText): SequenceEvent {
  switch (event.type) {
    case 'notice':
      return noticeInOptionWords(event);
    case 'frame-failed':
      return { ...event, error: errorInOptionWords(event.error, text) };
    case 'frame-skipped':
      return event.error === undefined ? event : { ...event, error: errorInOptionWords(event.error, text) };
    case 'summary': {
      const worded = (frames: SequenceSummary['failed']) =>
        frames.map((one) => ({ ...one, error: errorInOptionWords(one.error, text) }));
      return { ...event, skipped: worded(event.skipped), failed: worded(event.failed) };
    }
    default:
      return event;
  }
}

function errorInOptionWords({ advice, ...error }: EventError, text: AdviceWording): EventError {
  const worded = noticeInOptionWords(error);
  return advice === undefined ? worded : { ...worded, hint: text(advice) };
}
