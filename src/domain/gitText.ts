/**
 * What the reading operations of the `git` tool answer, as text for a person: the records stay JSON for programs. Pure
 * and total; what is no such answer is null, and whoever shows it falls back on what was printed. The caller neutralises.
 */
import { Option, Result, Schema } from "effect"

const { Array, Boolean, Finite, NullOr, String, Struct, optionalKey } = Schema

const Entry = Struct({ path: String, staged: String, worktree: String, from: optionalKey(String) })
const Status = Struct({
  branch: NullOr(String),
  commit: NullOr(String),
  upstream: NullOr(String),
  ahead: Finite,
  behind: Finite,
  stashes: Finite,
  entries: Array(Entry),
})
const Commit = Struct({ commit: String, author: String, at: String, subject: String, body: String })
const Patch = Struct({ patch: String })
const Log = Struct({ commits: Array(Commit) })
const Show = Struct({ commit: optionalKey(Commit), patch: String })
const Line = Struct({ line: Finite, commit: String, author: String, at: String, text: String })
const Blame = Struct({ lines: Array(Line) })
const Ref = Struct({
  name: String,
  object: String,
  current: optionalKey(Boolean),
  upstream: optionalKey(String),
  track: optionalKey(String),
  subject: String,
})
const Refs = Array(Ref)
const Stash = Struct({ index: Finite, at: String, subject: String })
/** Said beside each of them: how much was left out. */
const Left = Struct({ more: optionalKey(Finite), cut: optionalKey(Boolean) })

const reader = <S extends Schema.Decoder<unknown>>(
  schema: S,
  text: (answer: S["Type"]) => ReadonlyArray<string>,
): ((answer: unknown) => ReadonlyArray<string> | null) => {
  const decode = Schema.decodeUnknownOption(schema)
  return (answer) => Option.getOrNull(Option.map(decode(answer), text))
}

const short = (sha: string): string => sha.slice(0, 8)
const minute = (at: string): string => at.slice(0, 16).replace("T", " ")
const trimmed = (text: string): ReadonlyArray<string> => text.replace(/\n+$/, "").split("\n")
const none = (lines: ReadonlyArray<string>, word: string): ReadonlyArray<string> =>
  lines.length === 0 ? [word] : lines

const status = (answer: typeof Status.Type): ReadonlyArray<string> => {
  const { ahead, behind, branch, commit, entries, stashes, upstream } = answer
  const where = branch === null ? "no branch" : `on ${branch}`
  const parts = [
    `${where}, ${commit === null ? "no commit yet" : `at ${short(commit)}`}`,
    ...(upstream === null ? [] : [`${ahead} ahead of and ${behind} behind ${upstream}`]),
    ...(stashes === 0 ? [] : [`${stashes} stashed`]),
  ]
  const letter = (one: string): string => (one === "." ? " " : one)
  const lines = entries.map(
    ({ from, path, staged, worktree }) =>
      `${letter(staged)}${letter(worktree)} ${from === undefined ? "" : `${from} -> `}${path}`,
  )
  return [parts.join("; "), ...none(lines, "nothing changed")]
}

const commit = ({ at, author, body, commit: sha, subject }: typeof Commit.Type): ReadonlyArray<string> => [
  `${short(sha)}  ${minute(at)}  ${author}  ${subject}`,
  ...(body.trim() === "" ? [] : trimmed(body).map((text) => `    ${text}`)),
]

const patch = ({ patch: text }: typeof Patch.Type): ReadonlyArray<string> =>
  text === "" ? ["no differences"] : trimmed(text)

const blame = ({ lines }: typeof Blame.Type): ReadonlyArray<string> => {
  const names = lines.reduce((most, { author }) => Math.max(most, author.length), 0)
  const numbers = `${lines.at(-1)?.line ?? 0}`.length
  return none(
    lines.map(
      ({ at, author, commit: sha, line, text }) =>
        `${short(sha)}  ${author.padEnd(Math.min(names, 24))}  ${at.slice(0, 10)}  ${`${line}`.padStart(numbers)}  ${text}`,
    ),
    "no lines",
  )
}

const refs =
  (word: string) =>
  (all: typeof Refs.Type): ReadonlyArray<string> => {
    const width = all.reduce((most, { name }) => Math.max(most, name.length), 0)
    return none(
      all.map(({ current, name, object, subject, track, upstream }) => {
        const beside =
          upstream === undefined ? "" : `  [${upstream}${track === undefined ? "" : `: ${track}`}]`
        return `${current === true ? "*" : " "} ${name.padEnd(width)}  ${short(object)}${beside}  ${subject}`
      }),
      word,
    )
  }

const readers: Readonly<Record<string, (answer: unknown) => ReadonlyArray<string> | null>> = {
  status: reader(Status, status),
  diff: reader(Patch, patch),
  log: reader(Log, ({ commits }) => none(commits.flatMap(commit), "no commits")),
  show: reader(Show, (answer) => [
    ...(answer.commit === undefined ? [] : [...commit(answer.commit), ""]),
    ...patch(answer),
  ]),
  blame: reader(Blame, blame),
  "branch-list": reader(Struct({ branches: Refs }), ({ branches }) => refs("no branches")(branches)),
  "tag-list": reader(Struct({ tags: Refs }), ({ tags }) => refs("no tags")(tags)),
  "stash-list": reader(Struct({ stashes: Array(Stash) }), ({ stashes }) =>
    none(
      stashes.map(({ at, index, subject }) => `stash@{${index}}  ${minute(at)}  ${subject}`),
      "nothing stashed",
    ),
  ),
}

const left = Schema.decodeUnknownOption(Left)
const leftOut = (answer: unknown): ReadonlyArray<string> => {
  const found = Option.getOrNull(left(answer))
  return [
    ...(found?.more === undefined ? [] : [`… and ${found.more} more`]),
    ...(found?.cut === true ? ["… cut: git had more to say"] : []),
  ]
}

const parsed = (text: string): unknown => Result.getOrNull(Result.try((): unknown => JSON.parse(text)))

/** The answer of `operation` as text; null where it is none, or more than its beginning and end is not here. */
export const gitText = (operation: string, printed: string): string | null => {
  const answer = parsed(printed)
  const read = Object.hasOwn(readers, operation) ? readers[operation]! : null
  const lines = answer === null || read === null ? null : read(answer)
  return lines === null ? null : [...lines, ...leftOut(answer)].join("\n")
}

const unescaped = (piece: string): string => {
  const text = parsed(`"${piece}"`)
  return typeof text === "string" ? text : piece
}

/** Of a string of JSON that was cut anywhere, what stands before an escape that was cut through. */
const wholeEnd = (piece: string): string =>
  piece.replace(/(^|[^\\])((?:\\\\)*)\\(?:u[0-9a-f]{0,3})?$/i, "$1$2")
/** The same from behind: from the first line that is whole. */
const wholeStart = (piece: string): string => {
  const found = /[^\\](?:\\\\)*\\n/.exec(piece)
  return found === null ? "" : piece.slice(found.index + found[0].length)
}

/** Where only the beginning and the end of an answer are kept: the patch in it, which is what one reads line by line. */
export const cutPatch = (head: string, tail: string): readonly [head: string, tail: string] | null => {
  const mark = '"patch":"'
  const at = head.indexOf(mark)
  const end = /"(?:,"cut":true)?\}\s*$/.exec(tail)
  return at < 0 || end === null
    ? null
    : [unescaped(wholeEnd(head.slice(at + mark.length))), unescaped(wholeStart(tail.slice(0, end.index)))]
}
