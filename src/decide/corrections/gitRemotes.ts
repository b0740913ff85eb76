/**
 * Git and its remotes: pulls and merges that need a word more. How a failed push goes on is recognised here and left to
 * the rule that sees the branch.
 */
import { insertedAfter, plain, replaced, spliced } from "./Correction.ts"
import { eachPlain, operandAt, plainWords, preceded, rule } from "./rule.ts"

const pushRule = { leftTo: "git-push-failed" } as const

export const noTracking = rule(
  "git-no-tracking",
  { program: "git", typed: /^pull\b/, says: /git branch --set-upstream(?:-to)?[= ]/ },
  (failed, { facts }) => {
    const told =
      /^[ \t]*(git branch --set-upstream(?:-to)?[= ]\s*[\w<][\w./<>-]*(?: [\w][\w./-]*)?)[ \t]*$/m.exec(
        failed.output,
      )?.[1]
    const remotes = facts.get<"gitBranch">({ _tag: "gitBranch" })?.remotes
    const remote = remotes === undefined || remotes.includes("origin") ? "origin" : remotes[0]
    if (told === undefined || remote === undefined) return []
    const branch = told.trim().split(/\s+/).at(-1)!
    const line = plainWords(told.replace("<remote>", remote).replace("<branch>", branch))
    return line === null ? [] : [preceded(failed, line)]
  },
  { asks: () => [{ _tag: "gitBranch" }] },
)

export const pullUncommitted = rule(
  "git-pull-uncommitted",
  {
    program: "git",
    typed: /^pull\b/,
    says: /commit (?:your changes )?or stash|unstaged changes|uncommitted changes/i,
  },
  (failed) => {
    const line = insertedAfter(failed, failed.part.length - 1, "&& git stash pop")
    return [preceded({ ...failed, line }, "git stash")]
  },
)

export const upstream = rule(
  "git-push-upstream",
  { program: "git", typed: /^push\b/, says: /git push --set-upstream \S+ \S+/ },
  (failed) => {
    const [, remote = "", branch = ""] = /git push --set-upstream (\S+) (\S+)/.exec(failed.output)!
    if (/[/:]/.test(remote) && !failed.words.includes(remote)) return []
    if (plain(remote) === null || plain(branch) === null) return []
    const options = failed.words
      .slice(2)
      .filter((word) => word.startsWith("-") && !/^(?:-u|--set-upstream)$/.test(word))
    const words = ["--set-upstream", remote, branch, ...options]
    return [spliced(failed, 2, failed.words.length, words.join(" "))]
  },
  pushRule,
)

export const otherName = rule(
  "git-push-other-name",
  { program: "git", typed: /^push\b/, says: /upstream branch of your current branch does not match/ },
  (failed) => {
    const told = /^[ \t]*(git push [\w.-]+ HEAD:[\w./-]+)$/m.exec(failed.output)?.[1]
    const line = told === undefined ? null : plainWords(told)
    return line === null ? [] : [line]
  },
  pushRule,
)

/** The branch there has what the one here has not; a tag that exists, or a lease that has run out, is another matter. */
const rejected =
  /\[rejected\][^\n]*\((?:non-fast[- ]forward|fetch first)\)|\[rejected\][\s\S]*Updates were rejected because (?!the tag\b)/

export const integrateFirst = rule(
  "git-push-rejected",
  { program: "git", typed: /^push\b(?!.*(?:-f\b|--force))/, says: rejected },
  (failed) => [
    `${replaced(failed, 1, "pull")} && ${failed.line}`,
    insertedAfter(failed, 1, "--force-with-lease"),
  ],
  pushRule,
)

export const nothingToPush = rule(
  "git-push-without-commits",
  { program: "git", typed: /^push\b/, says: /src refspec \S+ does not match any/ },
  (failed) => [preceded(failed, 'git commit -m "Initial commit"')],
  pushRule,
)

/** A branch that only a remote has, as git itself proposes it. */
export const mergeRemote = rule(
  "git-merge-remote",
  { program: "git", typed: /^merge\b/, says: /not something we can merge/ },
  (failed) => {
    const told = /Did you mean this\?\s+(\S+)/.exec(failed.output)?.[1]
    const typed = /merge: (\S+) - not/.exec(failed.output)?.[1]
    const at = typed === undefined ? -1 : failed.words.lastIndexOf(typed)
    return eachPlain([told], (word) => spliced(failed, at, at + 1, word)).filter(
      () => at > operandAt(failed.words),
    )
  },
)
