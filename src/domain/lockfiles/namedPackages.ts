/**
 * The packages that a command line names to be installed or run from a registry: `npm i axios@1.14.1`,
 * `python -m pip install foo==1.0`, `npx x`, `cargo install x --version 1.0`. Pure; it only reads, and takes what it
 * does not know for no installation.
 * Invariant: a package without an exact version is not pinned: it can only be a hit where every version is listed.
 */
import type { Ecosystem } from "../compromised/compromised.ts"
import type { LockEntry } from "./lockEntry.ts"
import { isExactVersion, specTarget, splitSpec } from "./npmNames.ts"
import { pythonRequirement } from "./requirements.ts"

type Words = ReadonlyArray<string>
type Reader = (spec: string) => LockEntry | null

const npm: Reader = (spec) => {
  const split = splitSpec(spec)
  const target =
    split === null ? specTarget(spec, "*") : specTarget(split.name, split.rest === "" ? "*" : split.rest)
  const fetched = specTarget("", spec)
  const { name, version } = fetched.name === "" ? target : fetched
  if (!/^(?:@[^/@\s]+\/)?[^/@\s]+$/.test(name)) return null
  return { ecosystem: "npm", name, version, pinned: isExactVersion(version) }
}

const python: Reader = (spec) => pythonRequirement(spec.replace(/^([\w.-]+(?:\[[^\]]*\])?)@(?=\d)/, "$1=="))

const separated =
  (ecosystem: Ecosystem, separator: RegExp): Reader =>
  (spec) => {
    const [name = "", version] = spec.split(separator, 2)
    if (name === "") return null
    const exact = version !== undefined && /^v?\d+(?:\.\d+)*[\w.+-]*$/.test(version.replace(/^=/, ""))
    return { ecosystem, name, version: version?.replace(/^=/, "") ?? "*", pinned: exact }
  }

const cargo = separated("crates.io", /@/)
const go = separated("go", /@/)
const composer = separated("packagist", /[:= ]/)
const gem = separated("rubygems", /:/)
const deno: Reader = (spec) => (spec.startsWith("npm:") ? npm(spec.slice(4).replace(/^\//, "")) : null)

interface Manager {
  readonly read: Reader
  /** Subcommands behind which packages are named, words of it by spaces; an empty one: at once. */
  readonly verbs: ReadonlyArray<string>
  /** Only the first name is a package, the rest are its own arguments. */
  readonly one?: ReadonlyArray<string>
  /** Flags that name packages themselves. */
  readonly named?: ReadonlyArray<string>
  /** Flags whose value is no package. */
  readonly valued?: ReadonlyArray<string>
  /** The flag that states the version of the one package. */
  readonly version?: ReadonlyArray<string>
}

const npmValued = [
  "--registry",
  "--prefix",
  "-C",
  "--dir",
  "-w",
  "--workspace",
  "--filter",
  "-F",
  "--tag",
  "--cwd",
]
const pipValued = ["-r", "-c", "-i", "-f", "-t", "-e", "--requirement", "--constraint", "--index-url", "--extra-index-url", "--find-links", "--target", "--editable", "--python", "-p"] // prettier-ignore
const npmRunner: Manager = {
  read: npm,
  verbs: [""],
  one: [""],
  named: ["-p", "--package"],
  valued: ["-c", "--call"],
}

const managers: Readonly<Record<string, Manager>> = {
  npm: {
    read: npm,
    verbs: ["install", "i", "in", "ins", "inst", "insta", "instal", "isnt", "isnta", "isntal", "isntall", "add", "update", "up", "upgrade", "install-test", "it", "link", "exec", "x"], // prettier-ignore
    one: ["exec", "x"],
    named: ["--package"],
    valued: npmValued,
  },
  pnpm: { read: npm, verbs: ["add", "install", "i", "update", "up", "upgrade", "dlx"], one: ["dlx"], named: ["--package"], valued: npmValued }, // prettier-ignore
  yarn: { read: npm, verbs: ["add", "up", "upgrade", "global add", "dlx"], one: ["dlx"], named: ["-p", "--package"], valued: npmValued }, // prettier-ignore
  bun: { read: npm, verbs: ["add", "a", "install", "i", "update", "x"], one: ["x"], valued: npmValued },
  npx: npmRunner,
  pnpx: npmRunner,
  bunx: npmRunner,
  deno: { read: deno, verbs: ["add", "install", "i", "run", "x"], one: ["run", "x"] },
  pip: { read: python, verbs: ["install", "download", "wheel"], valued: pipValued },
  pipx: {
    read: python,
    verbs: ["install", "run", "inject"],
    one: ["run"],
    named: ["--spec"],
    valued: pipValued,
  },
  uv: { read: python, verbs: ["add", "pip install", "tool install", "tool run"], one: ["tool run"], named: ["--with", "--from"], valued: pipValued }, // prettier-ignore
  uvx: { read: python, verbs: [""], one: [""], named: ["--with", "--from"], valued: pipValued },
  poetry: { read: python, verbs: ["add"], valued: ["-G", "--group", "--source", "-E", "--extras"] },
  pdm: { read: python, verbs: ["add"], valued: ["-G", "--group"] },
  pipenv: { read: python, verbs: ["install"], valued: pipValued },
  cargo: { read: cargo, verbs: ["add", "install"], version: ["--version", "--vers"], valued: ["-F", "--features", "-p", "--package", "--git", "--path", "--root", "--registry", "--index"] }, // prettier-ignore
  go: { read: go, verbs: ["get", "install", "run"], one: ["run"] },
  composer: { read: composer, verbs: ["require", "global require"], valued: ["-d", "--working-dir"] },
  gem: { read: gem, verbs: ["install", "i"], version: ["-v", "--version"] },
  bundle: { read: gem, verbs: ["add"], version: ["-v", "--version"] },
}
const aliases: Readonly<Record<string, string>> = { pip3: "pip", python: "pip", python3: "pip", py: "pip" }

const before = /^(?:sudo|doas|env|time|command|exec|nohup|nice|corepack|builtin|noglob)$/
const assignment = /^[A-Za-z_][A-Za-z0-9_]*=/

/** From the program's own name on, without what stands before it. */
const program = (words: Words): Words => {
  let at = 0
  while (at < words.length && (before.test(words[at]!) || assignment.test(words[at]!))) {
    const wrapper = words[at++]!
    if (before.test(wrapper)) while (words[at]?.startsWith("-")) at++
  }
  return words.slice(at)
}

/** What a subcommand is followed by; null where it is another. Flags may stand before it. */
const behind = (args: Words, verb: string, valued: Words): Words | null => {
  if (verb === "") return args
  const wanted = verb.split(" ")
  let at = 0
  for (const word of wanted) {
    while (args[at]?.startsWith("-") === true) at += valued.includes(args[at]!) ? 2 : 1
    if (args[at] !== word) return null
    at++
  }
  return args.slice(at)
}

const withVersion = (entry: LockEntry, version: string | undefined): LockEntry =>
  version === undefined || entry.pinned
    ? entry
    : { ...entry, version, pinned: /^=?\s*\d+(?:\.\d+)*[\w.+-]*$/.test(version) }

const namesIn = (manager: Manager, verb: string, args: Words): ReadonlyArray<LockEntry> => {
  const specs: Array<string> = []
  let version: string | undefined
  let named = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === "--") continue
    if (!arg.startsWith("-")) {
      if (manager.one?.includes(verb) !== true) specs.push(arg)
      else {
        if (!named) specs.push(arg)
        break
      }
      continue
    }
    const [flag = "", inline] = arg.split(/=(.*)/s, 2)
    const value = (): string | undefined => inline ?? args[++i]
    if (manager.named?.includes(flag) === true) {
      specs.push(value() ?? "")
      named = true
    } else if (manager.version?.includes(flag) === true) version = value()
    else if (manager.valued?.includes(flag) === true) value()
  }
  return specs.flatMap((spec) => {
    const entry = manager.read(spec)
    return entry === null ? [] : [withVersion(entry, specs.length === 1 ? version : undefined)]
  })
}

/** The packages that one command, as words, names. */
export const namedPackages = (words: Words): ReadonlyArray<LockEntry> => {
  const [path = "", ...rest] = program(words)
  const name = path.slice(path.lastIndexOf("/") + 1)
  if (name === "npm" && rest[0]?.match(/^(?:pnpm|yarn)$/) !== null && rest[0] !== undefined)
    return namedPackages(rest)
  const real = Object.hasOwn(aliases, name) ? aliases[name]! : name
  const manager = Object.hasOwn(managers, real) ? managers[real]! : undefined
  if (manager === undefined) return []
  const isPython = /^py(?:thon3?)?$/.test(name)
  if (isPython && !(rest[0] === "-m" && rest[1] === "pip")) return []
  const args = isPython ? rest.slice(2) : rest
  for (const verb of manager.verbs) {
    const found = behind(args, verb, manager.valued ?? [])
    if (found !== null) return namesIn(manager, verb, found)
  }
  return []
}

/** Words of a line, quotes taken off; a line is read at every place where a shell begins a new command. */
const parts = /"((?:[^"\\]|\\.)*)"|'([^']*)'|[;&|\n()]+|[^\s;&|()"']+/g

/** The packages that any command of a line names. */
export const packagesNamedIn = (line: string): ReadonlyArray<LockEntry> => {
  const commands: Array<Array<string>> = [[]]
  let joined = -1
  for (const match of line.matchAll(parts)) {
    const [whole, double, single] = match
    const word = double ?? single ?? whole
    const quoted = double !== undefined || single !== undefined
    if (!quoted && /^[;&|\n()]/.test(whole)) commands.push([])
    // `axios@"1.14.1"` is one word
    else if (match.index === joined && commands.at(-1)!.length > 0)
      commands.at(-1)![commands.at(-1)!.length - 1] += word
    else commands.at(-1)!.push(word)
    joined = match.index + whole.length
  }
  return commands.flatMap(namedPackages)
}
