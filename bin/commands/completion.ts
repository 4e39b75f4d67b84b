/** `exrpipe completion`: shell completion. The scripts are small and ask exrpipe itself, so they never go out of date. */
import type { OptionSpecs } from '../../lib/index.js';
import { exitCodes } from '../terminal/reporter.js';
import { writeStdout } from '../terminal/stdout.js';
import { helpOption } from '../words/common-options.js';
import { checkValues, optionValues, splitWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

const shell = {
  type: 'choice',
  choices: ['bash', 'zsh', 'fish'],
  required: true,
  positional: true,
  placeholder: 'SHELL',
  summary: 'bash, zsh or fish',
} as const;

const options = { shell, ...helpOption } as const satisfies OptionSpecs;

/** The exit code of `completion words` where the name of a file does not fit. It is none that a failure has. */
const noFiles = 4;

/**
 * Each script gives exrpipe the words so far, the unfinished one last. Names of files are completed too, in bash only where
 * there is no answer, unless the exit code signals that they do not fit.
 */
const scripts: Readonly<Record<(typeof shell.choices)[number], string>> = {
  bash: `_exrpipe() {
  local IFS=$'\\n'
  COMPREPLY=($(exrpipe completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ $? -ne ${noFiles} ]] || compopt +o default 2>/dev/null
}
complete -o default -F _exrpipe exrpipe
`,
  zsh: `#compdef exrpipe
_exrpipe() {
  local -a candidates
  local code
  candidates=(\${(f)"$(exrpipe completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  code=$?
  (( \${#candidates} )) && compadd -Q -- \${candidates}
  (( code == ${noFiles} )) || _files
}
compdef _exrpipe exrpipe
`,
  fish: `function __exrpipe_words
  set -l words (commandline -opc) (commandline -ct)
  exrpipe completion words -- $words[2..-1] 2>/dev/null
  test $status -eq ${noFiles}; and return
  set -l option (string match -r '^--[^=]+=' -- $words[-1])
  printf '%s\\n' "$option"(__fish_complete_path (string replace -- "$option" '' $words[-1]))
end
complete -c exrpipe -f -a '(__exrpipe_words)'
`,
};

export const command: Command = {
  name: 'completion',
  summary: 'Print a script for completion in bash, zsh or fish',
  description:
    'The script completes filters, commands, options and their values, anywhere in a chain. Load it from the start-up file of your shell.',
  usage: '',
  examples: [
    { command: 'completion bash >> ~/.bashrc', what: 'bash' },
    { command: 'completion zsh >> ~/.zshrc', what: 'zsh, after compinit' },
    { command: 'completion fish > ~/.config/fish/completions/exrpipe.fish', what: 'fish' },
  ],
  options,
  async run(words, _session, commands) {
    const [first, ...rest] = words;
    if (first === 'words') {
      const { candidates } = await import('./candidates.js');
      const found = await candidates(rest[0] === '--' ? rest.slice(1) : rest, commands);
      await writeStdout(found.words.map((word) => `${word}\n`).join(''));
      return found.files ? exitCodes.ok : noFiles;
    }
    const { named, bare } = splitWords(words, options, 'completion');
    if (bare.length > 1) throw usageError(`completion: unexpected "${bare[1]}"`);
    const given = { shell: bare[0], ...optionValues(named, options, 'completion') };
    const chosen = checkValues(options, given, 'completion');
    await writeStdout(scripts[chosen.shell]);
    return exitCodes.ok;
  },
};
