/** A tool, its input and its result as text of the command line. Pure. */
import type { CallResult } from "../domain/callResult.ts"
import { neutraliseLines } from "../domain/neutralise.ts"
import { type Form, formsOf, kindTitle, onlyReads } from "../domain/toolFields.ts"
import type { ToolRow } from "../rpc/toolShapes.ts"
import { type Paint, safe, table } from "./output.ts"

const shownForms = 2

/** Of a tool that reads in some of its forms: the names of the others. */
const changing = ({ inputSchema, readOnlyForms }: ToolRow): ReadonlyArray<string> =>
  readOnlyForms.length === 0
    ? []
    : formsOf(inputSchema)
        .filter((form) => !onlyReads(form, readOnlyForms))
        .flatMap(({ fixed }) => Object.values(fixed).map(String))

const writes = (row: ToolRow): string => {
  const word = row.hints.destructive ? "can overwrite" : "overwrites nothing"
  const forms = changing(row)
  if (forms.length === 0) return word
  const named = forms.slice(0, shownForms).join(", ")
  return `reads; writes for ${named}${forms.length > shownForms ? ", ..." : ""}`
}

const hintWords = (row: ToolRow): string =>
  [row.hints.readOnly ? "reads only" : writes(row), ...(row.hints.openWorld ? ["reaches outside"] : [])].join(
    ", ",
  )

/** The first sentence. */
const purpose = (description: string): string => /^.*?[.](?=\s|$)/s.exec(description)?.[0] ?? description

export const toolLine = (row: ToolRow): ReadonlyArray<string> => [
  safe(row.name),
  row.off === null ? hintWords(row) : "off",
  row.off === null ? safe(purpose(row.description)) : `off: ${safe(row.off)}`,
]

const quoted = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** An input as the words that would be typed for it. */
const asWords = (input: Readonly<Record<string, unknown>>): string => {
  const words = Object.entries(input).flatMap(([key, value]) =>
    Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string")
      ? value.map((each) => `${key}=${each}`)
      : [`${key}=${typeof value === "string" ? value : JSON.stringify(value)}`],
  )
  return words.map(quoted).join(" ")
}

const formLines = (form: Form, colour: Paint): ReadonlyArray<string> => {
  const rows = form.fields.map((field) => [
    `  ${field.required ? field.name : `[${field.name}]`}`,
    kindTitle(field),
    [field.description, field.limits].filter((part) => part !== "").join("; "),
  ])
  return [
    ...(form.name === null ? [] : [`  ${colour("bold", safe(form.name))}`]),
    ...(rows.length === 0 ? [] : [neutraliseLines(table(rows))]),
  ]
}

export const showTool = (row: ToolRow, colour: Paint): string =>
  [
    colour("bold", safe(row.name)),
    neutraliseLines(row.description),
    ...(row.off === null ? [] : [colour("yellow", `off: ${safe(row.off)}`)]),
    "",
    `${hintWords(row)}${row.hints.idempotent ? "; twice is as once" : ""}`,
    `undo: ${safe(row.undo ?? "nothing to take back: it changes nothing")}`,
    ...row.limits.map((limit) => `limit: ${safe(limit)}`),
    "",
    "fields (those in brackets may be left out)",
    ...formsOf(row.inputSchema).flatMap((form) => formLines(form, colour)),
    "",
    ...row.examples.map((example) => `claw tool run ${row.name} ${safe(asWords(example))}`),
    ...(row.examples.length === 0 ? [] : [""]),
    "JSON schema of the input",
    neutraliseLines(JSON.stringify(row.inputSchema, null, 2)),
  ].join("\n")

/** What a run printed; nothing where it printed nothing. */
export const printedOf = (result: CallResult): string => neutraliseLines(result.text).trimEnd()
