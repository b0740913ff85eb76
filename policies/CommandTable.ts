/**
 * The table of programs as data (`commands/*.toml`): which flags are known, which take values, what each operand
 * is, which programs wrap others, which are never run. Read and checked at load; a mistake in it is an error.
 * Invariant: what the table does not name is unknown, and unknown asks.
 */
import { Result } from "effect"
import { parseToml } from "../src/domain/toml.ts"
import { Members, type Problem, type Role, roles, type SourceText, tables } from "./members.ts"

export type { Problem, Role, SourceText }

const kinds = ["reads", "writes", "network", "runs", "changes"] as const
export type Kind = (typeof kinds)[number]

export interface CommandSpec {
  readonly programs: ReadonlyArray<string>
  /** Words that must follow the program: `["stash", "list"]`. */
  readonly sub: ReadonlyArray<string>
  readonly kind: Kind
  readonly flags: ReadonlySet<string>
  /** Flag -> role of its value; the value is joined (`-n5`, `--n=5`) or the next word. */
  readonly values: ReadonlyMap<string, Role>
  /** Flags whose value can only be joined, and may be absent. */
  readonly optional: ReadonlySet<string>
  /** Flags with two values, of which the first is text; role of the second. */
  readonly two: ReadonlyMap<string, Role>
  /** `-20` is a count. */
  readonly number: boolean
  /** `-name` is one flag, not a cluster. */
  readonly singleDash: boolean
  readonly operands: ReadonlyArray<Role>
  /** Role of further operands; null: there may be none. */
  readonly rest: Role | null
  readonly last: Role | null
  /** Nothing after the first operand is a flag (`echo`). */
  readonly stops: boolean
  /** What every operand must begin with (`date +%F`). */
  readonly prefix: string
  readonly min: number
  readonly max: number
  /** There may be operands only with one of these (`git branch --list 'x*'`). */
  readonly operandsWith: ReadonlySet<string>
  /** `@file` as an operand stands for arguments that are in that file. */
  readonly atFile: boolean
  /** With one of these flags, operands to read are read whole trees of. */
  readonly treeWith: ReadonlySet<string>
  /** Trees skip dot names unless a flag says otherwise (ripgrep). */
  readonly visible: boolean
  /** With one of these flags the first operand has no role of its own (`grep -e`). */
  readonly replacesFirst: ReadonlySet<string>
  /** With one of these flags operands are names only (`git restore --staged`). */
  readonly namesWith: ReadonlySet<string>
  /** ... unless one of these is there as well. */
  readonly namesUnless: ReadonlySet<string>
  /** Place assumed where none is given; with `tree_with`, only where one of those flags is. */
  readonly assumed: string | null
  /** `if=`, `of=`: operands that are pairs. */
  readonly pairs: ReadonlyMap<string, Role>
  readonly allow: ReadonlyArray<string>
  readonly ask: ReadonlyArray<string>
  readonly deny: ReadonlyArray<string>
  readonly file: string
  readonly line: number
}

export interface WrapperSpec {
  readonly program: string
  readonly values: ReadonlySet<string>
  /** Operands of its own before the inner program. */
  readonly skip: number
  readonly assignments: boolean
  /** Flags whose value is shell text. */
  readonly script: ReadonlySet<string>
  /** All remaining words, joined, are shell text. */
  readonly joined: boolean
  /** Each further word may be shell text by itself (`hyperfine 'a' 'b'`). */
  readonly each: boolean
}

export interface CommandTable {
  readonly specs: ReadonlyMap<string, ReadonlyArray<CommandSpec>>
  readonly wrappers: ReadonlyMap<string, WrapperSpec>
  /** Class -> entries; an entry is a program, then words that must all be present. */
  readonly classes: ReadonlyMap<string, ReadonlyMap<string, ReadonlyArray<ReadonlyArray<string>>>>
}

const specKeys = (
  "program programs sub kind flags values two optional number single_dash operands rest last min max tree_with visible " +
  "operands_with at_file stops prefix replaces_first names_with names_unless assumed pairs allow ask deny"
).split(" ")
const wrapperKeys = ["program", "programs", "values", "skip", "assignments", "script", "joined", "each"]
const programClasses = [
  "privilege",
  "system",
  "environment",
  "credential-tool",
  "agent",
  "own-program",
  "shell",
  "interpreter",
  "network",
  "destructive",
]

/** `"-a -b --long"` or a list of such. */
const words = (list: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set(list.flatMap((each) => each.split(/\s+/)).filter((each) => each !== ""))

const spec = (m: Members, file: string): CommandSpec => {
  m.known(specKeys)
  const programs = [...m.strings("program"), ...m.strings("programs")].flatMap((each) => each.split(" "))
  if (programs.length === 0) m.problem(null, `a command needs "program"`)
  const listed = (key: string): ReadonlyArray<Role> =>
    m.strings(key).flatMap((each) => {
      const known = roles.find((role) => role === each)
      if (known === undefined) m.problem(key, `"${each}" is no role (${roles.join(", ")})`)
      return known === undefined ? [] : [known]
    })
  return {
    programs,
    sub: m.strings("sub").flatMap((each) => each.split(" ")),
    kind: m.oneOf("kind", kinds) ?? "reads",
    flags: words(m.strings("flags")),
    values: m.roles("values"),
    optional: words(m.strings("optional")),
    two: m.roles("two"),
    number: m.flag("number"),
    singleDash: m.flag("single_dash"),
    operands: listed("operands"),
    rest: m.oneOf("rest", roles),
    last: m.oneOf("last", roles),
    stops: m.flag("stops"),
    prefix: m.string("prefix") ?? "",
    min: m.number("min", 0),
    max: m.number("max", Number.MAX_SAFE_INTEGER),
    operandsWith: words(m.strings("operands_with")),
    atFile: m.flag("at_file"),
    treeWith: words(m.strings("tree_with")),
    visible: m.flag("visible"),
    replacesFirst: words(m.strings("replaces_first")),
    namesWith: words(m.strings("names_with")),
    namesUnless: words(m.strings("names_unless")),
    assumed: m.string("assumed"),
    pairs: m.roles("pairs"),
    allow: m.strings("allow"),
    ask: m.strings("ask"),
    deny: m.strings("deny"),
    file,
    line: m.line,
  }
}

export interface LoadedTable {
  readonly table: CommandTable
  readonly problems: ReadonlyArray<Problem>
}

export const loadTable = (sources: ReadonlyArray<SourceText>): LoadedTable => {
  const problems: Array<Problem> = []
  const specs = new Map<string, Array<CommandSpec>>()
  const wrappers = new Map<string, WrapperSpec>()
  const classes = new Map<string, Map<string, Array<ReadonlyArray<string>>>>()
  for (const { file, text } of sources) {
    const parsed = parseToml(text)
    if (Result.isFailure(parsed)) {
      problems.push({ file, ...parsed.failure, severity: "error" })
      continue
    }
    const document = parsed.success
    const root = new Members(document.value, [], document, file, problems)
    root.known(["command", "wrapper", "class"])
    tables(root, "command").forEach((raw, index) => {
      const one = spec(new Members(raw, ["command", index], document, file, problems), file)
      for (const program of one.programs) specs.set(program, [...(specs.get(program) ?? []), one])
    })
    tables(root, "wrapper").forEach((raw, index) => {
      const m = new Members(raw, ["wrapper", index], document, file, problems)
      m.known(wrapperKeys)
      for (const program of [...m.strings("program"), ...m.strings("programs")].flatMap((each) =>
        each.split(" "),
      ))
        wrappers.set(program, {
          program,
          values: words(m.strings("values")),
          skip: m.number("skip", 0),
          assignments: m.flag("assignments"),
          script: words(m.strings("script")),
          joined: m.flag("joined"),
          each: m.flag("each"),
        })
    })
    tables(root, "class").forEach((raw, index) => {
      const m = new Members(raw, ["class", index], document, file, problems)
      m.known(["name", "programs", "calls"])
      const name = m.oneOf("name", programClasses)
      if (name === null) return
      const known = classes.get(name) ?? new Map<string, Array<ReadonlyArray<string>>>()
      classes.set(name, known)
      const entries = [
        ...m
          .strings("programs")
          .flatMap((each) => each.split(/\s+/))
          .filter((each) => each !== "")
          .map((each) => [each]),
        ...m.strings("calls").map((each) => each.split(" ")),
      ]
      for (const [program = "", ...rest] of entries) known.set(program, [...(known.get(program) ?? []), rest])
    })
  }
  for (const list of specs.values()) list.sort((a, b) => b.sub.length - a.sub.length)
  return { table: { specs, wrappers, classes }, problems }
}

/** `--flag=value` says `--flag`; an entry that ends with `*` is said by whatever begins so. */
const says = (arg: string, word: string): boolean =>
  word.endsWith("*") ? arg.startsWith(word.slice(0, -1)) : arg === word || arg.startsWith(`${word}=`)

/** Is the call in this class? The further words of an entry may stand anywhere after the program. */
export const inClass = (table: CommandTable, name: string, argv: ReadonlyArray<string>): boolean => {
  const entries = table.classes.get(name)?.get(argv[0] ?? "")
  return (
    entries !== undefined &&
    entries.some((words) => words.every((word) => argv.some((arg, at) => at > 0 && says(arg, word))))
  )
}
