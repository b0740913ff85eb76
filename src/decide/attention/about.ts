/**
 * What a suggestion is about, in a word that many of its kind share: the program (and git's or a package manager's
 * subcommand) that it would run, else the tool; `words` where there is nothing to do. Pure.
 */
import type { ToolCall } from "../../domain/action.ts"
import { baseName } from "../paths.ts"
import { simpleCommands } from "../words.ts"

const withSubcommand: ReadonlySet<string> = new Set([
  "git",
  "npm",
  "pnpm",
  "yarn",
  "bun",
  "cargo",
  "go",
  "docker",
])

export const aboutOf = (actions: ReadonlyArray<ToolCall>): string => {
  const [call] = actions
  if (call === undefined) return "words"
  const { command } = call.input
  if (typeof command !== "string") return call.tool
  const words = simpleCommands(command)?.at(-1)?.words ?? []
  const program = baseName(words[0] ?? "")
  const sub = withSubcommand.has(program)
    ? words.find((word, index) => index > 0 && !word.startsWith("-"))
    : undefined
  return (sub === undefined ? program || call.tool : `${program} ${sub}`).slice(0, 40)
}
