/**
 * Rules that would have answered a question: what each could look like, from narrow to wide, and how it is written. Pure.
 * Invariants: a rule names what it allows by words, hosts or places of its own, never by class alone; what a grant could
 * not name (an interpreter, a push, a package runner) no proposed rule names either; each is valid as it is written.
 */
import { patternFault } from "./conditions.ts"
import type { CommandTable } from "./CommandTable.ts"
import type { Seen } from "./Collector.ts"
import { startsWith } from "./grants.ts"
import { shortestPrefix } from "./prefixes.ts"

/** One effect that a rule must allow, of one tool, in one workspace. */
export interface Need {
  readonly seen: Seen
  readonly tool: string
  readonly workspace: string
  readonly tainted: boolean
}

export interface ProposedRule {
  /** Equal for equal rules. */
  readonly key: string
  readonly name: string
  readonly conditions: ReadonlyArray<readonly [string, unknown]>
  readonly tainted: boolean
  readonly covers: (need: Need) => boolean
}

const programClasses: ReadonlySet<string> = new Set([
  "runs",
  "changes-state",
  "unknown-program",
  "unknown-flag",
])

const literal = (word: string): boolean => patternFault(word) === null && !/[*?[\]{}]/.test(word)

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48) || "rule"

const rule = (
  name: string,
  conditions: ReadonlyArray<readonly [string, unknown]>,
  tainted: boolean,
  covers: (need: Need) => boolean,
): ProposedRule => ({
  key: JSON.stringify([conditions, tainted]),
  name: `suggested-${slug(name)}${tainted ? "-tainted" : ""}`,
  conditions: tainted ? [...conditions, ["tainted", true]] : conditions,
  tainted,
  covers: (need) => need.tainted === tainted && covers(need),
})

const same = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index])

const longest = 6

const ofProgram = (need: Need, table: CommandTable): ReadonlyArray<ProposedRule> => {
  const { classes, effect } = need.seen
  if (effect._tag !== "exec" || Object.keys(effect.env).length > 0) return []
  if (classes.length !== 1 || !programClasses.has(classes[0]!)) return []
  const found = shortestPrefix(effect.argv, table)
  if ("fault" in found) return []
  const rules: Array<ProposedRule> = []
  for (let length = Math.min(effect.argv.length, longest); length >= found.prefix.length; length--) {
    const words = effect.argv.slice(0, length)
    if (!words.every(literal)) continue
    rules.push(
      rule(
        words.join(" "),
        [
          ["effect", "exec"],
          ["argv", words],
          ["class", classes[0]],
        ],
        need.tainted,
        (other) =>
          other.seen.effect._tag === "exec" &&
          startsWith(other.seen.effect.argv, words) &&
          other.seen.classes.includes(classes[0]!),
      ),
    )
  }
  return rules
}

/** Folders from the file's own up to the workspace. */
const foldersOf = (path: string, workspace: string): ReadonlyArray<string> => {
  const folders: Array<string> = []
  for (
    let at = path.slice(0, path.lastIndexOf("/"));
    at.startsWith(workspace);
    at = at.slice(0, at.lastIndexOf("/"))
  )
    folders.push(at)
  return folders
}

const below = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)

const ofFile = (need: Need): ReadonlyArray<ProposedRule> => {
  const { classes, effect } = need.seen
  if (effect._tag !== "read" && effect._tag !== "write" && effect._tag !== "delete") return []
  if (!same(classes, ["workspace"])) return []
  const use = effect._tag
  const { tool, workspace } = need
  const short = (path: string) => `${tool} ${use} ${path.slice(workspace.length + 1)}`
  const one = (
    pattern: string,
    name: string,
    holds: (path: string) => boolean,
  ): ReadonlyArray<ProposedRule> =>
    patternFault(pattern) === null
      ? [
          rule(
            name,
            [
              ["effect", use],
              ["tool", tool],
              ["class", "workspace"],
              ["path", pattern],
            ],
            need.tainted,
            (other) =>
              other.tool === tool &&
              other.seen.effect._tag === use &&
              other.seen.classes.includes("workspace") &&
              holds(other.seen.effect.path),
          ),
        ]
      : []
  if (!literal(effect.path) || !literal(tool)) return []
  return [
    ...one(effect.path, short(effect.path), (path) => path === effect.path),
    ...foldersOf(effect.path, workspace).flatMap((folder) =>
      one(`${folder}/**`, `${short(folder)} below`, (path) => below(path, folder)),
    ),
  ]
}

const ofHost = (need: Need): ReadonlyArray<ProposedRule> => {
  const { classes, effect } = need.seen
  if (effect._tag !== "net" || !same(classes, ["public"]) || !literal(effect.host) || !literal(need.tool))
    return []
  const { host, scheme } = effect
  return [
    rule(
      `${need.tool} ${host}`,
      [
        ["effect", "net"],
        ["tool", need.tool],
        ["class", "public"],
        ["scheme", scheme],
        ["host", host],
      ],
      need.tainted,
      ({ seen, tool }) =>
        tool === need.tool &&
        seen.effect._tag === "net" &&
        seen.effect.host === host &&
        seen.effect.scheme === scheme &&
        seen.classes.includes("public"),
    ),
  ]
}

/** Narrowest first; empty where no rule should be proposed. */
export const rulesFor = (need: Need, table: CommandTable): ReadonlyArray<ProposedRule> => [
  ...ofProgram(need, table),
  ...ofFile(need),
  ...ofHost(need),
]

const value = (of: unknown): string =>
  Array.isArray(of)
    ? `[${of.map(value).join(", ")}]`
    : typeof of === "string"
      ? JSON.stringify(of)
      : String(of)

/** As it stands in a rule file. JSON's strings are TOML's. */
export const ruleText = (
  proposed: ProposedRule,
  name: string,
  told: {
    readonly reason: string
    readonly match?: ReadonlyArray<string>
    readonly notMatch?: ReadonlyArray<string>
  },
): string =>
  [
    "[[rule]]",
    `name = ${JSON.stringify(name)}`,
    'verdict = "allow"',
    ...proposed.conditions.map(([key, of]) => `${key} = ${value(of)}`),
    `reason = ${JSON.stringify(told.reason)}`,
    ...(told.match === undefined || told.match.length === 0 ? [] : [`match = ${value(told.match)}`]),
    ...(told.notMatch === undefined || told.notMatch.length === 0
      ? []
      : [`not_match = ${value(told.notMatch)}`]),
    "",
  ].join("\n")
