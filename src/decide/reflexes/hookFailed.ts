/**
 * A hook stopped `git commit` or `git push`. It rewrote what is staged: stage that and run the command again. Else which
 * check it was, from what was printed; without that only where git itself had no reason to refuse.
 * The hook is never gone round.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import type { Situation } from "../../domain/situation.ts"
import { bash, stage } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Reflex } from "../Decider.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { simpleCommands } from "../words.ts"

const name = "git-hook-failed"
const request = { _tag: "gitHooks" } as const
const ttlMs = 60 * 60_000

interface Hooked {
  readonly verb: "commit" | "push"
  readonly words: ReadonlyArray<string>
}

/** The command the hook belongs to, where nothing else of the line can have failed so. */
const hookedOf = (line: string): Hooked | null => {
  const commands = simpleCommands(line)
  const last = commands?.at(-1)?.words ?? []
  const before = commands?.slice(0, -1) ?? []
  if (!before.every(({ words }) => words[0] === "cd" || (words[0] === "git" && words[1] === "add")))
    return null
  const [program, verb] = last
  if (program !== "git" || (verb !== "commit" && verb !== "push")) return null
  const skips = last.some((word) => word === "--no-verify" || (verb === "commit" && /^-[a-z]*n/.test(word)))
  return skips || last.includes("--dry-run") ? null : { verb, words: last }
}

const hasMessage = (words: ReadonlyArray<string>): boolean =>
  words.some((word) => /^-[a-zA-Z]*[mFC]$|^--(?:message|file|no-edit|reuse-message)\b|^-m./.test(word))

const hooksOf = {
  commit: ["pre-commit", "prepare-commit-msg", "commit-msg"],
  push: ["pre-push"],
} as const

/** What git or the remote says where no hook had a word. */
const gitsOwn =
  /nothing to commit|nothing added to commit|no changes added to commit|empty commit message|Author identity unknown|gpg failed|unmerged files|\[rejected\]|\[remote rejected\]|non-fast-forward|fetch first|no upstream branch|Could not read from remote/

/** How the usual runners of hooks name the check that failed. */
const namings: ReadonlyArray<RegExp> = [
  /^- hook id: ([\w.-]+)/m,
  /^([^\n]{2,70}?)\.{3,}[^\n]*\bFailed\b/m,
  /^✖ {2,}([^\n]{2,120})$/m,
  /^\s*(?:🥊|❌|✖|✗) ?([^\n(:]{2,100})/mu,
  /^husky - ([\w-]+) (?:hook|script)/m,
  /^([^\s:]+:\d+(?::\d+)?:? [^\n]{0,120}\berror\b[^\n]{0,120})/im,
]

const checkIn = (output: string): string | null => {
  for (const naming of namings) {
    const found = naming.exec(output)?.[1]?.trim()
    if (found !== undefined && found !== "") return found.slice(0, 120)
  }
  return null
}

type Hook = ProbeAnswer<"gitHooks">["hooks"][number]

const told = ({ file, manager }: Hook): string =>
  `its hook is ${file}${manager === null ? "" : ` (${manager})`}`

export const hookFailed: Reflex = {
  name,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation: Situation) =>
    isSituation(situation, "command.failed") &&
    situation.data.exit === 1 &&
    hookedOf(situation.data.command) !== null,
  probes: () => [request],
  propose: (situation, facts, memory) => {
    if (!isSituation(situation, "command.failed")) return silent("no command failed")
    const { command, cwd, durationMs, exit, output } = situation.data
    const hooked = hookedOf(command)
    const answer = facts.get<"gitHooks">(request)
    if (hooked === null) return silent("no hook belongs to it")
    if (answer === undefined) return unknown("the hooks")
    const usual: ReadonlyArray<string> = hooksOf[hooked.verb]
    const hook = answer.hooks.find((each) => usual.includes(each.name))
    if (hook === undefined) return silent(`no hook is there for a ${hooked.verb}`)
    if (output !== undefined && gitsOwn.test(output)) return silent("git itself refused it")
    const failed = { text: `\`${command}\` failed with exit ${exit}`, seq: situation.evidence[0] ?? null }
    const expiresWhen = [`ran:${sameLine(command)}`, "git:HEAD"]

    const endedMs = memory.commands.find(({ seq }) => seq === situation.evidence[0])?.atMs
    const paths =
      hooked.verb === "push" || endedMs === undefined
        ? []
        : answer.rewritten.flatMap((file) =>
            file.mtimeMs >= endedMs - durationMs - 2_000 && file.mtimeMs <= endedMs + 1_000
              ? [file.path]
              : [],
          )
    if (paths.length > 0) {
      return propose(name, situation, {
        title: `The ${hook.name} hook rewrote ${listed(paths)}: stage that and commit again`,
        why: [failed, told(hook), `${listed(paths)} was staged, and was written while the hook ran`],
        same: ["rewritten", sameLine(command), paths.toSorted()],
        actions: [stage(paths.toSorted()), bash(command, cwd)],
        risk: "medium",
        expiresWhen,
        ttlMs,
      })
    }
    const check = output === undefined ? null : checkIn(output)
    if (check === null) {
      if (hooked.verb === "push") return silent("the hook or the remote refused it: nobody knows which")
      if (output === undefined && !(hasMessage(hooked.words) && answer.staged > 0))
        return silent("git itself may have refused it")
    }
    return propose(name, situation, {
      title:
        check === null
          ? `Nothing was committed: the ${hook.name} hook stopped it`
          : `The ${hook.name} hook stopped it: ${check}`,
      why: [failed, told(hook)],
      same: ["stopped", sameLine(command), check],
      mode: "notify",
      expiresWhen: [...expiresWhen, `session:${situation.data.session}`],
      ttlMs,
    })
  },
}
