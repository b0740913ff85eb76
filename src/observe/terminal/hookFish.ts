/**
 * The fish hook, for fish 3.6 and later; in an older one the file does nothing. fish has no clock of its own:
 * `path mtime` of the spool, to which the record's first byte was just written, is the time in seconds, and
 * of `.clock` that of the shell's start. Builtins write straight to the spool: a substitution costs four times more.
 */
import { fishMeans } from "./hookMeans.ts"

export const hookFish = (directory: string, agent: string): string => `\
if status is-interactive; and test "$CLAW_AGENT" != 1; and string match -qr '^(3\\.([6-9]|\\d\\d)|[4-9]|\\d\\d)' -- $version
${directory}
set -g __claw_author user
test -n "${agent}"; and set -g __claw_author agent
set -g __claw_spool ''
set -g __claw_cwd $PWD
${fishMeans}

function __claw_mark
    test -n "$__claw_nonce"; and printf '\\e]133;%s;claw=%s;%d\\a' $argv[1] $__claw_nonce $__claw_n >/dev/tty 2>/dev/null
    return 0
end

function __claw_open
    test -d $__claw_dir; and test -O $__claw_dir; or return 1
    set -l old $umask
    set umask 0077
    begin
        printf . > $__claw_dir/.clock
        and set -g __claw_spool $__claw_dir/fish-$fish_pid-(path mtime -- $__claw_dir/.clock)(random 100000 999999)
        and printf '' >> $__claw_spool
    end 2>/dev/null
    set -l opened $status
    set umask $old
    return $opened
end

function __claw_preexec --on-event fish_preexec
    set -g __claw_cwd $PWD
    set -g __claw_n (math $__claw_n + 1)
    __claw_mark C
end

function __claw_postexec --on-event fish_postexec
    set -l code $status
    set -l line $argv[1]
    if test -n "$fish_private_mode"; or string match -qr '^\\s|^$' -- $line; or string match -qr '[\\x1e\\x1f]' -- $__claw_cwd
        __claw_mark 'D;'
        return
    end
    if functions -q fish_should_add_to_history; and not fish_should_add_to_history $line
        __claw_mark 'D;'
        return
    end
    __claw_mark "D;$code"
    test -f $__claw_spool; or __claw_open; or return
    string match -q -- '*'\\x1e\\n'*' $line; and set line (string replace -a -- \\x1e\\n \\x1e' '\\n $line | string collect)
    begin
        if test -n "$__claw_nonce"
            printf '%s %d\\x1f' $__claw_head $__claw_n
        else
            printf '%s\\x1f' $__claw_head
        end
        path mtime -- $__claw_spool
        printf '\\x1f%s\\x1f%s\\x1f%s\\x1f' $CMD_DURATION $code $__claw_author
        string length -- $line
        printf '\\x1f%s\\x1f' $__claw_cwd
        string sub -l 1800 -- $line
        printf '\\x1e\\n'
    end >> $__claw_spool 2>/dev/null
end
end
`
