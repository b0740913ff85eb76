/**
 * The command line each typed git operation that reads, or changes the repository in place, stands for: one function for
 * the gate, which judges it, and for the tool, which runs it. Pure and total: an input that does not fit is null.
 * Invariants: outside text stands only behind `--`, inside `--option=`, or as a name that cannot be an option; nothing
 * that runs a program of the repository's (external diff, text conversion, signatures) is left to its configuration.
 */
type Input = Readonly<Record<string, unknown>>

const unit = "%x1f"
const fields = (...names: ReadonlyArray<string>): string => names.join(unit)
/** Fields of a commit, as `gitReading.ts` takes them apart. */
const commitFormat = fields("%H", "%P", "%an", "%ae", "%aI", "%s", "%b")
const refFields = [
  "%(refname)",
  "%(objectname)",
  "%(objecttype)",
  "%(HEAD)",
  "%(upstream)",
  "%(upstream:track)",
]
const refFormat = [...refFields, "%(creatordate:iso-strict)", "%(contents:subject)"].join("%1f")
const stashFormat = fields("%gd", "%H", "%cI", "%gs")

const isName = (value: unknown): value is string => typeof value === "string" && /^[^-\s]/.test(value)
const text = (input: Input, key: string): string | null =>
  typeof input[key] === "string" ? (input[key] as string) : null
const count = (input: Input, key: string): number | null =>
  typeof input[key] === "number" && Number.isSafeInteger(input[key]) && (input[key] as number) >= 0
    ? (input[key] as number)
    : null
const flag = (input: Input, key: string, ...words: ReadonlyArray<string>): ReadonlyArray<string> =>
  input[key] === true ? words : []
const option = (input: Input, key: string, name: string): ReadonlyArray<string> => {
  const value = text(input, key)
  return value === null ? [] : [`${name}=${value}`]
}
const name = (input: Input, key: string): ReadonlyArray<string> =>
  isName(input[key]) ? [input[key] as string] : []
const names = (input: Input, key: string): ReadonlyArray<string> =>
  Array.isArray(input[key]) ? input[key].filter(isName) : []
const paths = (input: Input): ReadonlyArray<string> => {
  const all = Array.isArray(input["paths"]) ? input["paths"].filter((each) => typeof each === "string") : []
  return all.length === 0 ? [] : ["--", ...all]
}

const plain = ["--no-color", "--no-ext-diff", "--no-textconv"]
const context = (input: Input): ReadonlyArray<string> => {
  const lines = count(input, "context")
  return lines === null ? [] : [`--unified=${lines}`]
}
const limit = (input: Input, otherwise: number): string => `--max-count=${count(input, "limit") ?? otherwise}`
const stash = (input: Input): ReadonlyArray<string> => {
  const index = count(input, "index")
  return index === null ? [] : [`stash@{${index}}`]
}

const reading: Readonly<Record<string, (input: Input) => ReadonlyArray<string>>> = {
  status: (input) => [
    "status",
    "--porcelain=v2",
    "--branch",
    "--show-stash",
    "-z",
    `--untracked-files=${input["untracked"] === "none" ? "no" : input["untracked"] === "all" ? "all" : "normal"}`,
    ...flag(input, "ignored", "--ignored=matching"),
    ...paths(input),
  ],
  diff: (input) => [
    "diff",
    ...plain,
    "--patch",
    ...context(input),
    ...flag(input, "staged", "--cached"),
    ...name(input, "revision"),
    ...paths(input),
  ],
  log: (input) => [
    "log",
    ...plain,
    "--no-show-signature",
    "-z",
    limit(input, 30),
    `--format=${commitFormat}`,
    ...option(input, "author", "--author"),
    ...option(input, "grep", "--grep"),
    ...option(input, "since", "--since"),
    ...option(input, "until", "--until"),
    ...flag(input, "all", "--all"),
    ...name(input, "revision"),
    ...paths(input),
  ],
  show: (input) => [
    "show",
    ...plain,
    "--no-show-signature",
    "--patch",
    ...context(input),
    `--format=${commitFormat}%x00`,
    ...(name(input, "revision").length === 0 ? ["HEAD"] : name(input, "revision")),
    ...paths(input),
  ],
  blame: (input) => {
    const [from, to] = [count(input, "from"), count(input, "to")]
    const lines = from === null && to === null ? [] : ["-L", `${from ?? 1},${to ?? ""}`]
    const path = text(input, "path")
    return [
      "blame",
      "--no-textconv",
      "--line-porcelain",
      ...lines,
      ...name(input, "revision"),
      "--",
      ...(path === null ? [] : [path]),
    ]
  },
  "branch-list": (input) => [
    "for-each-ref",
    `--count=${count(input, "limit") ?? 200}`,
    "--sort=-committerdate",
    `--format=${refFormat}`,
    "refs/heads",
    ...flag(input, "remotes", "refs/remotes"),
  ],
  "tag-list": (input) => [
    "for-each-ref",
    `--count=${count(input, "limit") ?? 200}`,
    "--sort=-creatordate",
    `--format=${refFormat}`,
    "refs/tags",
  ],
  "stash-list": () => ["stash", "list", "-n", "200", `--format=${stashFormat}`],
}

const how: Readonly<Record<string, ReadonlyArray<string>>> = {
  "ff-only": ["--ff-only"],
  "no-ff": ["--no-ff"],
  squash: ["--squash"],
}
const steps = (what: string, ...words: ReadonlyArray<string>) =>
  Object.fromEntries(words.map((word) => [`${what}-${word}`, () => [what, `--${word}`]] as const))
const mainline = (input: Input): ReadonlyArray<string> => {
  const parent = count(input, "mainline")
  return parent === null ? [] : [`--mainline=${parent}`]
}

const changing: Readonly<Record<string, (input: Input) => ReadonlyArray<string>>> = {
  "stash-pop": (input) => ["stash", "pop", "--index", ...stash(input)],
  "stash-drop": (input) => ["stash", "drop", ...stash(input)],
  "branch-delete": (input) => [
    "branch",
    input["unmerged"] === true ? "-D" : "--delete",
    "--",
    ...name(input, "name"),
  ],
  "tag-create": (input) => [
    "tag",
    "--no-sign",
    ...(text(input, "message") === null ? [] : ["--annotate", ...option(input, "message", "--message")]),
    "--",
    ...name(input, "name"),
    ...name(input, "at"),
  ],
  "tag-delete": (input) => ["tag", "--delete", "--", ...name(input, "name")],
  "merge-start": (input) => [
    "merge",
    "--no-edit",
    ...(how[String(input["how"])] ?? []),
    ...name(input, "name"),
  ],
  "rebase-start": (input) => [
    "rebase",
    "--no-autostash",
    ...option(input, "onto", "--onto"),
    ...name(input, "upstream"),
  ],
  "cherry-pick-start": (input) => ["cherry-pick", ...mainline(input), ...names(input, "commits")],
  "revert-start": (input) => ["revert", "--no-edit", ...mainline(input), ...names(input, "commits")],
  ...steps("merge", "continue", "abort"),
  ...steps("rebase", "continue", "skip", "abort"),
  ...steps("cherry-pick", "continue", "skip", "abort"),
  ...steps("revert", "continue", "skip", "abort"),
}

export const readingOperations: ReadonlyArray<string> = Object.keys(reading)

/** With `git` in front; null: an operation that is not among these. */
export const gitArgv = (input: Input): ReadonlyArray<string> | null => {
  const operation = text(input, "operation")
  if (operation === null) return null
  const make = Object.hasOwn(reading, operation)
    ? reading[operation]
    : Object.hasOwn(changing, operation)
      ? changing[operation]
      : undefined
  return make === undefined ? null : ["git", ...make(input)]
}
