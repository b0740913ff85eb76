/**
 * What commands print: results to stdout, the rest to stderr; JSON one object a line; colour only where it is
 * wanted. Everything that came from outside passes `neutralise` before it reaches a terminal.
 */
import { Console, Effect } from "effect"
import { harmlessJson, neutralise } from "../domain/neutralise.ts"
import { Invocation } from "./Invocation.ts"

export type Colour = "red" | "green" | "yellow" | "blue" | "dim" | "bold"

const codes: Record<Colour, string> = {
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  dim: "2",
  bold: "1",
}

export type Paint = (colour: Colour, text: string) => string

export const painter = (colour: boolean): Paint =>
  colour ? (name, text) => `\u001b[${codes[name]}m${text}\u001b[0m` : (_, text) => text

export const paint = Effect.map(Invocation, ({ colour }) => painter(colour))

export const json = (value: unknown) => Console.log(harmlessJson(value))

/** Outside text on one line of a terminal. */
export const safe = neutralise

/** `2026-11-22T08:47:07.123Z` -> local `08:47:07`, with the date where it is not today's. */
export const clock = (iso: string, nowMs: number): string => {
  const at = new Date(iso)
  const two = (n: number) => String(n).padStart(2, "0")
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  const sameDay = new Date(nowMs).toDateString() === at.toDateString()
  return sameDay ? time : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}

/** Columns aligned by their widest cell; the last one runs free. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths: Array<number> = []
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length)
    })
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

export { counted } from "../domain/counted.ts"
