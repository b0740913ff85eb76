/** What a schema cannot say of a rule: its placeholders are bound somewhere, its edits are whole, it is not about everything. */
import { type CorrectionData, type EditData, listOf } from "../../config/correctionRules.ts"
import type { ExampleProblem } from "./examples.ts"
import { costly, placeholdersIn } from "./patterns.ts"

const lists = ["@branches", "@scripts", "@subcommands", "@files"]

const wholeEdit = (edit: EditData): string | null => {
  const moves = [edit.replace, edit.add, edit.remove].filter((move) => move !== undefined)
  if (moves.length !== 1) return `a change of the line has one of "replace", "add" and "remove"`
  if ((edit.replace === undefined) !== (edit.with === undefined)) return `"replace" and "with" go together`
  if (edit.add === undefined && (edit.after !== undefined || edit.at_end !== undefined))
    return `"after" and "at_end" go with "add"`
  return null
}

const textsOf = (answer: string | EditData): ReadonlyArray<string> =>
  typeof answer === "string"
    ? [answer]
    : [answer.replace, answer.with, answer.add, answer.after, answer.remove].filter(
        (text) => text !== undefined,
      )

/** So many stretches of any words that trying them all would take long. */
export const manyRests = (text: string): boolean =>
  text.split(/\s+/).filter((word) => word === "...").length > 3

export const checkData = (data: CorrectionData): ReadonlyArray<ExampleProblem> => {
  const problems: Array<ExampleProblem> = []
  const problem = (path: ReadonlyArray<string | number>, message: string): void => {
    problems.push({ path, message })
  }
  const bound = new Set(["program", "line"])
  for (const key of ["typed", "says", "not_says", "each"] as const)
    for (const text of listOf(data[key])) {
      const names = placeholdersIn(text)
      if (names === null) problem([key], `a placeholder is {name} or {name...}, in lower case`)
      const why = key === "typed" ? (manyRests(text) ? `no more than three "..."` : null) : costly(text)
      if (why !== null) problem([key], why)
      if (key !== "not_says") for (const name of names ?? []) bound.add(name)
    }
  if (data.near !== undefined) bound.add("near")
  const used = [
    ...listOf(data.answer).flatMap((answer) => textsOf(answer).map((text) => ["answer", text] as const)),
    ...Object.values(data.when ?? {}).flatMap((value) =>
      listOf(value).map((text) => ["when", text] as const),
    ),
    ...(data.near === undefined ? [] : [["near", data.near.word] as const]),
  ]
  for (const [key, text] of used) {
    const names = placeholdersIn(text)
    if (names === null) problem([key], `a placeholder is {name} or {name...}, in lower case`)
    for (const name of names ?? [])
      if (!bound.has(name)) problem([key], `{${name}} is bound by neither "typed" nor "says"`)
  }
  for (const answer of listOf(data.answer)) {
    const wrong = typeof answer === "string" ? null : wholeEdit(answer)
    if (wrong !== null) problem(["answer"], wrong)
  }
  const among = listOf(data.near?.among)
  for (const name of among)
    if (name.startsWith("@") && !lists.includes(name))
      problem(["near", "among"], `"${name}" is no list (${lists.join(", ")})`)
  if (data.near !== undefined && among.length === 0 && data.near.listed_after === undefined)
    problem(["near"], `"near" needs "among" or "listed_after"`)
  if (data.program === undefined && data.says === undefined)
    problem([], `a rule without "program" and "says" would answer every failure`)
  return problems
}
