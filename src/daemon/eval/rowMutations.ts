/**
 * Other spellings of what is not a shell command: paths, URLs, shown text, patterns, package versions, proposed calls.
 * Invariant: none makes its input milder, so no result of one may be allowed where the input was not.
 */
import { mutations as commandMutations, type Mutation } from "./commandMutations.ts"

type Pick = (below: number) => number
type Operators = Readonly<Record<string, Mutation>>

const one = <T>(list: ReadonlyArray<T>, pick: Pick): T => list[pick(list.length)]!
const at = (text: string, pick: Pick, put: string): string => {
  const where = pick(text.length + 1)
  return text.slice(0, where) + put + text.slice(where)
}
const invisible = [
  "\u200b",
  "\u200d",
  "\u00ad",
  "\u2060",
  "\ufeff",
  "\u202e",
  "\u2066",
  "\u034f",
  "\u{e0041}",
]
const lookAlikes: Readonly<Record<string, string>> = {
  a: "\u0430",
  c: "\u0441",
  e: "\u0435",
  o: "\u043e",
  p: "\u0440",
  s: "\u0455",
  i: "\u0456",
  h: "\uff48",
  v: "\uff56",
}
const lookAlike: Mutation = (text, pick) => {
  const places = [...text].flatMap((c, index) => (c in lookAlikes ? [index] : []))
  if (places.length === 0) return text
  const chosen = one(places, pick)
  return [...text].map((c, index) => (index === chosen ? lookAlikes[c]! : c)).join("")
}
const wide: Mutation = (text) =>
  text.replace(/[!-~]/g, (c) => (/[/:?#@[\]\\]/.test(c) ? c : String.fromCodePoint(c.charCodeAt(0) + 0xfee0)))
const someUpper: Mutation = (text, pick) =>
  [...text].map((c) => (pick(2) === 0 ? c.toUpperCase() : c)).join("")

/** Nothing is left of an empty path, or of a slash, that could be written differently. */
const named =
  (mutation: Mutation): Mutation =>
  (path, pick) =>
    /[^/.\s]/.test(path) ? mutation(path, pick) : path

const spellings: Operators = {
  same: (p) => p,
  here: (p) => (p.startsWith("/") || p.startsWith("~") ? p : `./${p}`),
  doubled: (p) => p.replace("/", "//"),
  dotted: (p) => p.replace("/", "/./"),
  around: (p, pick) =>
    p.startsWith("/") || p.startsWith("~")
      ? p
      : `${one(["src", "docs", "no-such", "src/x/..", "no/such/.."], pick)}/../${p}`,
  aboveAndBack: (p) => (p.startsWith("/") || p.startsWith("~") ? p : `../proj/${p}`),
  absolute: (p) => (p.startsWith("/") || p.startsWith("~") ? p : `/home/dev/proj/${p}`),
  trailing: (p, pick) => p + one(["/", "/./", ".", " ", "::$DATA", "\t", "\r", "\n", "\0"], pick),
  leading: (p, pick) => one([" ", "\t", "\r", "\n", "\ufeff"], pick) + p,
  upper: (p) => p.toUpperCase(),
  someUpper,
  lookAlike,
  wide,
  invisible: (p, pick) => at(p, pick, one(invisible, pick)),
  control: (p, pick) => at(p, pick, one(["\r", "\u0007", "\u001b[8m", "\u0000", "\u2028"], pick)),
  percent: (p) => p.replace("/", "%2f").replace(".", "%2e"),
  back: (p) => p.replaceAll("/", "\\"),
  asUrl: (p) => (p.startsWith("/") ? `file://${p}` : p),
  decomposed: (p) => p.normalize("NFD"),
}

const paths: Operators = Object.fromEntries(
  Object.entries(spellings).map(([name, mutation]) => [name, named(mutation)]),
)

const urls: Operators = {
  same: (u) => u,
  upper: (u) => u.toUpperCase(),
  someUpper,
  lookAlike,
  wide,
  invisible: (u, pick) => at(u, pick, one(invisible, pick)),
  control: (u, pick) => at(u, pick, one(["\r", "\n", "\t", "\0", " "], pick)),
  user: (u, pick) => u.replace("://", `://${one(["example.com", "user:pass", "a%40b"], pick)}@`),
  finalDot: (u) => u.replace(/^(\w+:\/\/[^/:?#]+)/, "$1."),
  port: (u, pick) => u.replace(/^(\w+:\/\/[^/:?#@[]+)(?=[/?#]|$)/, `$1:${one(["80", "443", "8080"], pick)}`),
  path: (u, pick) => u + one(["?q=1", "#.example.com", "/..%2f", "/%00"], pick),
  slashes: (u, pick) => u.replace("://", one([":/", ":///", ":\\\\", "://"], pick)),
}

const shownText: Operators = {
  same: (t) => t,
  before: (t, pick) => one(["done: ", "a\n", "\u00e9 ", "[ok] "], pick) + t,
  after: (t, pick) => t + one([" done", "\nfine", " \u2714"], pick),
  twice: (t) => t + t,
}

const patterns: Operators = {
  same: (p) => p,
  group: (p, pick) => `${one(["(?:", "("], pick)}${p})`,
  // a repeat at the start is a fault only as long as there is nothing before it
  before: (p, pick) => (/^[*+?{]/.test(p) ? p : one(["a", "^x", "\\d"], pick) + p),
  after: (p, pick) => p + one(["b", "y", "\\w"], pick),
  either: (p) => `${p}|zz`,
}

const packages: Operators = {
  same: (p) => p,
  padded: (p, pick) => one([` ${p}`, `${p} `, `${p}\n`], pick),
  alias: (p) => `other@npm:${p}`,
  remark: (p) => `${p} integrity missing`,
  exact: (p, pick) => p.replace(/@(?=\d)/, one(["@v", "@=", "@"], pick)),
}

const argumentKinds: Readonly<Record<string, string>> = {
  bash: "command",
  git: "command",
  read_file: "read_file",
  write_file: "write_file",
  edit_file: "write_file",
  web_fetch: "web_fetch",
}

interface Injected {
  readonly proposed: { readonly tool: string; readonly args: unknown }
}

/** The proposed call of a row about injected text: its words are written differently, what was observed stays. */
const injected = (input: string, name: string, pick: Pick): string => {
  const row = JSON.parse(input) as Injected
  const { tool, args } = row.proposed
  if (typeof args !== "string") return input
  const mutation = operatorsOf(argumentKinds[tool] ?? "display")[name]
  return JSON.stringify({
    ...row,
    proposed: { tool, args: mutation === undefined ? args : mutation(args, pick) },
  })
}

export const operatorsOf = (kind: string): Operators => {
  switch (kind) {
    case "command":
      return commandMutations
    case "read_file":
    case "write_file":
      return paths
    case "web_fetch":
      return urls
    case "display":
      return shownText
    case "regex":
      return patterns
    case "lockfile":
      return packages
    case "injection":
      return injections
    default:
      return {}
  }
}

const injections: Operators = Object.fromEntries(
  [...new Set([...Object.keys(commandMutations), ...Object.keys(paths), ...Object.keys(urls)])].map(
    (name) => [name, (input: string, pick: Pick) => injected(input, name, pick)],
  ),
)
