/**
 * Judges one command given as argv: finds its entry in the table, types its operands as effects, opens wrappers,
 * and looks through what it does not know.
 * Invariant: the class `read-only` is given only to a plain command of the table, all of whose arguments are
 * known; every other way out of here is a question or worse.
 */
import { type CommandSpec, inClass } from "../CommandTable.ts"
import { readArguments } from "../arguments.ts"
import { type At, deepest, inner, type Tools } from "./At.ts"
import { namesItsHosts } from "./destinations.ts"
import { readGit, revisionPaths } from "./git.ts"
import { device, nameOf, scanArgument, scanCode, suspectHost } from "./scan.ts"
import { judgeFilter, judgeFind, judgeSed } from "./special.ts"
import { isEnvironmentDump, looksMalicious, setsId, tryRun } from "./traits.ts"
import { isShell, unwrap, unwrapShell } from "./unwrap.ts"
import { hasHole } from "../wild.ts"

const denied = ["privilege", "system", "environment", "credential-tool", "agent", "own-program"]

export const judgeCommand = (argv: ReadonlyArray<string>, at: At, tools: Tools): void => {
  const { collector, table } = tools
  const program = argv[0]
  if (program === undefined || program === "") return
  if (collector.exhausted(1 + argv.length / 4)) return
  if (
    !at.plain &&
    !collector.first(`command\0${at.cwd}\0${at.stdin}\0${Object.keys(at.env)}\0${argv.join("\0")}`)
  )
    return
  if (at.depth > deepest) return collector.exec(argv, at.cwd, at.env, ["too-deep"])
  collector.commands.push(argv)
  for (const arg of argv) collector.carries(arg)
  const name = nameOf(program)
  const folded = [name.toLowerCase().replace(/^(mkfs|newfs)[._].*$/, "mkfs"), ...argv.slice(1)]
  const found = denied.filter((each) => inClass(table, each, folded))
  if (isEnvironmentDump(folded)) found.push("environment")
  if (setsId(folded)) found.push("privilege")
  if (found.length > 0) collector.exec(argv, at.cwd, at.env, found)
  if (looksMalicious(folded, tools)) collector.exec(argv, at.cwd, at.env, ["malware"])
  // what the table says of it tells more: whether its words name the hosts
  const kind = matching(folded, tools)?.kind
  if (kind !== "runs" && kind !== "network" && inClass(table, "network", [folded[0]!]))
    collector.network("tcp")
  if (hasHole(name)) {
    collector.exec(argv, at.cwd, at.env, ["unknown-program"], "the program's name is only known when it runs")
    return scanAll(argv.slice(1), at, tools)
  }
  if (program.includes("/") && !systemFolder.test(program)) collector.path("read", program, at.cwd)
  tryRun(folded, at, tools)
  if (evaluates.has(folded[0]!) && (folded[0] !== "printf" || argv[1]?.startsWith("-v") === true))
    for (const arg of argv.slice(1)) if (/\$\(|`/.test(arg)) scanCode(arg, at, tools)
  // a program given by path, or in other letters, is not the one the table knows, but it may well do the same
  const certain = at.plain && program === folded[0] && Object.keys(at.env).every(isLocale)
  const wrapper = table.wrappers.get(folded[0]!)
  if (wrapper !== undefined) {
    collector.exec(argv, at.cwd, at.env, ["runs"], `${name} runs another program`)
    return unwrap(wrapper, argv, at, tools)
  }
  if (isShell(folded, tools)) {
    collector.exec(argv, at.cwd, at.env, ["runs"], `${name} runs another program`)
    for (const arg of argv.slice(1)) collector.suspect(arg, at.cwd)
    return unwrapShell(argv, at, tools)
  }
  if (folded[0] === "find") return finish(argv, at, tools, certain, judgeFind(argv.slice(1), at, tools))
  if (folded[0] === "sed") return finish(argv, at, tools, certain, judgeSed(argv.slice(1), at, tools))
  if (folded[0] === "git") {
    const git = readGit(argv.slice(1), at, tools)
    return tabled(["git", ...git.argv], argv, { ...at, cwd: git.cwd }, tools, certain, git.unknown)
  }
  return tabled(folded, argv, at, tools, certain, null)
}

/** Where programs of the system are; one by any other path is read as a file first. */
const systemFolder = /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$/
/** Builtins that expand what stands in a subscript of their arguments. */
const evaluates = new Set(
  "let test [ [[ printf declare typeset local export readonly read unset mapfile readarray wait".split(" "),
)

const isLocale = (name: string): boolean =>
  /^(?:LANG|LANGUAGE|LC_[A-Z]+|NO_COLOR|FORCE_COLOR|CLICOLOR|TZ)$/.test(name)

/** The program the table means, under no variables of its own. */
const isItself = (argv: ReadonlyArray<string>, folded: ReadonlyArray<string>, { env }: At): boolean =>
  (argv[0] === folded[0] || systemFolder.test(argv[0] ?? "")) && Object.keys(env).every(isLocale)

const finish = (
  argv: ReadonlyArray<string>,
  at: At,
  tools: Tools,
  certain: boolean,
  doubt: string | null,
): void => {
  const { collector } = tools
  if (certain && doubt === null) collector.exec(argv, at.cwd, at.env, ["read-only"])
  else
    collector.exec(
      argv,
      at.cwd,
      at.env,
      [doubt === null ? "not-plain" : "unknown-flag"],
      doubt === null ? notCertain : `${argv[0]} with ${doubt} is not in the table`,
    )
}

const notCertain = "a plain command by its bare name"

const matching = (folded: ReadonlyArray<string>, tools: Tools): CommandSpec | undefined =>
  tools.table.specs
    .get(folded[0]!)
    ?.find((spec) => spec.sub.every((word, index) => folded[index + 1] === word))

const tabled = (
  folded: ReadonlyArray<string>,
  argv: ReadonlyArray<string>,
  at: At,
  tools: Tools,
  certain: boolean,
  unknown: string | null,
): void => {
  const { collector } = tools
  const spec = matching(folded, tools)
  if (spec === undefined) {
    const known = tools.table.specs.has(folded[0]!)
    collector.exec(
      argv,
      at.cwd,
      at.env,
      ["unknown-program"],
      `${folded.slice(0, known ? 2 : 1).join(" ")} is not in the table`,
    )
    return scanAll(folded.slice(1), at, tools)
  }
  const read = readArguments(spec, folded.slice(1 + spec.sub.length))
  let doubt = unknown ?? read.unknown ?? read.dashed.find((word) => !isFile(word, at, tools)) ?? null
  for (const { role, text } of read.values) {
    const doubtful = perform(role, text, spec, read.flags, at, tools)
    doubt ??= doubtful
  }
  const network = spec.kind === "network"
  // behind a flag nobody knows a word may be its value, whatever it would be otherwise
  if (read.unknown !== null && spec.kind === "reads")
    for (const { role, text } of read.values) if (role === "text") collector.suspect(text, at.cwd)
  for (const stray of read.strays) scanArgument(stray, network, at, tools)
  if (network && !(isItself(argv, folded, at) && unknown === null && namesItsHosts(spec, read, argv)))
    collector.network("https")
  if (certain && spec.kind === "reads" && doubt === null)
    return collector.exec(argv, at.cwd, at.env, ["read-only"])
  const label = {
    reads: doubt === null ? "not-plain" : "unknown-flag",
    writes: "writes",
    network: "network",
    runs: "runs",
    changes: "changes-state",
  }
  const note =
    doubt === null
      ? spec.kind === "reads"
        ? notCertain
        : null
      : `${spec.programs[0]} with ${doubt} is not in the table`
  collector.exec(argv, at.cwd, at.env, [label[spec.kind]], note)
}

/** Adds the effect of one argument; returns what it cannot vouch for. */
const perform = (
  role: string,
  text: string,
  spec: CommandSpec,
  flags: ReadonlySet<string>,
  at: At,
  tools: Tools,
): string | null => {
  const { collector } = tools
  if (text === "-" && (role === "read" || role === "tree")) return null
  switch (role) {
    case "read":
    case "write":
    case "delete":
      device(text, tools)
      collector.path(role, text, at.cwd)
      return null
    case "script":
      collector.path("read", text, at.cwd)
      return text
    case "command":
      scanCode(text, at, tools)
      tools.script(text, inner(at))
      return text
    case "peer":
      scanArgument(text, true, at, tools)
      suspectHost(text, tools)
      return null
    case "tree":
      collector.tree(
        text,
        at.cwd,
        spec.visible && !["-u", "-uu", "-uuu", "--hidden", "-."].some((flag) => flags.has(flag)),
      )
      return null
    case "rev":
      for (const each of revisionPaths(text)) collector.suspect(each, at.cwd)
      return verifies(text) ? text : null
    case "url":
      if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[a-z0-9.-]+:\d+(?:\/|$)/i.test(text)) collector.url(text)
      else collector.host(text, "http")
      if (/^file:/i.test(text)) collector.suspect(text, at.cwd)
      return null
    case "host":
      collector.host(text.replace(/^[a-z]+:(?=[^/\d])/i, ""))
      scanArgument(text, false, at, tools)
      return null
    case "package":
      scanArgument(text, true, at, tools)
      return null
    case "code":
      if (spec.programs[0] === "jq") return judgeFilter(text, at, tools)
      scanCode(text, at, tools)
      return text
    default:
      return verifies(text) && spec.programs[0] === "git" ? text : null
  }
}

/** A format that has a signature checked, for which git starts another program. */
const verifies = (text: string): boolean => /%G|%\(\*?signature/.test(text)

/** A word like an option behind `--`: believed to be none where there is such a file. */
const isFile = (text: string, at: At, { collector }: Tools): boolean =>
  collector.oracle.entry(`${at.cwd}/${text}`).kind === "file"

/** The arguments of a program nobody knows. */
const scanAll = (args: ReadonlyArray<string>, at: At, tools: Tools): void => {
  for (const arg of args) scanArgument(arg, false, at, tools)
}
