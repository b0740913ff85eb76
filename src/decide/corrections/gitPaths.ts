/**
 * Revisions and paths that git does not know, and what is near to them: branches and `HEAD`, files and folders that are
 * there; also words of a message taken for paths, and a folder that something was to be moved to.
 */
import { type Correction, type Failed, replaced, spliced } from "./Correction.ts"
import { gitBranch, unmatched } from "./git.ts"
import { besides, higherUp, waysTo } from "./mistypedPaths.ts"
import { closest } from "./rank.ts"
import { above, eachPlain, kinds, kindsOf, operands, preceded, rule } from "./rule.ts"

const unknownRevision =
  /branch '([^']+)' not found|ambiguous argument '([^'\n]+)': unknown revision|bad revision '([^'\n]+)'/

/** What no repository names otherwise. */
const heads = ["HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD"]

/** `main~2..topci`: each side by itself, with what goes back from it. */
const nearRevision = (text: string, branches: ReadonlyArray<string>): ReadonlyArray<string> => {
  const sides = text.split(/(\.{2,3})/)
  const [at, ...more] = sides.flatMap((side, i) => {
    const name = /^[^~^@:]+/.exec(side)?.[0] ?? ""
    return name === "" || /^\.+$/.test(side) || heads.includes(name) || branches.includes(name) ? [] : [i]
  })
  // With two that are unknown nobody knows which is wrong.
  if (at === undefined || more.length > 0) return []
  const name = /^[^~^@:]+/.exec(sides[at]!)![0]
  return closest(name, [...branches, ...(name === name.toUpperCase() ? heads : [])], { cutoff: 0.75 }).map(
    (near) => sides.with(at, near + sides[at]!.slice(name.length)).join(""),
  )
}

/** `git show topci`: a branch near to the word, or a path. */
export const nearBranch = rule(
  "git-near-branch",
  { program: "git", typed: /^(?!remote\b|clone\b)/, says: unknownRevision },
  (failed, known) => {
    const text = revisionSaid(failed.output)
    const at = failed.words.lastIndexOf(text)
    const word = failed.part[at]
    // Quoted, it is more than a name.
    if (at < 2 || word === undefined || word.end - word.start !== text.length) return []
    const branches = known.facts.get<"gitBranch">(gitBranch)?.branches ?? []
    const paths = /\.\.|[~^@:]/.test(text)
      ? []
      : [...(besides(known, text, 0.75) ?? []), ...higherUp(known, text, 0.75)]
    return [...nearRevision(text, branches), ...paths]
      .filter((each) => /^[\w./@{}~^:+-]+$/.test(each))
      .map((each) => replaced(failed, at, each))
  },
  { asks: (failed, dir) => [gitBranch, ...waysTo(dir, revisionSaid(failed.output))] },
)

const revisionSaid = (output: string): string =>
  unknownRevision
    .exec(output)!
    .slice(1)
    .find((each) => each !== undefined)!

/** A path that git does not know, and one near to it that is there. */
const mistypedPathspec = (name: string, typed: RegExp, more: { readonly dangerous?: true }): Correction =>
  rule(
    name,
    { program: "git", typed, says: unmatched },
    (failed, known) => {
      const path = unmatched.exec(failed.output)![1]!
      const at = failed.words.lastIndexOf(path)
      const near = at < 2 ? [] : [...(besides(known, path, 0.75) ?? []), ...higherUp(known, path, 0.75)]
      return eachPlain(near, (word) => replaced(failed, at, word))
    },
    { asks: (failed, dir) => waysTo(dir, unmatched.exec(failed.output)![1]!), ...more },
  )

export const mistypedAdded = mistypedPathspec("git-mistyped-path", /^(?!checkout\b|restore\b)/, {})

/** What puts a file back loses what stands in it. */
export const mistypedRestored = mistypedPathspec("git-mistyped-path-restored", /^(?:checkout|restore)\b/, {
  dangerous: true,
})

/** The words behind `-m` up to the next option, and of them all but the first. */
const messageIn = ({ words }: Failed) => {
  const from = words.findIndex((word) => /^(?:-[a-z]*m|--message)$/.test(word)) + 1
  const end = words.findIndex((word, at) => at > from && word.startsWith("-"))
  const to = end < 0 ? words.length : end
  return { from, to, rest: words.slice(from + 1, to) }
}

/** `git commit -m fix parser`: the words of a message without quotes around them. */
export const messageUnquoted = rule(
  "git-message-unquoted",
  { program: "git", typed: /^commit\b.* (?:-[a-z]*m|--message) \S+ [^-\s]/, says: unmatched },
  (failed, known) => {
    const { from, to, rest } = messageIn(failed)
    const told = [...failed.output.matchAll(new RegExp(unmatched, "g"))].map(([, path]) => path!)
    const raw = failed.part.slice(from, to).map(({ start, end: last }) => failed.line.slice(start, last))
    // One that is there, or was quoted, may be meant as a path.
    return rest.length === 0 ||
      !rest.every((word) => told.includes(word)) ||
      kinds(known, rest).some((kind) => kind !== null) ||
      !raw.every((word) => /^[\p{L}\p{N}_.,:;+@%=/#()-]+$/u.test(word))
      ? []
      : [spliced(failed, from, to, `"${raw.join(" ")}"`)]
  },
  { asks: (failed, dir) => [kindsOf(dir, messageIn(failed).rest)] },
)

/** `git mv a b/c` where there is no `b`. */
export const moveInto = rule(
  "git-mv-destination",
  {
    program: "git",
    typed: /^mv\b/,
    says: /renaming '[^']+' failed: No such file or directory|destination directory does not exist/,
  },
  (failed, known) => {
    const target = failed.words.at(-1)!
    const folder = target.endsWith("/") || operands(failed).length > 3 ? target : above(target)
    return folder === "" || kinds(known, [folder])[0] !== null
      ? []
      : eachPlain([folder.replace(/\/+$/, "")], (word) => preceded(failed, `mkdir -p ${word}`))
  },
  {
    asks: ({ words }, dir) => [kindsOf(dir, [words.at(-1)!]), kindsOf(dir, [above(words.at(-1)!)])],
  },
)
