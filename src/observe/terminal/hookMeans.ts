/**
 * The part of each hook that says how the output of its shell's commands can be seen, for `parseMeans` to read: in the
 * `claw shell` it runs in, or the pane or window of the multiplexer or terminal that it is in, by what that one
 * put into the environment. The innermost wins. Hooks start no program and ask nobody; they only write down where.
 * `__claw_nonce` is not empty in a `claw shell`: then the hook marks what each command prints, counted by `__claw_n`.
 */
import { shellVariable } from "../../domain/shellMarks.ts"

/** For bash and zsh. `forbidden`: a pattern of the characters that no field may hold. */
export const posixMeans = (forbidden: string): string => `\
if [[ -n "\${${shellVariable}-}" ]]; then
  __claw_means="shell \${${shellVariable}%% *}" __claw_nonce="\${${shellVariable}##* }" __claw_n=0
elif [[ -z "\${__claw_nonce-}" ]]; then
  __claw_means= __claw_nonce= __claw_n=0
  if [[ -n "\${TMUX-}" && -n "\${TMUX_PANE-}" ]]; then __claw_means="tmux $TMUX_PANE $TMUX"
  elif [[ -n "\${ZELLIJ_PANE_ID-}" ]]; then __claw_means="zellij $ZELLIJ_PANE_ID \${ZELLIJ_SESSION_NAME-}"
  elif [[ -n "\${KITTY_WINDOW_ID-}" ]]; then __claw_means="kitty $KITTY_WINDOW_ID \${KITTY_LISTEN_ON-}"
  elif [[ -n "\${WEZTERM_PANE-}" ]]; then __claw_means="wezterm $WEZTERM_PANE \${WEZTERM_UNIX_SOCKET-}"
  fi
fi
unset ${shellVariable}
case "$__claw_nonce" in (*[!0-9a-f]*) __claw_nonce= ;; esac
case "$__claw_means" in (${forbidden}) __claw_means= ;; esac
(( \${#__claw_means} > 400 )) && __claw_means=
__claw_head=c
[[ -n "$__claw_means" ]] && __claw_head="w$__claw_us$__claw_means"`

export const fishMeans = `\
if test -n "$${shellVariable}"
    set -g __claw_means shell (string split -m 1 ' ' -- $${shellVariable})[1]
    set -g __claw_nonce (string split -m 1 ' ' -- $${shellVariable})[2]
    set -g __claw_n 0
else if test -z "$__claw_nonce"
    set -g __claw_means
    set -g __claw_nonce ''
    set -g __claw_n 0
    if test -n "$TMUX"; and test -n "$TMUX_PANE"
        set -g __claw_means tmux $TMUX_PANE $TMUX
    else if test -n "$ZELLIJ_PANE_ID"
        set -g __claw_means zellij $ZELLIJ_PANE_ID $ZELLIJ_SESSION_NAME
    else if test -n "$KITTY_WINDOW_ID"
        set -g __claw_means kitty $KITTY_WINDOW_ID $KITTY_LISTEN_ON
    else if test -n "$WEZTERM_PANE"
        set -g __claw_means wezterm $WEZTERM_PANE $WEZTERM_UNIX_SOCKET
    end
end
set -e ${shellVariable}
string match -qr '^[0-9a-f]+$' -- "$__claw_nonce"; or set -g __claw_nonce ''
string match -qr '^[^\\x1e\\x1f\\n]{1,400}$' -- "$__claw_means"; or set -g __claw_means
set -g __claw_head c
test -n "$__claw_means"; and set -g __claw_head w\\x1f"$__claw_means"`
