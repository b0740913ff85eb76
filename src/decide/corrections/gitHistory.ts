/**
 * Git again: branches, commits and remotes whose state stands in the way. Nearly all of these answers rewrite or throw
 * something away, so most are a person's to weigh; how a failed push goes on is left to the rule that sees the branch.
 */
import { insertedAfter, type Failed, plain, replaced, spliced } from "./Correction.ts"
import { eachPlain, operandAt, plainWords, preceded, rule, withOption } from "./rule.ts"

const pushRule = { leftTo: "git-push-failed" } as const

/** The command with its arguments and another option at its end. */
const ended = (failed: Failed, option: string): string =>
  insertedAfter(failed, failed.part.length - 1, option)

export const addForce = rule(
  "git-add-ignored",
  { program: "git", typed: /^add\b/, says: /paths are ignored by one of your \.gitignore/ },
  (failed) => withOption(failed, 1, "--force"),
)

export const deleteUnmerged = rule(
  "git-branch-delete-unmerged",
  { program: "git", typed: /^branch\b.*\s-d\b/, says: /is not fully merged/ },
  (failed) => [replaced(failed, failed.words.indexOf("-d"), "-D")],
)

export const deleteCheckedOut = rule(
  "git-branch-delete-checked-out",
  {
    program: "git",
    typed: /^branch\b.*\s-[dD]\b/,
    says: /[Cc]annot delete branch '[^']+' (?:checked out|used by worktree) at/,
  },
  (failed, { facts }) => {
    const at = failed.words.findIndex((word) => word === "-d" || word === "-D")
    const branches = facts.get<"gitBranch">({ _tag: "gitBranch" })?.branches ?? []
    const trunk = ["main", "master", "trunk", "develop"].find((name) => branches.includes(name)) ?? "master"
    return failed.words.includes(trunk) ? [] : [`git checkout ${trunk} && ${replaced(failed, at, "-D")}`]
  },
  { asks: () => [{ _tag: "gitBranch" }] },
)

export const branchExists = rule(
  "git-branch-exists",
  {
    program: "git",
    typed: /^(?:branch|checkout|switch)\b/,
    says: /[Aa] branch named '[^']+' already exists/,
  },
  (failed) =>
    eachPlain([/branch named '([^']+)'/.exec(failed.output)?.[1]], (name) => name).flatMap((name) =>
      failed.words.includes(name)
        ? [
            `git branch -d ${name} && ${failed.line}`,
            `git branch -D ${name} && ${failed.line}`,
            `git checkout ${name}`,
          ]
        : [],
    ),
)

export const branchList = rule("git-branch-list", { program: "git", typed: /^branch list$/ }, (failed) => [
  /^\s*$/.test(failed.output) ? "git branch --delete list && git branch" : "git branch",
])

export const commitAll = rule(
  "git-commit-all",
  { program: "git", typed: /^commit\b/, says: /no changes added to commit/ },
  (failed) => [...withOption(failed, 1, "-a"), ...withOption(failed, 1, "-p")],
)

const refused =
  /no changes added|nothing to commit|nothing added to commit|error:|fatal:|not a git|aborting|pathspec/i

/** After a commit that went through: take it back, or go on with it. */
export const afterCommit = rule(
  "git-after-commit",
  { program: "git", typed: /^commit\b(?!.*--amend)/ },
  (failed) =>
    failed.seen && !refused.test(failed.output) && !/file changed|files changed/.test(failed.output)
      ? ["git reset HEAD~", "git commit --amend"]
      : [],
  { notOffered: true },
)

export const hookRefused = rule(
  "git-hook-refused",
  {
    program: "git",
    typed: /^(?:commit|push|merge|rebase|am)\b/,
    says: /(?:pre-commit|commit-msg|pre-push|husky)[^\n]*(?:hook|failed|exited)/i,
  },
  (failed) => withOption(failed, 1, "--no-verify"),
  { notOffered: true },
)

export const unrelated = rule(
  "git-merge-unrelated",
  { program: "git", typed: /^(?:merge|pull)\b/, says: /refusing to merge unrelated histories/ },
  (failed) => [ended(failed, "--allow-unrelated-histories")],
)

export const noTracking = rule(
  "git-no-tracking",
  { program: "git", typed: /^pull\b/, says: /git branch --set-upstream(?:-to)?[= ]/ },
  (failed, { facts }) => {
    const told = /^\s*(git branch --set-upstream(?:-to)?=?\s*[^\n]+)$/m.exec(failed.output)?.[1]
    const remotes = facts.get<"gitBranch">({ _tag: "gitBranch" })?.remotes
    const remote = remotes === undefined || remotes.includes("origin") ? "origin" : remotes[0]
    if (told === undefined || remote === undefined) return []
    const branch = told.trim().split(/\s+/).at(-1)!
    const line = plainWords(told.replace("<remote>", remote).replace("<branch>", branch))
    return line === null ? [] : [preceded(failed, line)]
  },
  { asks: () => [{ _tag: "gitBranch" }] },
)

const blocked =
  /(?:[Cc]ommit or stash (?:your changes|them)|(?:local changes|index contains)[^\n]*(?:would be overwritten|uncommitted))/

/** Work in the way: put aside first. */
export const stashFirst = rule(
  "git-stash-first",
  {
    program: "git",
    typed: /^(?:rebase|cherry-pick|checkout|switch|merge|revert|bisect|am)\b/,
    says: blocked,
  },
  (failed) => [preceded(failed, "git stash")],
)

export const pullUncommitted = rule(
  "git-pull-uncommitted",
  { program: "git", typed: /^pull\b/, says: /commit or stash|unstaged changes|uncommitted changes/i },
  (failed) => [`git stash && ${failed.line} && git stash pop`],
)

export const stashPop = rule(
  "git-stash-pop",
  {
    program: "git",
    typed: /^stash pop\b/,
    says: /local changes to the following files would be overwritten/,
  },
  (failed) => [`git add --update && ${failed.line} && git reset .`],
)

export const upstream = rule(
  "git-push-upstream",
  { program: "git", typed: /^push\b/, says: /git push --set-upstream \S+ \S+/ },
  (failed) => {
    const [, remote = "", branch = ""] = /git push --set-upstream (\S+) (\S+)/.exec(failed.output)!
    if (plain(remote) === null || plain(branch) === null) return []
    const options = failed.words
      .slice(2)
      .filter((word) => word.startsWith("-") && !/^(?:-u|--set-upstream)$/.test(word))
    return [`git push ${["--set-upstream", remote, branch, ...options].join(" ")}`]
  },
  pushRule,
)

export const otherName = rule(
  "git-push-other-name",
  { program: "git", typed: /^push\b/, says: /upstream branch of your current branch does not match/ },
  (failed) => {
    const told = /^\s*(git push \S+ HEAD:\S+)$/m.exec(failed.output)?.[1]
    const line = told === undefined ? null : plainWords(told)
    return line === null ? [] : [line]
  },
  pushRule,
)

const rejected = /\[rejected\][\s\S]*(?:failed to push|Updates were rejected)/

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

export const rebaseUnderWay = rule(
  "git-rebase-under-way",
  { program: "git", typed: /^rebase\b/, says: /already a rebase-(?:merge|apply) directory/ },
  (failed) => {
    const dir = /rm -fr "?([^"\n]+\.git\/rebase-(?:merge|apply))"?/.exec(failed.output)?.[1]
    const safe = dir === undefined ? null : plain(dir)
    return [
      "git rebase --continue",
      "git rebase --abort",
      "git rebase --skip",
      ...(safe === null ? [] : [`rm -fr ${safe.startsWith("'") ? safe : `"${safe}"`}`]),
    ]
  },
)

export const rebaseEmpty = rule(
  "git-rebase-empty",
  { program: "git", typed: /^rebase --continue\b/, says: /No changes - did you forget to use 'git add'/ },
  () => ["git rebase --skip"],
)

export const tagExists = rule(
  "git-tag-exists",
  { program: "git", typed: /^tag\b/, says: /tag '[^']+' already exists/ },
  (failed) => withOption(failed, 1, "--force"),
)

export const removeStaged = rule(
  "git-rm-staged",
  {
    program: "git",
    typed: /^rm\b/,
    says: /has (?:changes staged in the index|local modifications|staged content different)/,
  },
  (failed) => [...withOption(failed, 1, "--cached"), ...withOption(failed, 1, "-f")],
)

export const removeDirectory = rule(
  "git-rm-recursive",
  { program: "git", typed: /^rm\b/, says: /not removing '[^']+' recursively without -r/ },
  (failed) => withOption(failed, 1, "-r"),
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
