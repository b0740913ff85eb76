/**
 * `grep_search`: lines of the workspace's text files that match a regular expression, by ripgrep. What git ignores, hidden,
 * binary and huge files are left out; the answer is bounded and says where it was cut.
 */
import { relative } from "node:path"
import { Effect, Schema } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { attempt } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { resolveInside, shown } from "./paths.ts"
import { PathInput, readingPlan, textResult, type ActSettings } from "./planParts.ts"
import { type Found, ripgrep } from "./ripgrep.ts"

const shownLine = 500
const defaultLimit = 250
const timeoutMs = 20_000

const Text = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(1000))
const Around = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))

const Input = Schema.Struct({
  pattern: Text.annotate({ description: "Regular expression (Rust's syntax; no back-references)" }),
  path: Schema.optionalKey(
    PathInput.annotate({ description: "Folder to search; the current one if absent" }),
  ),
  glob: Schema.optionalKey(
    Text.annotate({ description: "Only files whose path matches, e.g. `*.ts`; `!x` leaves out" }),
  ),
  type: Schema.optionalKey(
    Text.annotate({ description: "Only files of a kind ripgrep knows, e.g. `ts`, `py`, `rust`" }),
  ),
  output_mode: Schema.optionalKey(
    Schema.Literals(["content", "files_with_matches", "count"]).annotate({
      description: "Lines, names of files (if absent), or how many lines match in each file",
    }),
  ),
  "-A": Schema.optionalKey(Around.annotate({ description: "Lines after each match" })),
  "-B": Schema.optionalKey(Around.annotate({ description: "Lines before each match" })),
  "-C": Schema.optionalKey(Around.annotate({ description: "Lines before and after each match" })),
  context: Schema.optionalKey(Around.annotate({ description: "The same as -C" })),
  "-n": Schema.optionalKey(Schema.Boolean.annotate({ description: "Line numbers; true if absent" })),
  "-i": Schema.optionalKey(Schema.Boolean.annotate({ description: "Upper and lower case are the same" })),
  multiline: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "A match may span lines, and `.` matches a line end" }),
  ),
  head_limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 })).annotate({
      description: `At most so many lines of output; ${defaultLimit} if absent`,
    }),
  ),
  offset: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })).annotate({
      description: "Leaves out so many lines of output first",
    }),
  ),
})
type Input = typeof Input.Type

const argumentsOf = (input: Input, mode: NonNullable<Input["output_mode"]>): ReadonlyArray<string> => {
  const around = input["-C"] ?? input.context
  const context =
    mode !== "content"
      ? []
      : [`--after-context=${input["-A"] ?? around ?? 0}`, `--before-context=${input["-B"] ?? around ?? 0}`]
  return [
    ...context,
    ...(mode === "files_with_matches" ? ["--max-count=1"] : []),
    ...(input["-i"] === true ? ["--ignore-case"] : []),
    ...(input.multiline === true ? ["--multiline", "--multiline-dotall"] : []),
    ...(input.glob === undefined ? [] : [`--glob=${input.glob}`]),
    ...(input.type === undefined ? [] : [`--type=${input.type}`]),
    `--regexp=${input.pattern}`,
    "--",
    ".",
  ]
}

/** Lines of output for one thing found; `below` is the searched folder, relative to the workspace. */
const linesOf = (
  found: Found,
  mode: NonNullable<Input["output_mode"]>,
  numbers: boolean,
  below: string,
): ReadonlyArray<string> => {
  const path = neutralise(`${below}${found.path.replace(/^\.\//, "")}`)
  if (found._tag === "file") {
    if (found.lines === 0) return []
    if (mode === "count") return [`${path}:${found.lines}`]
    return mode === "files_with_matches" ? [path] : []
  }
  if (mode !== "content") return []
  const mark = found.matched ? ":" : "-"
  return found.text
    .replace(/\r?\n$/, "")
    .split("\n")
    .map((text, index) => {
      const number = numbers ? `${found.line + index}${mark}` : ""
      return `${path}${mark}${number}${text.slice(0, shownLine)}`
    })
}

export const grepSearchTool = (settings: ActSettings) =>
  defineTool({
    name: "grep_search",
    description:
      "Finds text in the workspace's files by regular expression. What git ignores, hidden and binary files are left out.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    examples: [
      { pattern: "TODO" },
      { pattern: "function \\w+\\(", glob: "src/**/*.ts", output_mode: "content", "-C": 2 },
    ],
    limits: [
      "files larger than 4 MiB are left out",
      `${defaultLimit} lines of output, or head_limit; each line cut at ${shownLine} characters`,
      `${timeoutMs / 1000} s`,
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      const { workspace } = context
      const what = `search ${input.path ?? "."}`
      const folder = yield* attempt(what, () => resolveInside(input.path ?? ".", context.cwd, workspace))
      const mode = input.output_mode ?? "files_with_matches"
      const limit = input.head_limit ?? defaultLimit
      const below = folder === workspace ? "" : `${relative(workspace, folder)}/`
      const run = Effect.gen(function* () {
        const kept: Array<string> = []
        let skip = input.offset ?? 0
        let cut = false
        yield* ripgrep(
          { folder, workspace, home: context.home, args: argumentsOf(input, mode), timeoutMs },
          (found) => {
            for (const line of linesOf(found, mode, input["-n"] ?? true, below)) {
              if (skip-- > 0) continue
              if (kept.length >= limit) cut = true
              else kept.push(line)
            }
            return !cut
          },
        )
        const note = cut ? [`[cut at ${limit} lines: use offset or head_limit, or search for less]`] : []
        return textResult([...kept, ...note].join("\n"), settings)
      })
      return readingPlan(`Search ${shown(workspace, folder)} for ${neutralise(input.pattern)}`, run, [folder])
    }),
  })
