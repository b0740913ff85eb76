/** Effects of the tools that talk to the user or keep a conversation's own state. */
import type { Collector } from "../Collector.ts"
import { type Compiler, text } from "./Compiler.ts"
import { isPresentable, remoteContent } from "./display.ts"

const display = (shown: string, collector: Collector): void => {
  const classes = [isPresentable(shown) ? "harmless" : "hostile-text"]
  if (remoteContent(shown)) classes.push("remote-content")
  collector.add({ _tag: "display", text: shown }, classes)
}

const notify: Compiler = (input, collector) => {
  const shown = Object.values(input)
    .filter((value) => typeof value === "string")
    .join("\n")
  display(shown, collector)
  collector.carries(shown)
}

/** Texts of an input, however deep they stand, in the order they are shown. */
const textsOf = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  if (Array.isArray(value)) return value.slice(0, 1000).flatMap(textsOf)
  return []
}

const said =
  (...keys: ReadonlyArray<string>): Compiler =>
  (input, collector) => {
    const shown = keys.flatMap((key) => textsOf(input[key])).join("\n")
    if (shown === "") return collector.doubt(`the input has no ${keys[0]}`)
    display(shown, collector)
    collector.carries(shown)
  }

const message: Compiler = (input, collector, table) => {
  said("message")(input, collector, table)
  // a device has no size to be named
  for (const path of textsOf(input["attachments"]))
    collector.path("read", path.startsWith("/dev/") ? `${path}/.` : path, collector.scope.cwd)
}

const todos: Compiler = (input, collector) => {
  const list = input["todos"]
  if (!Array.isArray(list)) return collector.doubt("the input has no todos")
  const lines = list
    .slice(0, 1000)
    .flatMap((todo: unknown) =>
      typeof todo === "object" && todo !== null ? Object.values(todo).flatMap(textsOf) : [],
    )
  display(lines.join("\n"), collector)
  for (const line of lines) collector.carries(line)
}

/** Settings that a tool may ask to change, because they only say how much the user is shown. */
export const tellingSettings: ReadonlySet<string> = new Set([
  "attention.perHour",
  "attention.burst",
  "attention.quietAfterEditMs",
  "attention.awayAfterMs",
  "notifications.others",
])

/** Reading shows a value. What gates, executes, spends or trusts is the user's alone to change. */
const config: Compiler = (input, collector) => {
  const setting = text(input, "setting")
  if (setting === null) return collector.doubt("the input names no setting")
  if (input["value"] === undefined) return display(setting, collector)
  if (tellingSettings.has(setting)) collector.doubt(`it changes your setting ${setting}`)
  else collector.add({ _tag: "approve", id: `setting ${setting}` }, ["self-approval"])
}

/** Nothing happens by it: only secrets must not be in it. */
const inert: Compiler = (input, collector) => {
  for (const value of deep(input, 0)) collector.carries(value)
}
const deep = (value: unknown, depth: number): ReadonlyArray<string> =>
  typeof value === "object" && value !== null && depth < 8
    ? Object.values(value)
        .slice(0, 1000)
        .flatMap((each) => deep(each, depth + 1))
    : textsOf(value)

export const sessionCompilers: ReadonlyArray<readonly [string, Compiler]> = [
  ["notify", notify],
  ["display", notify],
  ["SendUserMessage", message],
  ["ask_user", said("question", "options")],
  ["TodoWrite", todos],
  ["Config", config],
  ["Sleep", inert],
  ["StructuredOutput", inert],
  ["ToolSearch", inert],
  ["Skill", inert],
  ["Agent", inert],
]
