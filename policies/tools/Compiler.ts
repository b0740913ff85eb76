/** How one tool's input becomes effects: what every compiler of this folder is. Pure given the collector's oracle. */
import type { Collector } from "../Collector.ts"
import type { CommandTable } from "../CommandTable.ts"

export type Input = Readonly<Record<string, unknown>>

/** States every effect the call would have; says a doubt where the input does not tell. Never throws on any input. */
export type Compiler = (input: Input, collector: Collector, table: CommandTable) => void

/** The first of these keys that holds a text. */
export const text = (input: Input, ...keys: ReadonlyArray<string>): string | null => {
  for (const key of keys) {
    const value = Object.hasOwn(input, key) ? input[key] : undefined
    if (typeof value === "string") return value
  }
  return null
}
