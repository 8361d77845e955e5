/**
 * Completion for those who call kubectl-acr_replication by that name. `kubectl acr-replication` is completed by
 * kubectl's own completion, which finds kubectl_complete-acr_replication on the PATH.
 */
const bash = String.raw`# bash completion for kubectl-acr_replication
_kubectl_acr_replication() {
  local i word line directive=4 words=()
  # Bash splits words at = too; here --output=json is one.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${'$'}{COMP_WORDS[i]}
    if [[ $word == = && ${'$'}{#words[@]} -gt 0 ]]; then
      words[${'$'}{#words[@]} - 1]+==
    elif [[ ${'$'}{#words[@]} -gt 0 && ${'$'}{words[${'$'}{#words[@]} - 1]} == --*= ]]; then
      words[${'$'}{#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
  done
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :* ]]; then
      directive=${'$'}{line#:}
    else
      word=${'$'}{line%%$'\t'*}
      [[ ${'$'}{words[${'$'}{#words[@]} - 1]} == --*=* ]] && word=${'$'}{word#--*=}
      COMPREPLY+=("$word")
    fi
  done < <(kubectl-acr_replication __complete "${'$'}{words[@]}" 2>/dev/null)
  if [[ $directive == 0 ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "${'$'}{COMP_WORDS[COMP_CWORD]#=}"))
  fi
}
complete -F _kubectl_acr_replication kubectl-acr_replication
`;

const zsh = String.raw`#compdef kubectl-acr_replication
# zsh completion for kubectl-acr_replication
_kubectl_acr_replication() {
  local line value directive=4
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :* ]]; then
      directive=${'$'}{line#:}
    else
      value=${'$'}{line%%$'\t'*}
      if [[ $line == *$'\t'* ]]; then
        candidates+=("${'$'}{value//:/\\:}:${'$'}{line#*$'\t'}")
      else
        candidates+=("${'$'}{value//:/\\:}")
      fi
    fi
  done < <(kubectl-acr_replication __complete "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)
  if [[ $directive == 0 ]]; then
    _files
  else
    _describe -t candidates candidate candidates
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _kubectl_acr_replication "$@"
else
  compdef _kubectl_acr_replication kubectl-acr_replication
fi
`;

const fish = String.raw`# fish completion for kubectl-acr_replication
function __kubectl_acr_replication
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (kubectl-acr_replication __complete $words[2..-1] 2>/dev/null)
    if test "$lines[-1]" = :0
        __fish_complete_path (commandline -ct)
    else
        string match -r -v '^:\d+$' -- $lines
    end
end
complete -c kubectl-acr_replication -f -a '(__kubectl_acr_replication)'
`;

export const scripts: Readonly<Record<string, string>> = { bash, zsh, fish };
