/**
 * The static text that `claw init SHELL` writes, and the one line for the rc file. A hook appends one record
 * per finished command to its own shell's spool (see `spoolFormat.ts`) with builtins only; it is off in shells
 * that are not interactive or belong to Claw (CLAW_AGENT=1), and writes nothing while the spool directory is
 * missing or not the user's. Leading-space commands and what the shell's own settings hide are never written.
 */
import { hookBash } from "./hookBash.ts"
import { hookFish } from "./hookFish.ts"
import { hookZsh } from "./hookZsh.ts"
import type { Shell } from "./spoolFormat.ts"

/**
 * Set, and only set, by agents in the shells they start. Variables a person sets to configure an agent
 * (CODEX_HOME, AIDER_MODEL ...) or an editor sets for people too (TERM_PROGRAM) say nothing and are not here.
 */
export const agentVariables: ReadonlyArray<string> = [
  "AI_AGENT",
  "ANTIGRAVITY_AGENT",
  "AUGMENT_AGENT",
  "CLAUDECODE",
  "CLINE_ACTIVE",
  "CODEX_CI",
  "CODEX_SANDBOX",
  "CODEX_SANDBOX_NETWORK_DISABLED",
  "CODEX_THREAD_ID",
  "CURSOR_AGENT",
  "GEMINI_CLI",
  "GOOSE_TERMINAL",
  "OPENCODE",
]

/** The oldest version each hook works in; older shells source it without effect. */
export const oldestShell: Readonly<Record<Shell, string>> = { zsh: "5.3", bash: "5.0", fish: "3.6" }

const quotePosix = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const quoteFish = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

const posixDirectory = `case "\${XDG_RUNTIME_DIR-}" in
  (/*) __claw_dir="$XDG_RUNTIME_DIR/claw/spool" ;;
  (*) __claw_dir="\${HOME-}/.cache/claw/spool" ;;
esac`
const fishDirectory = `if string match -q -- '/*' "$XDG_RUNTIME_DIR"
    set -g __claw_dir $XDG_RUNTIME_DIR/claw/spool
else
    set -g __claw_dir $HOME/.cache/claw/spool
end`

const heading = (shell: Shell): string =>
  `# Claw's ${shell} hook: appends each finished command to a private spool file. \`claw hooks status\` tells how it is.\n`

/** `spoolDir` fixes the directory; otherwise the hook finds the daemon's own by XDG_RUNTIME_DIR and HOME. */
export const hookScript = (shell: Shell, options: { readonly spoolDir?: string } = {}): string => {
  const fixed = options.spoolDir
  const posixAgent = agentVariables.map((name) => `\${${name}-}`).join("")
  switch (shell) {
    case "zsh":
      return (
        heading(shell) +
        hookZsh(fixed === undefined ? posixDirectory : `__claw_dir=${quotePosix(fixed)}`, posixAgent)
      )
    case "bash":
      return (
        heading(shell) +
        hookBash(fixed === undefined ? posixDirectory : `__claw_dir=${quotePosix(fixed)}`, posixAgent)
      )
    case "fish":
      return (
        heading(shell) +
        hookFish(
          fixed === undefined ? fishDirectory : `set -g __claw_dir ${quoteFish(fixed)}`,
          agentVariables.map((name) => `$${name}`).join(""),
        )
      )
  }
}

/** The line for `.zshrc`, `.bashrc` or `config.fish`. */
export const rcLine = (shell: Shell, hookFile: string): string =>
  shell === "fish"
    ? `test -r ${quoteFish(hookFile)}; and source ${quoteFish(hookFile)}`
    : `[ -r ${quotePosix(hookFile)} ] && . ${quotePosix(hookFile)}`
