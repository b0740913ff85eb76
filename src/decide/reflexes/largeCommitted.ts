/**
 * A large file came in with a commit that no remote has: out again before it is in everybody's history. Offered ready to
 * run where the newest commit brought it; else it is said. After a refused push, what the remote will not take is the cause.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Memory, Reflex, Silence } from "../Decider.ts"
import { fingerprintOf, listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { shellWord, simpleCommands } from "../words.ts"
import { unwantedStaged } from "./unwantedStaged.ts"

const mebibyte = 1_048_576
const largeBytes = 5 * mebibyte
/** The best-known host takes nothing larger. */
const refusedBytes = 100 * mebibyte
const saysLarge = /GH001|[Ll]arge files? detected|exceeds .{0,80}(?:file size|size limit)|file is too large/

type Large = ProbeAnswer<"gitLarge">

/** Who wanted it staged wanted it committed. */
const isWanted = (situation: Situation, paths: ReadonlyArray<string>, memory: Memory): boolean =>
  (memory.refused ?? []).includes(
    fingerprintOf(unwantedStaged.name, { ...situation, subject: "index" }, paths.toSorted()),
  )

const proposal = (
  rule: string,
  situation: Situation,
  files: Large,
  cause: string,
  more: { readonly expiresWhen: ReadonlyArray<string> },
): Proposal => {
  const paths = [...new Set(files.map((file) => file.path))].toSorted()
  const words = paths.map(shellWord)
  const newest = files.every((file) => file.inHead)
  const ready = newest && situation.workspace !== null && words.every((word) => word !== null)
  return propose(rule, situation, {
    title: ready
      ? `Take ${listed(paths)} out of the newest commit: large, and not pushed yet`
      : `${listed(paths)}: large, in commits that are not pushed yet`,
    why: [
      { text: cause, seq: situation.evidence.at(-1) ?? null },
      ...files
        .slice(0, 5)
        .map(
          (file) => `${file.path} has ${(file.bytes / mebibyte).toFixed(1)} MiB in ${file.sha.slice(0, 7)}`,
        ),
      ...(ready ? ["the file itself stays where it is"] : []),
    ],
    same: files.map((file) => `${file.sha} ${file.path}`).toSorted(),
    mode: ready ? "draft" : "notify",
    actions: ready
      ? [
          bash(
            `git rm --cached --quiet -- ${words.join(" ")} && git commit --amend --no-edit`,
            situation.workspace!,
          ),
        ]
      : [],
    risk: "medium",
    expiresWhen: more.expiresWhen,
    ttlMs: 8 * 60 * 60_000,
  })
}

const requestFor = (minBytes: number) => ({ _tag: "gitLarge", minBytes }) as const

export const largeCommitted: Reflex = {
  name: "git-large-committed",
  situations: ["commit.settled"],
  applies: (situation) => isSituation(situation, "commit.settled") && situation.data.parents <= 1,
  probes: () => [requestFor(largeBytes)],
  propose: (situation, facts, memory) => {
    const files = facts.get<"gitLarge">(requestFor(largeBytes))
    if (files === undefined) return unknown("what is not pushed yet")
    if (files.length === 0) return silent("nothing large came in with what is not pushed")
    const paths = files.map((file) => file.path)
    if (isWanted(situation, paths, memory)) return silent("you wanted it staged")
    return proposal(largeCommitted.name, situation, files, `${listed(paths)} committed`, {
      expiresWhen: ["git:HEAD", "git:refs"],
    })
  },
}

const isPush = (line: string): boolean => {
  const words = simpleCommands(line)?.at(-1)?.words ?? []
  return words[0] === "git" && words[1] === "push"
}

const cause = (situation: Situation): number | Silence => {
  if (!isSituation(situation, "command.failed")) return silent("no push failed")
  const { exit, output } = situation.data
  if (output === undefined) return exit === 1 ? refusedBytes : silent("the push never began")
  return saysLarge.test(output) ? largeBytes : silent("the remote did not speak of a large file")
}

export const largePushed: Reflex = {
  name: "git-push-large",
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) =>
    isSituation(situation, "command.failed") &&
    isPush(situation.data.command) &&
    typeof cause(situation) === "number",
  probes: () => [requestFor(largeBytes)],
  propose: (situation, facts) => {
    const least = cause(situation)
    if (typeof least !== "number" || !isSituation(situation, "command.failed"))
      return typeof least === "number" ? silent("no push failed") : least
    const all = facts.get<"gitLarge">(requestFor(largeBytes))
    if (all === undefined) return unknown("what is not pushed yet")
    const files = all.filter((file) => file.bytes >= least)
    if (files.length === 0) return silent("nothing so large is in what is not pushed")
    const { command, exit } = situation.data
    return proposal(largePushed.name, situation, files, `\`${command}\` failed with exit ${exit}`, {
      expiresWhen: ["git:HEAD", "git:refs", `passed:${sameLine(command)}`],
    })
  },
}
