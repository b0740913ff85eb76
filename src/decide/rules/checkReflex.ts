/**
 * What a schema cannot say of a reflex: each condition is one its situation can meet, its placeholders are bound
 * somewhere, and it is not about everything.
 */
import { listOf } from "../../config/correctionRules.ts"
import type { ReflexData, SituationName } from "../../config/reflexRules.ts"
import { nearest } from "../../domain/nearest.ts"
import { dangerOf } from "../corrections/dangers.ts"
import { manyRests } from "./check.ts"
import type { ExampleProblem } from "./examples.ts"
import { costly, placeholdersIn } from "./patterns.ts"
import { isAboutCommand, isAboutFiles, wordsOf } from "./seen.ts"

type Key = keyof ReflexData

/** Conditions that belong to some situations only. */
const belongs: ReadonlyArray<readonly [Key, (when: SituationName) => boolean, string]> = [
  ["files", isAboutFiles, "a situation of files"],
  ["command", isAboutCommand, "a command"],
  ["exit", isAboutCommand, "a command"],
  ["min_duration", isAboutCommand, "a command"],
  ["how", (when) => when === "head.moved", `"head.moved"`],
  ["larger_than", (when) => when === "index.staged", `"index.staged"`],
  ["says", (when) => isAboutCommand(when) || when === "commit.made", `a command or "commit.made"`],
  ["not_says", (when) => isAboutCommand(when) || when === "commit.made", `a command or "commit.made"`],
]

/** One of these at least, so that a rule is about something. */
const needs = (when: SituationName): ReadonlyArray<Key> =>
  isAboutCommand(when)
    ? ["command", "says", "min_duration"]
    : when === "files.settled"
      ? ["files"]
      : when === "index.staged"
        ? ["files", "larger_than"]
        : []

const quoted = (keys: ReadonlyArray<string>): string => keys.map((key) => `"${key}"`).join(" or ")

const answerProblems = ({ mode, run }: ReflexData): ReadonlyArray<ExampleProblem> => {
  const lines = listOf(run)
  const never = lines.findIndex((line) => dangerOf(line) === "never")
  return [
    ...(lines.length === 0 && (mode === "draft" || mode === "question")
      ? [{ path: ["mode"], message: `"${mode}" needs "run"` }]
      : []),
    ...(lines.length > 0 && mode === "notify"
      ? [{ path: ["mode"], message: `"notify" only says something: leave "run" out` }]
      : []),
    ...(never < 0 ? [] : [{ path: ["run"], message: `"${lines[never]}" is never offered` }]),
  ]
}

/** `workspace`: whether it is a workspace's, and not the user's own. */
export const checkReflexData = (data: ReflexData, workspace: boolean): ReadonlyArray<ExampleProblem> => {
  const problems: Array<ExampleProblem> = []
  const problem = (path: ReadonlyArray<string | number>, message: string): void => {
    problems.push({ path, message })
  }
  const { when } = data
  for (const [key, fits, wants] of belongs)
    if (data[key] !== undefined && !fits(when)) problem([key], `"${key}" needs ${wants}, not "${when}"`)
  if (data.urgent === true && workspace)
    problem(["urgent"], "only a rule of your own folder may be urgent, not a workspace's")
  if (!isAboutCommand(when) && (data.expires?.includes("next") ?? false))
    problem(["expires"], `"next" needs a command, not "${when}"`)
  if (!isAboutCommand(when) && data.once_per === "session")
    problem(["once_per"], `"session" needs a command, not "${when}"`)
  if (!isAboutFiles(when) && data.once_per === "file")
    problem(["once_per"], `"file" needs a situation of files, not "${when}"`)
  if (data.timing === "command" && !isAboutCommand(when))
    problem(["timing"], `"command" needs a command, not "${when}"`)
  if (data.timing === "settled" && !isAboutCommand(when) && !isAboutFiles(when))
    problem(["timing"], `"settled" needs files or a command, not "${when}"`)
  const wanted = needs(when)
  if (wanted.length > 0 && wanted.every((key) => data[key] === undefined))
    problem([], `a rule about every "${when}" would never be silent: add ${quoted(wanted)}`)

  const own = wordsOf(when)
  const bound = new Set([...own, ...(data.uncommitted === undefined ? [] : ["uncommitted"])])
  for (const text of listOf(data.command))
    if (manyRests(text)) problem(["command"], `no more than three "..."`)
  for (const key of ["command", "says", "not_says"] as const)
    for (const text of listOf(data[key])) {
      const names = placeholdersIn(text)
      if (names === null) problem([key], `a placeholder is {name} or {name...}, in lower case`)
      const why = key === "command" ? null : costly(text)
      if (why !== null) problem([key], why)
      for (const name of names ?? []) {
        if (own.includes(name)) problem([key], `{${name}} has a meaning of its own here: choose another name`)
        if (key !== "not_says") bound.add(name)
      }
    }
  for (const key of ["title", "run", "note"] as const)
    for (const text of listOf(data[key])) {
      const names = placeholdersIn(text)
      if (names === null) problem([key], `a placeholder is {name}, in lower case`)
      for (const name of names ?? [])
        if (!bound.has(name)) {
          const meant = nearest(name, bound)
          problem([key], `{${name}} is bound by nothing${meant === null ? "" : `, did you mean {${meant}}?`}`)
        }
    }
  return [...problems, ...answerProblems(data)]
}
