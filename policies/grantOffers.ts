/**
 * What a person could allow once and for all, seeing this call: the call itself, the programs it runs by their first
 * words, what its tool does below a folder. Each with one line of what exactly it would allow, or why it cannot be had.
 * Pure. Invariant: an offer answers all that is asked of this call, and nothing that no grant may answer.
 */
import { neutralise } from "../src/domain/neutralise.ts"
import type { ActionEffect, ToolCall } from "../src/domain/action.ts"
import type { AnsweredRule, GrantedEffect, GrantScopeName } from "../src/domain/grant.ts"
import type { Seen } from "./Collector.ts"
import type { CommandTable } from "./CommandTable.ts"
import type { Compiled } from "./compile.ts"
import { findings, type RuleSet } from "./evaluate.ts"
import { type Finding, repeatedRule, taintedRule, within } from "./grants.ts"
import { shortestPrefix } from "./prefixes.ts"
import type { GrantOffer } from "./grantOffer.ts"
import type { Scope } from "./Scope.ts"
import { taintedOffer } from "./taintedGrants.ts"

export interface GrantOffers {
  /** Why no grant helps; null where one may. */
  readonly fault: string | null
  /** That asked, and that a grant would answer. */
  readonly rules: ReadonlyArray<AnsweredRule>
  /** Narrowest first. */
  readonly offers: ReadonlyArray<GrantOffer>
  /** What is granted does not hold for this one, but for its like that rest on nothing from outside. */
  readonly tainted: boolean
  /** What can be granted by name for the conversation that wants this, though it rests on outside text. */
  readonly alsoTainted: ReadonlyArray<GrantOffer>
}

const unanswerable: ReadonlySet<string> = new Set([taintedRule, repeatedRule])
/** Kinds of programs whose like may be granted by first words. */
const prefixClasses: ReadonlySet<string> = new Set([
  "runs",
  "changes-state",
  "unknown-program",
  "unknown-flag",
])

const refused = (name: GrantScopeName, title: string): GrantOffer => ({
  name,
  scope: null,
  title: neutralise(title),
})

const shown = (text: string, most = 160): string => {
  const line = neutralise(text.replaceAll("\n", " ⏎ "))
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}

const callText = (call: ToolCall): string =>
  typeof call.input["command"] === "string"
    ? call.input["command"]
    : `${call.tool} ${JSON.stringify(call.input)}`

const words = (argv: ReadonlyArray<string>): string =>
  argv.map((word) => (/^[\w./:@%+=,-]+$/.test(word) ? word : JSON.stringify(word))).join(" ")

const exact = (call: ToolCall, compiled: Compiled): GrantOffer => ({
  name: "exact",
  scope: { _tag: "exact", call: compiled.key },
  title: `exactly this: ${shown(callText(call))}`,
})

const ofPrograms = (
  asked: ReadonlyArray<Seen>,
  compiled: Compiled,
  scope: Scope,
  table: CommandTable,
): GrantOffer => {
  if (compiled.uncertain !== null)
    return refused(
      "prefix",
      `it cannot be taken apart (${compiled.uncertain}): only this very call can be granted`,
    )
  const argvs = new Map<string, ReadonlyArray<string>>()
  const classes = new Set<string>()
  const programs = asked.filter(({ effect }) => effect._tag === "exec")
  for (const seen of programs) {
    const { effect } = seen
    if (effect._tag !== "exec") continue
    const odd = seen.classes.find((each) => !prefixClasses.has(each))
    const found = shortestPrefix(effect.argv, table)
    if ("fault" in found) return refused("prefix", found.fault)
    if (odd !== undefined)
      return refused("prefix", `${effect.argv[0]} is of the class ${odd}: only this very call can be granted`)
    if (Object.keys(effect.env).length > 0) return refused("prefix", "it sets variables of its environment")
    if (!within(effect.cwd, scope.workspace)) return refused("prefix", "it does not run in the workspace")
    argvs.set(words(found.prefix), found.prefix)
    for (const each of seen.classes) classes.add(each)
  }
  if (argvs.size === 0) return refused("prefix", "it runs no program")
  const other = asked.find((seen) => !programs.includes(seen))
  if (other !== undefined)
    return refused(
      "prefix",
      `it does more than to run a program (${other.effect._tag}): first words do not say that`,
    )
  return {
    name: "prefix",
    scope: { _tag: "prefix", argvs: [...argvs.values()], classes: [...classes].sort() },
    title: `anything that begins with ${[...argvs.keys()].map((each) => shown(each, 60)).join(", or with ")}`,
  }
}

const pathOf = (effect: ActionEffect): string | null =>
  effect._tag === "read" || effect._tag === "write" || effect._tag === "delete" ? effect.path : null

/** The deepest folder that holds all of these files. */
const folderOf = (paths: ReadonlyArray<string>): string => {
  const parts = paths.map((path) => path.split("/").slice(0, -1))
  const [first = [], ...others] = parts
  const same = first.findIndex((part, index) => others.some((other) => other[index] !== part))
  return first.slice(0, same < 0 ? first.length : same).join("/") || "/"
}

const grantable = (seen: Seen): GrantedEffect | string => {
  const { classes, effect, note } = seen
  switch (effect._tag) {
    case "read":
    case "write":
    case "delete":
      return classes.length === 1 && classes[0] === "workspace"
        ? { _tag: "file", use: effect._tag, classes: [...classes] }
        : `${effect.path} is no plain file of the workspace (${classes.join(", ")})`
    case "exec":
      return classes.length === 1 && classes[0] === "writes" && note === null
        ? { _tag: "program", name: effect.argv[0] ?? "", classes: [...classes] }
        : `${effect.argv[0] ?? ""} can do more than write files: a folder does not bound it`
    case "net":
      return classes.length === 1 && classes[0] === "public" && effect.host !== "*"
        ? { _tag: "host", scheme: effect.scheme, host: effect.host, port: effect.port, classes: [...classes] }
        : `${effect.host === "*" ? "where it reaches" : effect.host} cannot be named beforehand`
    default:
      return `${effect._tag} has no place`
  }
}

const unique = (effects: ReadonlyArray<GrantedEffect>): ReadonlyArray<GrantedEffect> => [
  ...new Map(effects.map((each) => [JSON.stringify(each), each])).values(),
]

const doing = (effects: ReadonlyArray<GrantedEffect>, tool: string, folder: string): string => {
  const files = effects.flatMap((each) => (each._tag === "file" ? [each.use] : []))
  const programs = effects.flatMap((each) => (each._tag === "program" ? [each.name] : []))
  const hosts = effects.flatMap((each) => (each._tag === "host" ? [`${each.scheme}://${each.host}`] : []))
  const parts = [
    ...(files.length > 0 ? [`${files.join(" and ")} any file below ${folder}`] : []),
    ...(hosts.length > 0 ? [`reach ${hosts.join(" and ")}`] : []),
  ]
  return `${tool} may ${parts.join(", and ")}${programs.length > 0 ? ` by ${programs.join(" and ")}` : ""}`
}

const ofWorkspace = (asked: ReadonlyArray<Seen>, compiled: Compiled, scope: Scope): GrantOffer => {
  if (compiled.uncertain !== null)
    return refused(
      "workspace",
      `it cannot be taken apart (${compiled.uncertain}): only this very call can be granted`,
    )
  const effects: Array<GrantedEffect> = []
  for (const seen of asked) {
    const granted = grantable(seen)
    if (typeof granted === "string") return refused("workspace", granted)
    effects.push(granted)
  }
  if (!effects.some((each) => each._tag === "file" || each._tag === "host"))
    return refused("workspace", "it touches no file that could bound it")
  const paths = asked.flatMap(({ effect }) => pathOf(effect) ?? [])
  const folder = paths.length === 0 ? scope.workspace : folderOf(paths)
  const inside = within(folder, scope.workspace) ? folder : scope.workspace
  const named = inside === scope.workspace ? "the workspace" : inside.slice(scope.workspace.length + 1)
  return {
    name: "workspace",
    scope: { _tag: "workspace", tool: compiled.tool, path: inside, effects: unique(effects) },
    title: shown(doing(unique(effects), compiled.tool, named), 240),
  }
}

const distinct = (found: ReadonlyArray<Finding>): ReadonlyArray<AnsweredRule> => [
  ...new Map(found.map(({ rule, file }) => [`${file}\0${rule}`, { rule, file }])).values(),
]

export const grantOffers = (
  rules: RuleSet,
  call: ToolCall,
  compiled: Compiled,
  scope: Scope,
): GrantOffers => {
  const none = (fault: string): GrantOffers => ({
    fault,
    rules: [],
    offers: [],
    tainted: false,
    alsoTainted: [],
  })
  if (rules.broken !== null) return none("the gate is broken")
  const found = findings(rules, compiled, scope)
  const denied = found.find(({ verdict }) => verdict === "deny")
  if (denied !== undefined) return none(`${denied.rule} denies it, and no grant lifts a denial`)
  const questions = found.filter(({ verdict }) => verdict === "ask")
  if (questions.length === 0) return none("it is not asked")
  const asked = questions.filter(({ rule }) => !unanswerable.has(rule))
  const tainted = questions.some(({ rule }) => rule === taintedRule)
  const byName =
    tainted && (scope.session ?? null) !== null
      ? taintedOffer(compiled, scope, shown(callText(call)))
      : { fault: "it is of no conversation" }
  const alsoTainted = "fault" in byName ? [] : [byName]
  if (asked.length === 0 && alsoTainted.length === 0)
    return none(
      "fault" in byName && tainted
        ? `it is asked only because it rests on text an outsider could have written; a rule with tainted = true can speak of that, a grant cannot (${byName.fault})`
        : "it is asked because it comes again and again, which no grant changes",
    )
  const about = [...new Set(asked.flatMap((finding) => finding.about ?? []))]
  return {
    fault: null,
    rules: distinct(asked),
    tainted,
    alsoTainted,
    offers:
      asked.length === 0
        ? []
        : [
            exact(call, compiled),
            ofPrograms(about, compiled, scope, rules.table),
            ofWorkspace(about, compiled, scope),
          ],
  }
}
