/**
 * The bash hook, for bash 5.0 and later; in an older one the file does nothing. No DEBUG trap: the arithmetic in
 * PS0 runs in the shell itself and notes time and history number as a command begins. What was typed is read with
 * `history 1` through a file of the shell's own, because a command substitution would fork.
 * Which command ran is known only from the history, so what the history leaves out is never recorded. The one
 * exception is a repetition left out as a duplicate: known for certain where duplicates are all that is left out,
 * else by the simple command that ran last (`$BASH_COMMAND` in the list of a `for`, which leaves it as it is); what is
 * written then is the command already recorded, never the text of a hidden one. A hidden line that is one subshell
 * and nothing else leaves no such trace: right after another command it is taken for that one.
 * `f && :` passes a status on without waking ERR traps or errexit.
 */
import { posixMeans } from "./hookMeans.ts"

export const hookBash = (directory: string, agent: string): string => `\
if [[ $- == *i* && \${CLAW_AGENT-} != 1 ]] && (( BASH_VERSINFO[0] >= 5 )) && shopt -q promptvars; then
${directory}
__claw_author=user
[[ -n "${agent}" ]] && __claw_author=agent
__claw_spool= __claw_t0=0 __claw_h0=0 __claw_h=0 __claw_seen=0 __claw_moved= __claw_cwd=$PWD
__claw_last= __claw_ran= __claw_b= __claw_ble= __claw_z=('' '')
__claw_us=$'\\037'
${posixMeans("*[$'\\036\\037\\n']*")}
__claw_ps0='\${__claw_z[(__claw_t0=\${EPOCHREALTIME//[!0-9]/},__claw_h0=HISTCMD,__claw_n+=1,1)]}'
[[ $__claw_nonce ]] && __claw_ps0+="\\e]133;C;claw=$__claw_nonce;"'$__claw_n\\a'
__claw_first='for __claw_b in "$BASH_COMMAND"; do __claw_precmd && :; done'

__claw_open() {
  [[ -d $__claw_dir && -O $__claw_dir ]] || return 1
  __claw_spool=$__claw_dir/bash-$$-\${EPOCHREALTIME//[!0-9]/}
  ( umask 077; : >>"$__claw_spool" && : >>"$__claw_dir/.bash-$$" ) 2>/dev/null
}
# start, end, status, command
__claw_write() {
  [[ $__claw_cwd == *[$'\\036\\037']* ]] && return 0
  local c=\${4:0:1800}
  [[ $c == *$'\\036\\n'* ]] && c=\${c//$'\\036\\n'/$'\\036 \\n'}
  { \\builtin printf '%s\\037%s\\037%d\\037%d\\037%s\\037%d\\037%s\\037%s\\036\\n' "$__claw_head\${__claw_nonce:+ $__claw_n}" "$2" "$(( (\${2//[!0-9]/} - $1) / 1000 ))" "$3" "$__claw_author" "\${#4}" "$__claw_cwd" "$c" >>"$__claw_spool"; } 2>/dev/null
  return 0
}
# status, or nothing where no record of it is kept
__claw_ended() { { [[ $__claw_nonce ]] && \\builtin printf '\\033]133;D;%s;claw=%s;%d\\a' "\${1-}" "$__claw_nonce" "$__claw_n" >/dev/tty; } 2>/dev/null; return 0; }
# The history did not take the command: was it the newest entry once more? Takes what ran last, and that entry.
__claw_again() {
  [[ :\${HISTCONTROL-}: == *:ignoredups:* || :\${HISTCONTROL-}: == *:ignoreboth:* || :\${HISTCONTROL-}: == *:erasedups:* ]] || return 1
  [[ :\${HISTCONTROL-}: != *:ignorespace:* && :\${HISTCONTROL-}: != *:ignoreboth:* && ! \${HISTIGNORE-} ]] && return 0
  [[ $1 && ! $__claw_moved ]] || return 1
  [[ $1 == "$2" || ( $2 == "$__claw_last" && $1 == "$__claw_ran" ) ]]
}
__claw_precmd() {
  local s=$? t=$EPOCHREALTIME IFS= ran=$__claw_b c= n
  local t0=$__claw_t0 h0=$__claw_h0
  __claw_t0=0
  (( t0 )) && [[ ! $__claw_ble && -o history ]] || { __claw_ended; return "$s"; }
  [[ -f $__claw_spool ]] || __claw_open || { __claw_ended; return "$s"; }
  # written over without truncation, which on some file systems starts a write to the disk; NUL ends what is new
  { { HISTTIMEFORMAT= \\builtin history 1; \\builtin printf '\\0'; } 1<>"$__claw_dir/.bash-$$"
    \\builtin read -r -d '' c <"$__claw_dir/.bash-$$"; } 2>/dev/null
  c=\${c%$'\\n'} c=\${c#"\${c%%[! ]*}"} n=\${c%%[!0-9]*}
  c=\${c:\${#n}+2}
  # another prompt command before this one, or a DEBUG trap: it tells nothing of the user's
  [[ \${PROMPT_COMMAND-} == 'for __claw_b'* && $ran != 'for __claw_b'* ]] || ran=
  if (( h0 != \${n:-0} + 1 )); then
    c=                                           # the command itself changed the history
  elif (( h0 > __claw_h )) || [[ :\${HISTCONTROL-}: == *:erasedups:* && ! $__claw_moved && $c != "$__claw_last" ]]; then
    __claw_ran=$ran __claw_last=$c
    [[ $c == [[:space:]]* ]] && c=               # bash-preexec keeps these in the history
  elif [[ $c == [[:space:]]* ]] || ! __claw_again "$ran" "$c"; then
    c=
  fi
  __claw_seen=$HISTCMD
  # what is not recorded stays nowhere
  [[ $c ]] || { : >|"$__claw_dir/.bash-$$"; } 2>/dev/null
  __claw_ended "\${c:+$s}"
  [[ $c ]] && __claw_write "$t0" "$t" "$s" "$c"
  return "$s"
}
# The last thing before the prompt: where the next command starts, in the history and in the file system.
__claw_mark() {
  local s=$?
  __claw_h=$HISTCMD __claw_cwd=$PWD __claw_moved=
  [[ \${PS0-} == *__claw_t0=* ]] || PS0=$__claw_ps0\${PS0-}
  (( __claw_seen && __claw_h != __claw_seen )) && __claw_moved=1
  return "$s"
}
__claw_ble_preexec() {
  __claw_t0=\${EPOCHREALTIME//[!0-9]/} __claw_ble=$1 __claw_cwd=$PWD
  (( __claw_n += 1 ))
  { [[ $__claw_nonce ]] && \\builtin printf '\\033]133;C;claw=%s;%d\\a' "$__claw_nonce" "$__claw_n" >/dev/tty; } 2>/dev/null
  return 0
}
__claw_ble_precmd() {
  local s=$? t=$EPOCHREALTIME t0=$__claw_t0 c=$__claw_ble pattern
  __claw_t0=0 __claw_ble=' '
  (( t0 )) && [[ $c && $c != [[:space:]]* && -o history ]] || { __claw_ended; return "$s"; }
  local IFS=: - ; set -f
  for pattern in \${HISTIGNORE-}; do [[ $c == $pattern ]] && { __claw_ended; return "$s"; }; done
  [[ -f $__claw_spool ]] || __claw_open || { __claw_ended; return "$s"; }
  __claw_ended "$s"
  __claw_write "$t0" "$t" "$s" "$c"
  return "$s"
}

if [[ \${BLE_VERSION-} ]] && declare -F blehook >/dev/null; then
  __claw_ble=' '
  blehook PREEXEC-=__claw_ble_preexec PREEXEC+=__claw_ble_preexec PRECMD-=__claw_ble_precmd PRECMD+=__claw_ble_precmd
elif [[ \${PS0-} == *__claw_t0=* ]] || [[ -v PROMPT_COMMAND && \${PROMPT_COMMAND@a} == *r* ]]; then
  :                                              # already here, or fixed by the administrator
else
  PS0=$__claw_ps0\${PS0-}
  # bash-preexec takes what follows its own part of PROMPT_COMMAND for a command of the user's
  if [[ \${bash_preexec_imported-}\${__bp_imported-} ]]; then
    precmd_functions=(__claw_precmd \${precmd_functions[@]+"\${precmd_functions[@]}"} __claw_mark)
  elif [[ -v PROMPT_COMMAND && \${PROMPT_COMMAND@a} == *a* ]]; then
    PROMPT_COMMAND=("$__claw_first" "\${PROMPT_COMMAND[@]}" '__claw_mark && :')
  else
    PROMPT_COMMAND=$__claw_first$'\\n'\${PROMPT_COMMAND:+"$PROMPT_COMMAND"$'\\n'}'__claw_mark && :'
  fi
fi
fi
`
