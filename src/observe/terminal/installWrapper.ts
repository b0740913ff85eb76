/**
 * The text that `claw init SHELL --wrap-installs` writes: functions around package managers that ask `claw guard`
 * before an installation, and only before one; everything else goes to the program at once, without a process of ours.
 * Invariants: only guard's refusal (exit 3) keeps a command from running; whatever else goes wrong is said, and the
 * command runs; a function of the user's own by that name stays as it is.
 */
import { installing } from "../../domain/lockfiles/installing.ts"
import type { Shell } from "./spoolFormat.ts"

/** Guard's word for "do not run it". */
const refused = 3
/** Set to 1 before one command, it runs whatever guard would say. */
export const overrideVariable = "CLAW_INSTALL_ANYWAY"

const quotePosix = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const quoteFish = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

const heading = `# Claw's guard before installations: asks \`claw guard\` whether a named package is known to be malicious.
# Once without it: ${overrideVariable}=1 before the command. Undone by: claw init SHELL --unwrap-installs\n`

const posix = (guard: string): string => {
  const functions = Object.entries(installing).map(([name, words]) => {
    const ask = `__claw_guard ${name} "$@" || return $?`
    const patterns = (words ?? []).map((word) => (word === "" ? '"  "' : `*" ${word} "*`)).join("|")
    const body = words === null ? ask : `case " $* " in (${patterns}) ${ask} ;; esac`
    return `typeset -f ${name} >/dev/null || function ${name} { ${body}; command ${name} "$@"; }`
  })
  return `if [[ $- == *i* ]]; then
__claw_guard() {
  [[ \${${overrideVariable}-} == 1 ]] && return 0
  local s=0
  ${guard} "$@" </dev/null || s=$?
  (( s == ${refused} )) && return ${refused}
  (( s == 0 )) || \\builtin printf 'claw: nothing was checked (claw guard ended with %d), running it all the same\\n' "$s" >&2
  return 0
}
${functions.join("\n")}
fi
`
}

const fish = (guard: string): string => {
  const functions = Object.entries(installing).map(([name, words]) => {
    const ask = `__claw_guard ${name} $argv; or return $status`
    const known = (words ?? []).filter((word) => word !== "").join("|")
    const bare = words?.includes("") === true ? "|^  $" : ""
    const body =
      words === null
        ? `    ${ask}`
        : `    if string match -qr -- ' (${known}) ${bare}' " $argv "\n        ${ask}\n    end`
    return `if not functions -q ${name}\n    function ${name} --wraps ${name}\n    ${body.replaceAll("\n", "\n    ")}\n        command ${name} $argv\n    end\nend`
  })
  return `if status is-interactive
function __claw_guard
    test "$${overrideVariable}" = 1; and return 0
    ${guard} $argv </dev/null
    set -l s $status
    test $s -eq ${refused}; and return ${refused}
    test $s -eq 0; or echo "claw: nothing was checked (claw guard ended with $s), running it all the same" >&2
    return 0
end
${functions.join("\n")}
end
`
}

/** `command`: how Claw is started, word by word. */
export const installWrapper = (shell: Shell, command: ReadonlyArray<string>): string => {
  const quote = shell === "fish" ? quoteFish : quotePosix
  const guard = [...command, "guard"].map(quote).join(" ")
  return heading + (shell === "fish" ? fish(guard) : posix(guard))
}
