/**
 * The zsh hook. Functions are defined under a sticky `emulate zsh` without aliases, so that the user's options
 * and aliases change nothing in them, nor they in the user's. The one fork, without exec, is when a spool is made.
 */
import { posixMeans } from "./hookMeans.ts"

export const hookZsh = (directory: string, agent: string): string => `\
if [[ -o interactive && "\${CLAW_AGENT-}" != 1 ]]; then
typeset -g __claw_dir __claw_author=user __claw_head=c __claw_us=$'\\037' __claw_means
typeset -g __claw_nonce="\${__claw_nonce-}" __claw_n="\${__claw_n:-0}"
${posixMeans("*[$'\\036\\037\\n']*")}
${directory}
[[ -n "${agent}" ]] && __claw_author=agent
'builtin' 'emulate' 'zsh' '-o' 'no_aliases' '-o' 'no_xtrace' '-c' '
  typeset -g __claw_spool= __claw_command= __claw_cwd= __claw_length= __claw_t0= __claw_rs= __claw_lf=
  function __claw_open {
    [[ -d $__claw_dir && -O $__claw_dir ]] || return 1
    local -i us=$(( EPOCHREALTIME * 1000000 ))
    __claw_spool="$__claw_dir/zsh-$$-$us"
    ( umask 077; : >> "$__claw_spool" ) 2> /dev/null
  }
  function __claw_mark {
    { builtin printf "\\033]133;%s;claw=%s;%d\\a" "$1" "$__claw_nonce" $__claw_n > /dev/tty } 2> /dev/null
    return 0
  }
  function __claw_ignored {
    { [[ $1 == \${~HISTORY_IGNORE} ]] } always { TRY_BLOCK_ERROR=0 } 2> /dev/null
  }
  function __claw_preexec {
    __claw_command=
    case $1 in
      ("" | [[:space:]]*) return 0 ;;
    esac
    local word="\${1%%[[:space:]]*}"
    [[ "\${aliases[$word]-}" == [[:space:]]* ]] && return 0
    [[ -n "\${HISTORY_IGNORE-}" ]] && __claw_ignored "$1" && return 0
    __claw_length=$#1
    __claw_command="\${1[1,1800]}"
    __claw_cwd="$PWD"
    (( __claw_n += 1 ))
    [[ -n $__claw_nonce ]] && __claw_mark C
    __claw_t0=$EPOCHREALTIME
    return 0
  }
  function __claw_precmd {
    local -i s=$?
    [[ -n $__claw_command ]] || return 0
    local t1=$EPOCHREALTIME c="$__claw_command"
    __claw_command=
    [[ -n $__claw_nonce ]] && __claw_mark "D;$s"
    case $__claw_cwd in
      (*[$__claw_us$__claw_rs]*) return 0 ;;
    esac
    [[ $c == *"$__claw_rs$__claw_lf"* ]] && c="\${c//$__claw_rs$__claw_lf/$__claw_rs $__claw_lf}"
    local -i ms=$(( (t1 - __claw_t0) * 1000 ))
    [[ -f $__claw_spool ]] || __claw_open || return 0
    { builtin printf "%s\\037%s\\037%d\\037%d\\037%s\\037%d\\037%s\\037%s\\036\\n" "$__claw_head\${__claw_nonce:+ $__claw_n}" $t1 $ms $s $__claw_author $__claw_length "$__claw_cwd" "$c" >> "$__claw_spool" } 2> /dev/null
    return 0
  }
  builtin printf -v __claw_rs "\\036"
  builtin printf -v __claw_lf "\\n"
  if zmodload zsh/datetime 2> /dev/null; then
    typeset -ga precmd_functions preexec_functions
    precmd_functions=(__claw_precmd \${precmd_functions:#__claw_precmd})
    preexec_functions=(\${preexec_functions:#__claw_preexec} __claw_preexec)
  fi
'
fi
`
