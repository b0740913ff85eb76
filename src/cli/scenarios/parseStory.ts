/**
 * Reads a story's file. Every complaint names its line; a key or a value that is not known is an error, with the one that
 * was probably meant.
 * Invariant: a story comes out only where nothing was wrong; each name a need or a silence speaks of is a step's.
 */
import { nearest } from "../../domain/nearest.ts"
import { parseToml, type TomlDocument, type TomlPath } from "../../domain/toml.ts"
import { Result } from "effect"
import type { Act, Moment, Need, Silence, Step, Story } from "./Story.ts"
import { spanOf, startOf } from "./times.ts"
import { patternProblem } from "./wanted.ts"

export interface StoryProblem {
  readonly line: number
  readonly message: string
}

type Table = Readonly<Record<string, unknown>>

const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)

const topKeys = [
  "name",
  "about",
  "shell",
  "start",
  "settings",
  "files",
  "setup",
  "commit",
  "remote",
  "step",
  "need",
  "silence",
]
const acts = [
  "run",
  "elsewhere",
  "git",
  "write",
  "edit",
  "delete",
  "tui",
  "digest",
  "answer",
  "wait",
] as const
const stepKeys = [...acts, "at", "name", "text", "find", "replace", "rule", "exit"]
/** What stands beside an act, and which it must have. */
const beside: Readonly<Record<(typeof acts)[number], ReadonlyArray<string>>> = {
  run: ["exit"],
  elsewhere: ["exit"],
  git: ["exit"],
  write: ["text"],
  edit: ["find", "replace"],
  delete: [],
  tui: [],
  digest: [],
  answer: ["rule"],
  wait: [],
}
const needKeys = ["what", "from", "until", "rule", "action", "says", "urgent", "evidence"]
const silenceKeys = ["why", "from", "until"]
const shells = ["bash", "zsh", "fish"] as const
const answers = ["accept", "reject", "snooze"] as const

const stepMs = 10_000
const windowMs = 60_000

class Reading {
  readonly problems: Array<StoryProblem> = []
  readonly #document: TomlDocument

  constructor(document: TomlDocument) {
    this.#document = document
  }

  line(path: TomlPath): number {
    return this.#document.locate(path).line
  }

  wrong(path: TomlPath, message: string): void {
    this.problems.push({ line: this.line(path), message })
  }

  known(table: Table, path: TomlPath, keys: ReadonlyArray<string>): void {
    for (const key of Object.keys(table))
      if (!keys.includes(key)) this.wrong([...path, key], `unknown key "${key}"${meant(key, keys)}`)
  }

  text(table: Table, path: TomlPath, key: string): string | null {
    const value = table[key]
    if (value === undefined) return null
    if (typeof value === "string") return value
    this.wrong([...path, key], `"${key}" must be text`)
    return null
  }

  flag(table: Table, path: TomlPath, key: string, otherwise: boolean): boolean {
    const value = table[key] ?? otherwise
    if (typeof value === "boolean") return value
    this.wrong([...path, key], `"${key}" must be true or false`)
    return otherwise
  }

  /** One text or several. */
  texts(table: Table, path: TomlPath, key: string): ReadonlyArray<string> {
    const value = table[key]
    const list = value === undefined ? [] : Array.isArray(value) ? (value as ReadonlyArray<unknown>) : [value]
    if (list.every((one) => typeof one === "string")) return list as ReadonlyArray<string>
    this.wrong([...path, key], `"${key}" must be text, or a list of texts`)
    return []
  }

  choice<T extends string>(table: Table, path: TomlPath, key: string, of: ReadonlyArray<T>): T | null {
    const value = this.text(table, path, key)
    if (value === null) return null
    const found = of.find((one) => one === value)
    if (found === undefined)
      this.wrong([...path, key], `"${key}" is one of ${of.join(", ")}, not "${value}"${meant(value, of)}`)
    return found ?? null
  }

  tables(table: Table, key: string): ReadonlyArray<Table> {
    const value = table[key] ?? []
    if (Array.isArray(value) && value.every(isTable)) return value
    this.wrong([key], `write each "${key}" as [[${key}]]`)
    return []
  }
}

const meant = (word: string, of: ReadonlyArray<string>): string => {
  const found = nearest(word, of)
  return found === null ? "" : `: did you mean "${found}"?`
}

const actOf = (reading: Reading, table: Table, path: TomlPath): Act | null => {
  const given = acts.filter((act) => table[act] !== undefined)
  const [act] = given
  if (act === undefined || given.length > 1) {
    reading.wrong(
      path,
      `a step does one of ${acts.join(", ")}${act === undefined ? "" : `, not ${given.join(" and ")}`}`,
    )
    return null
  }
  for (const key of ["text", "find", "replace", "rule", "exit"])
    if (table[key] !== undefined && !beside[act].includes(key))
      reading.wrong([...path, key], `"${key}" says nothing beside "${act}"`)
  for (const key of beside[act])
    if (key !== "exit" && typeof table[key] !== "string")
      reading.wrong(path, `"${act}" needs "${key}", a text`)
  const told = (key: string): string => (typeof table[key] === "string" ? table[key] : "")
  const value = act === "digest" || act === "wait" ? "" : reading.text(table, path, act)
  if (value === null) return null
  switch (act) {
    case "run":
      if (value.includes("\n")) reading.wrong([...path, act], "a command is typed on one line")
      return { _tag: "run", command: value }
    case "elsewhere":
      return { _tag: "elsewhere", command: value }
    case "git":
      return { _tag: "elsewhere", command: `git ${value}` }
    case "write":
      return { _tag: "write", path: value, text: told("text") }
    case "edit":
      return { _tag: "edit", path: value, find: told("find"), replace: told("replace") }
    case "delete":
      return { _tag: "delete", path: value }
    case "tui": {
      const open = reading.choice(table, path, "tui", ["open", "close"])
      return { _tag: "tui", open: open === "open" }
    }
    case "digest":
      return { _tag: "digest" }
    case "answer": {
      const answer = reading.choice(table, path, "answer", answers)
      return answer === null ? null : { _tag: "answer", answer, rule: told("rule") }
    }
    case "wait":
      return { _tag: "wait" }
  }
}

const timeOf = (reading: Reading, table: Table, path: TomlPath, first: boolean): Step["at"] => {
  const otherwise: Step["at"] = { since: "before", ms: first ? 0 : stepMs }
  const text = reading.text(table, path, "at")
  if (text === null) return otherwise
  const ms = spanOf(text.replace(/^\+/, ""))
  if (ms !== null) return { since: text.startsWith("+") ? "before" : "begin", ms }
  reading.wrong(
    [...path, "at"],
    `"${text}" is no time: write "+10s" after the step before, or "1m30s" after the beginning`,
  )
  return otherwise
}

const stepOf = (reading: Reading, table: Table, index: number): Step | null => {
  const path = ["step", index]
  reading.known(table, path, stepKeys)
  const act = actOf(reading, table, path)
  const exit = table["exit"] ?? null
  if (exit !== null && typeof exit !== "number") reading.wrong([...path, "exit"], `"exit" must be a number`)
  const at = timeOf(reading, table, path, index === 0)
  const name = reading.text(table, path, "name")
  return act === null
    ? null
    : { line: reading.line(path), name, at, act, exit: typeof exit === "number" ? exit : null }
}

type Names = ReadonlyMap<string, number>

const named = (reading: Reading, path: TomlPath, name: string, names: Names): number | null => {
  const found = names.get(name)
  if (found !== undefined) return found
  reading.wrong(path, `no step has the name "${name}"${meant(name, [...names.keys()])}`)
  return null
}

/** `+30s` after `since`, a step's name, `begin`, `end`, or a name and a time: `commit+30s`. */
const momentOf = (
  reading: Reading,
  path: TomlPath,
  text: string,
  names: Names,
  since: Moment["step"] | null,
): Moment | null => {
  const found = /^(.*?)(?:\+([0-9a-z]+))?$/s.exec(text)!
  const afterMs = found[2] === undefined ? 0 : spanOf(found[2])
  const name = found[1]!
  if (afterMs === null) {
    reading.wrong(path, `"${text}" is no moment: write "+30s", a step's name, or both as "name+30s"`)
    return null
  }
  if (name === "begin" || name === "end") return { step: name, afterMs }
  if (name === "" && since !== null) return { step: since, afterMs }
  const step = named(reading, path, name, names)
  return step === null ? null : { step, afterMs }
}

const needOf = (reading: Reading, table: Table, index: number, names: Names): Need | null => {
  const path = ["need", index]
  reading.known(table, path, needKeys)
  const evidence = reading
    .texts(table, path, "evidence")
    .map((name) => named(reading, [...path, "evidence"], name, names))
  const text = reading.text(table, path, "from")
  const from = text === null ? (evidence.at(-1) ?? null) : named(reading, [...path, "from"], text, names)
  if (from === null) {
    if (text === null && evidence.length === 0)
      reading.wrong(path, `a need says "from" which step it stands, or its "evidence"`)
    return null
  }
  const until =
    table["until"] === undefined
      ? { step: from, afterMs: windowMs }
      : momentOf(reading, [...path, "until"], reading.text(table, path, "until") ?? "", names, from)
  const rules = reading.texts(table, path, "rule")
  const actions = reading.texts(table, path, "action")
  const says = reading.text(table, path, "says")
  if (rules.length === 0 && actions.length === 0 && says === null)
    reading.wrong(path, `a need says what would help: "action", "rule" or "says"`)
  for (const [key, wanted] of [
    ["says", says ?? ""],
    ...actions.map((one) => ["action", one] as const),
  ] as const) {
    const problem = patternProblem(wanted)
    if (problem !== null) reading.wrong([...path, key], problem)
  }
  const urgent = reading.flag(table, path, "urgent", false)
  const what = reading.text(table, path, "what")
  if (until === null || evidence.includes(null)) return null
  const line = reading.line(path)
  const steps = evidence.filter((step) => step !== null)
  return {
    line,
    what: what ?? actions[0] ?? says ?? rules[0] ?? "",
    from,
    until,
    rules,
    actions,
    says,
    urgent,
    evidence: steps,
  }
}

const silenceOf = (reading: Reading, table: Table, index: number, names: Names): Silence | null => {
  const path = ["silence", index]
  reading.known(table, path, silenceKeys)
  const moment = (key: "from" | "until", otherwise: "begin" | "end"): Moment | null =>
    momentOf(reading, [...path, key], reading.text(table, path, key) ?? otherwise, names, null)
  const from = moment("from", "begin")
  const until = moment("until", "end")
  const why = reading.text(table, path, "why") ?? "silence is right"
  return from === null || until === null ? null : { line: reading.line(path), why, from, until }
}

const filesOf = (reading: Reading, top: Table): Readonly<Record<string, string>> => {
  const files = top["files"] ?? {}
  if (!isTable(files)) {
    reading.wrong(["files"], `"files" is a table of paths and texts`)
    return {}
  }
  for (const [path, text] of Object.entries(files)) {
    if (typeof text !== "string") reading.wrong(["files", path], `the text of "${path}" must be text`)
    if (path.startsWith("/") || path.split("/").includes(".."))
      reading.wrong(["files", path], `"${path}" must lie in the repository`)
  }
  return files as Readonly<Record<string, string>>
}

const namesOf = (reading: Reading, steps: ReadonlyArray<Step | null>): Names => {
  const names = new Map<string, number>()
  for (const [index, step] of steps.entries()) {
    const name = step?.name ?? null
    if (name === null) continue
    if (names.has(name) || name === "begin" || name === "end" || /[+]/.test(name) || name === "")
      reading.wrong(
        ["step", index, "name"],
        `"${name}" cannot name this step: it is taken, empty, or holds a "+"`,
      )
    else names.set(name, index)
  }
  return names
}

export const parseStory = (file: string, text: string): Result.Result<Story, ReadonlyArray<StoryProblem>> => {
  const parsed = parseToml(text)
  if (Result.isFailure(parsed))
    return Result.fail([{ line: parsed.failure.line, message: parsed.failure.message }])
  const reading = new Reading(parsed.success)
  const top = parsed.success.value
  reading.known(top, [], topKeys)
  const name = reading.text(top, [], "name")
  if (name === null) reading.wrong([], `a story has a "name"`)
  const startText = reading.text(top, [], "start") ?? "10:00"
  const start = startOf(startText)
  if (start === null)
    reading.wrong(["start"], `"${startText}" is no time of day: write "10:00", or "sat 22:30"`)
  const settings = top["settings"] ?? {}
  if (!isTable(settings)) reading.wrong(["settings"], `"settings" is a table, as in claw.config.ts`)
  const steps = reading.tables(top, "step").map((table, index) => stepOf(reading, table, index))
  if (steps.length === 0) reading.wrong([], "a story has steps: [[step]]")
  const names = namesOf(reading, steps)
  const needs = reading.tables(top, "need").map((table, index) => needOf(reading, table, index, names))
  const silences = reading
    .tables(top, "silence")
    .map((table, index) => silenceOf(reading, table, index, names))
  if (needs.length === 0 && silences.length === 0)
    reading.wrong([], "a story says what is due ([[need]]) or that nothing is ([[silence]])")
  const story: Story = {
    file,
    name: name ?? file,
    about: reading.text(top, [], "about") ?? "",
    shell: reading.choice(top, [], "shell", shells) ?? "bash",
    start: start ?? { day: 2, minutes: 600 },
    settings: isTable(settings) ? settings : {},
    files: filesOf(reading, top),
    setup: reading.text(top, [], "setup") ?? "",
    commit: reading.flag(top, [], "commit", true),
    remote: reading.flag(top, [], "remote", false),
    steps: steps.filter((step) => step !== null),
    needs: needs.filter((need) => need !== null),
    silences: silences.filter((silence) => silence !== null),
  }
  return reading.problems.length === 0
    ? Result.succeed(story)
    : Result.fail(reading.problems.toSorted((a, b) => a.line - b.line))
}
