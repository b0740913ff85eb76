/**
 * Git again: branches, commits and work whose state stands in the way. Nearly all of these answers rewrite or throw
 * something away, so most are a person's to weigh.
 */
import { type Failed, insertedAfter, plain, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { preceded, rule, withOption } from "./rule.ts"

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
    // Another name for a branch is no branch to be made.
    typed: /^(?:branch(?!.*\s(?:-[mMcC]|--move|--copy)\b)|checkout|switch)\b/,
    says: /[Aa] branch named '.+' already exists/,
  },
  (failed) => {
    const at = failed.words.indexOf(/branch named '(.+)' already/.exec(failed.output)?.[1] ?? "")
    const word = failed.part[at]
    if (word === undefined) return []
    const name = failed.line.slice(word.start, word.end)
    return [
      `git ${failed.words[1] === "switch" ? "switch" : "checkout"} ${name}`,
      preceded(failed, `git branch -d ${name}`),
      preceded(failed, `git branch -D ${name}`),
    ]
  },
)

export const branchList = rule("git-branch-list", { program: "git", typed: /^branch list$/ }, (failed) => [
  /^\s*$/.test(failed.output) ? "git branch --delete list && git branch" : "git branch",
])

export const commitAll = rule(
  "git-commit-all",
  { program: "git", typed: /^commit\b/, says: /no changes added to commit/ },
  // All of it would be committed with the marks of a conflict in it.
  (failed) =>
    /unmerged paths/i.test(failed.output)
      ? []
      : [...withOption(failed, 1, "-a"), ...withOption(failed, 1, "-p")],
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
  // The usage text tells of hooks, too.
  (failed) => (/^usage: git/m.test(failed.output) ? [] : withOption(failed, 1, "--no-verify")),
  { notOffered: true },
)

export const unrelated = rule(
  "git-merge-unrelated",
  { program: "git", typed: /^(?:merge|pull)\b/, says: /refusing to merge unrelated histories/ },
  (failed) => [ended(failed, "--allow-unrelated-histories")],
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

export const stashPop = rule(
  "git-stash-pop",
  {
    program: "git",
    typed: /^stash pop\b/,
    says: /local changes to the following files would be overwritten/,
  },
  (failed) => [`git add --update && ${failed.line} && git reset .`],
)

export const rebaseUnderWay = rule(
  "git-rebase-under-way",
  { program: "git", typed: /^(?:rebase|pull|am)\b/, says: /already a rebase-(?:merge|apply) directory/ },
  (failed) => {
    const dir = /rm -fr "?([^"\n]+\.git\/rebase-(?:merge|apply))"?/.exec(failed.output)?.[1]
    const safe = dir === undefined ? null : plain(dir)
    const ways = ["--continue", "--abort", "--skip"]
    const typed = failed.words[1] === "rebase" ? failed.words.slice(2) : []
    const meant = typed.flatMap((word) => closest(`--${word.replace(/^-+/, "")}`, ways))
    return [
      ...[...new Set([...meant, ...ways])].map((way) => `git rebase ${way}`),
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
    says: /ha(?:s|ve) (?:changes staged in the index|local modifications|staged content different)/,
  },
  (failed) => [...withOption(failed, 1, "--cached"), ...withOption(failed, 1, "-f")],
)

export const removeDirectory = rule(
  "git-rm-recursive",
  { program: "git", typed: /^rm\b/, says: /not removing '[^']+' recursively without -r/ },
  (failed) => withOption(failed, 1, "-r"),
)
