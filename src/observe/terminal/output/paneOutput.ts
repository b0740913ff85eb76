/**
 * What a command printed, out of the text of the pane it ran in. Pure.
 * The line on which it was typed is looked for from below, by its text behind something that is the prompt of the next
 * one too, or at least ends as prompts do; the next prompt, where it is drawn already, is cut off.
 * Invariant: where that line is not to be found, nothing is said to be output.
 */

const endsAsPrompt = /[$#%>❯➜»›λ▶)\]:]\s*$/u
const longestCommand = 6
const promptLines = 3
/** Lines of a command above its last one. */
const commandLines = 40

const squeezed = (text: string): string => text.replace(/\s+/g, "")
/** What of a prompt stays as it is while clocks and counters in it go on. */
const shape = (text: string): string => squeezed(text).replace(/\d+/g, "0")

/** What stands before the command on these lines; null: the command does not end them. */
const before = (line: string, command: string): string | null => {
  const at = line.lastIndexOf(command)
  if (at < 0) return null
  const rest = line.slice(at + command.length)
  // a prompt on the right stands apart
  return /^(?:\s*$|\s{2,}\S)/.test(rest) ? line.slice(0, at) : null
}

interface Typed {
  /** The first line behind the command. */
  readonly next: number
  readonly first: number
  readonly prompt: string
}

/** On one line, or on several where a narrow screen broke it. */
const typedAt = (lines: ReadonlyArray<string>, row: number, command: string): Typed | null => {
  const prompt = before(lines[row]!, command)
  if (prompt !== null) return { next: row + 1, first: row, prompt }
  const wanted = squeezed(command)
  for (let rows = 2; rows <= longestCommand && row + 1 - rows >= 0; rows++) {
    const first = row + 1 - rows
    const joined = squeezed(lines.slice(first, row + 1).join(""))
    if (!joined.endsWith(wanted)) continue
    const head = joined.slice(0, joined.length - wanted.length)
    // the command must reach into the first of these lines
    if (head.length >= squeezed(lines[first]!).length) continue
    return { next: row + 1, first, prompt: head }
  }
  return null
}

/** Where the first line of a command was typed, behind a prompt that the next one will be like. */
const begunAt = (lines: ReadonlyArray<string>, typed: Typed, command: string): Typed => {
  const [line = ""] = command.trim().split("\n")
  for (let row = typed.first - 1; row >= Math.max(0, typed.first - commandLines); row--) {
    const begun = typedAt(lines, row, line.trim())
    if (begun !== null) return { ...begun, next: typed.next }
  }
  return typed
}

/** How many of the last lines are the next prompt, drawn with the same hand as the one before the command. */
const drawn = (lines: ReadonlyArray<string>, typed: Typed): number => {
  const last = lines.at(-1) ?? ""
  const mark = shape(typed.prompt)
  const isPrompt =
    lines.length > typed.next &&
    mark !== "" &&
    (shape(last).startsWith(mark) || (endsAsPrompt.test(last) && last.trimEnd().endsWith(mark.at(-1)!)))
  if (!isPrompt) return 0
  let count = 1
  while (count < promptLines) {
    const [here, there] = [lines[lines.length - 1 - count], lines[typed.first - count]]
    if (lines.length - 1 - count < typed.next || here === undefined || there === undefined) break
    if (shape(here) === "" || shape(here).slice(0, 4) !== shape(there).slice(0, 4)) break
    count += 1
  }
  return count
}

export const paneOutput = (text: string, command: string): string | null => {
  const lines = text
    .replace(/\s+$/, "")
    .split("\n")
    .map((line) => line.trimEnd())
  const wanted = command.trim().split("\n").at(-1)!.trim()
  if (wanted === "") return null
  const last = shape(lines.at(-1) ?? "")
  let found: Typed | null = null
  for (let row = lines.length - 1; row >= 0; row--) {
    const typed = typedAt(lines, row, wanted)
    if (typed === null || typed.prompt.trim() === "") continue
    const sure = row < lines.length - 1 && last.startsWith(shape(typed.prompt))
    if (sure || (found === null && endsAsPrompt.test(typed.prompt))) found = typed
    if (sure) break
  }
  if (found === null) return null
  if (command.trim() !== wanted) found = begunAt(lines, found, command)
  return lines
    .slice(found.next, lines.length - drawn(lines, found))
    .join("\n")
    .trim()
}
