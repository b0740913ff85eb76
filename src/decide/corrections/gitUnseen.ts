/**
 * Git where the terminal gave no output: branches and paths that were mistyped and commits of nothing staged, told from
 * the exit and from the repository's own state.
 */
import { type Correction, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, kinds, kindsOf, withOption } from "./rule.ts"

const gitBranch = { _tag: "gitBranch" } as const
const gitDirty = { _tag: "gitDirty" } as const
const gitStaged = { _tag: "gitStaged", maxBytes: 0 } as const

const takesBranch: Readonly<Record<string, ReadonlyArray<number>>> = {
  checkout: [1],
  switch: [128],
  merge: [1],
  rebase: [128],
}

/** `git checkout mian`: neither a branch nor a path, and near to a branch. */
export const mistypedBranch: Correction = {
  name: "mistyped-branch",
  applies: ({ words, seen, alone, exit }) =>
    !seen &&
    alone &&
    words[0] === "git" &&
    words.length === 3 &&
    (takesBranch[words[1]!] ?? []).includes(exit ?? 0) &&
    /^[A-Za-z][\w./-]*$/.test(words[2]!),
  asks: ({ words }, dir) => [gitBranch, kindsOf(dir, [words[2]!])],
  correct: (failed, known) => {
    const name = failed.words[2]!
    const at = known.facts.get<"gitBranch">(gitBranch)
    if (at === undefined || at.operation !== null || at.branches.includes(name)) return []
    if (kinds(known, [name])[0] !== null) return []
    const renamed = name === "master" ? ["main"] : name === "main" ? ["master"] : []
    const found = [...renamed.filter((each) => at.branches.includes(each)), ...closest(name, at.branches)]
    return eachPlain(
      found.filter((branch) => branch !== at.branch),
      (word) => replaced(failed, 2, word),
    )
  },
}

/** `git commit -m x` with changes and nothing staged. */
export const commitUnstaged: Correction = {
  name: "commit-of-nothing-staged",
  applies: ({ words, seen, exit }) =>
    !seen &&
    exit === 1 &&
    words[0] === "git" &&
    words[1] === "commit" &&
    !words.some((word) =>
      /^-[A-Za-z]*[ap]|^--(?:all|patch|amend|allow-empty|interactive|include|only)$/.test(word),
    ),
  asks: () => [gitStaged, gitDirty, gitBranch],
  correct: (failed, { facts }) => {
    const staged = facts.get<"gitStaged">(gitStaged)
    const dirty = facts.get<"gitDirty">(gitDirty)
    const at = facts.get<"gitBranch">(gitBranch)
    return staged !== undefined &&
      staged.files.length === 0 &&
      dirty !== undefined &&
      dirty.files > 0 &&
      at !== undefined &&
      at.operation === null
      ? withOption(failed, 1, "-a")
      : []
  },
}
