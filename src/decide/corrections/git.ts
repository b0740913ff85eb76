/**
 * What git says when a command cannot be: wrong words, wrong order, wrong place. From git's own messages, of the
 * versions of the last ten years; corrections that lose work or rewrite what others have are dangerous by their line.
 */
import { type Correction, insertedAfter, replaced, spliced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, kinds, kindsOf, operands, preceded, rule, withOption } from "./rule.ts"
import { gitSubcommandAt } from "./subcommands.ts"
import { usualOptions } from "./usualOptions.ts"

export const unmatched = /pathspec '(?::\([^)]*\))?([^']+)' did not match any file\(?s?\)?(?: known to git)?/

export const addFirst = rule(
  "git-add-first",
  { program: "git", says: unmatched },
  (failed, known) => {
    const path = unmatched.exec(failed.output)?.[1]
    if (path === undefined || !failed.words.includes(path)) return []
    const [kind] = kinds(known, [path])
    return kind === null || kind === undefined
      ? []
      : eachPlain([path], (word) => preceded(failed, `git add -- ${word}`))
  },
  {
    asks: (failed, dir) => {
      const path = unmatched.exec(failed.output)?.[1]
      return path === undefined ? [] : [kindsOf(dir, [path])]
    },
  },
)

export const gitBranch = { _tag: "gitBranch" } as const

/** `git checkout faeture`: a branch near to the word, or a new one of that name. */
export const checkoutBranch = rule(
  "git-checkout-branch",
  {
    program: "git",
    typed: /^(?:checkout|switch|merge|rebase|branch)\b/,
    says: /pathspec '[^']+' did not match|invalid reference: |not something we can merge|invalid upstream '/,
  },
  (failed, { facts }) => {
    const { output, words } = failed
    const typed =
      /pathspec '([^']+)'|invalid reference: (\S+)|merge: (\S+) - not|invalid upstream '([^']+)'/.exec(output)
    const name = typed?.slice(1).find((each) => each !== undefined)
    const at = name === undefined ? -1 : words.lastIndexOf(name)
    if (at < 0 || name === undefined) return []
    const branches = facts.get<"gitBranch">(gitBranch)?.branches
    const renamed = name === "master" ? ["main"] : name === "main" ? ["master"] : []
    const near = closest(name, branches ?? [])
    const other = branches === undefined ? renamed : renamed.filter((each) => branches.includes(each))
    const found = [...new Set([...other, ...near])]
    const lines = eachPlain(found, (word) => replaced(failed, at, word))
    const verb = /\.\w{1,5}$|[~^:?*[\\]|\.\.|@\{/.test(name) ? "" : words[1]
    const create = verb === "checkout" ? "-b" : verb === "switch" ? "-c" : null
    return create === null || words.includes(create) ? lines : [...lines, ...withOption(failed, 1, create)]
  },
  { asks: () => [gitBranch] },
)

const otherTrunk: Readonly<Record<string, string>> = { main: "master", master: "main" }

/** `git log master..topic` where the trunk is called `main`. */
export const trunkRenamed = rule(
  "git-trunk-renamed",
  {
    program: "git",
    says: /(?:ambiguous argument|invalid upstream|bad revision|unknown revision|pathspec) '[^'\n]*\b(?:main|master)\b|(?:remote ref|src refspec|invalid reference:|Not a valid object name:?) (?:origin\/)?(?:main|master)\b/,
  },
  (failed, { facts }) => {
    const branches = facts.get<"gitBranch">(gitBranch)?.branches
    const at = failed.words.findIndex(
      (word, i) => i > 1 && /^(?:[\w-]+\/)?(?:main|master)(?:$|[.^~:@])/.test(word),
    )
    const typed = failed.words[at] ?? ""
    const name = /(?:^|\/)(main|master)/.exec(typed)?.[1]
    if (name === undefined || !failed.output.includes(name)) return []
    const other = otherTrunk[name]!
    const raw = failed.line.slice(failed.part[at]!.start, failed.part[at]!.end)
    // A branch without a commit is missing as well: there only the branches tell.
    const told = branches === undefined && !/src refspec/.test(failed.output)
    return told || (branches?.includes(other) === true && !branches.includes(name))
      ? [replaced(failed, at, raw.replace(name, other))]
      : []
  },
  { asks: () => [gitBranch] },
)

/** `git commit topic`: no path is called so; a branch of that name can be made. */
export const branchFirst = rule(
  "git-branch-first",
  { program: "git", typed: /^commit [^-\s]\S*$/, says: unmatched },
  (failed) =>
    eachPlain([unmatched.exec(failed.output)?.[1]], (name) => preceded(failed, `git branch ${name}`)),
  { notOffered: true },
)

/** `git commit -amend`: git says which option has two dashes. */
export const twoDashes = rule(
  "git-two-dashes",
  { program: "git", says: /did you mean [`'"]--[\w-]+['"`] \(with two dashes/ },
  (failed) => {
    const option = /did you mean [`'"](--[\w-]+)/.exec(failed.output)![1]!
    const at = failed.words.indexOf(option.slice(1))
    return at < 0 ? [] : [replaced(failed, at, option)]
  },
)

/** `git branch 0v`: the zero beside the dash. */
export const zeroForDash = rule(
  "git-branch-zero-for-dash",
  { program: "git", typed: /^branch 0[A-Za-z]\b/ },
  (failed) => {
    const typed = failed.words[2]!
    if (!/^0[adDflmMruv]$/.test(typed)) return []
    const meant = replaced(failed, 2, `-${typed.slice(1)}`)
    return /already exists/.test(failed.output) ? [`git branch -D ${typed} && ${meant}`] : [meant]
  },
)

export const cloneTwice = rule(
  "git-clone-twice",
  { program: "git", typed: /^clone git clone\b/ },
  (failed) => [spliced(failed, 0, 2, "")],
)

const url = /^(?:https?:\/\/|ssh:\/\/|git:\/\/|git@)[\w.@:/~+-]+$/

/** A repository's address alone, or behind `git pull` where there is no repository: clone it. */
export const cloneAddress: Correction = {
  name: "git-clone-address",
  applies: ({ words, output, exit }) =>
    (words.length === 1 &&
      url.test(words[0]!) &&
      /^(?:git@|ssh:|git:)|\.git$|\/\/(?:github|gitlab|bitbucket|codeberg)\./.test(words[0]!) &&
      (exit === 127 ||
        exit === 126 ||
        /not found|No such file|Unknown command|is not recogni[sz]ed/i.test(output))) ||
    (words[0] === "git" &&
      words[1] === "pull" &&
      url.test(words[2] ?? "") &&
      /not a git repository/i.test(output)),
  correct: (failed) =>
    failed.words[0] === "git" ? [replaced(failed, 1, "clone")] : [`git clone ${failed.line}`],
}

/** `git log README -p`: an option after a path. */
export const optionAfterPath = rule(
  "git-option-after-path",
  {
    program: "git",
    says: /bad flag '[^']+' used after filename|option '[^']+' must come before non-option arguments/,
  },
  (failed) => {
    const option = /(?:bad flag|option) '([^']+)'/.exec(failed.output)![1]!
    const at = failed.words.findIndex(
      (word, i) => i > 1 && (word === option || word.startsWith(`${option}=`)),
    )
    const sub = gitSubcommandAt(failed.words)
    const path = operands(failed, sub + 1)[0]
    if (at < 0 || path === undefined || path > at) return []
    // Where git has none of that name, it is not the place that is wrong.
    const usual = option.startsWith("--") ? usualOptions("git") : []
    const [meant] = usual.includes(option) ? [] : closest(option, usual, { cutoff: 0.8 })
    if (meant !== undefined) return [replaced(failed, at, meant)]
    // Whatever else stands there as an option stands wrong as well, with a number or a text that follows it.
    const late = failed.words.map((word, i) => {
      const before = failed.words[i - 1] ?? ""
      const value = /^\d+$/.test(word)
        ? /^-[a-zA-Z]$/.test(before)
        : /^-(?:m|F|-message|-file|-author|-date)$/.test(before)
      return i > path && (/^-./.test(word) || value)
    })
    const raw = failed.part.map(({ start, end }) => failed.line.slice(start, end))
    const words = [
      ...raw.slice(1, path),
      ...raw.filter((_, i) => late[i]),
      ...raw.slice(path).filter((_, i) => !late[path + i]),
    ]
    return [spliced(failed, 1, failed.words.length, words.join(" "))]
  },
)

export const noIndex = rule(
  "git-diff-no-index",
  { program: "git", typed: /^diff [^-\s]\S* [^-\s]\S*$/ },
  (failed) =>
    failed.output.trim() === "" ||
    /ambiguous argument|Not a git repository|usage: git diff --no-index/i.test(failed.output)
      ? [insertedAfter(failed, 1, "--no-index")]
      : [],
  { notOffered: true },
)

export const diffStaged = rule(
  "git-diff-staged",
  { program: "git", typed: /^diff\b(?!.*--(?:staged|cached|no-index))/ },
  (failed) => (failed.seen && failed.output.trim() === "" ? [insertedAfter(failed, 1, "--staged")] : []),
  { notOffered: true },
)
