/** What could stand at the cursor: a command, one of its arguments, a file behind `@`. Pure; where the answer is known to the daemon alone, it says what to ask. */
import type { ArgumentKind, CommandRow } from "../../domain/command.ts"
import { completingAt, isCommandLine } from "../../domain/commandLine.ts"
import type { Menu } from "./prompt.ts"

export interface Wanted {
  /** Where in the text the candidates go. */
  readonly from: number
  readonly word: string
  readonly source:
    | { readonly _tag: "known"; readonly candidates: Menu["candidates"] }
    | { readonly _tag: "files" }
    | { readonly _tag: "daemon"; readonly kind: ArgumentKind }
}

export const wantedAt = (text: string, cursor: number, rows: ReadonlyArray<CommandRow>): Wanted | null => {
  const before = text.slice(0, cursor)
  const file = /(?:^|[\s(])@("[^"\n]*|[^\s"]*)$/.exec(before)
  if (file !== null) {
    const [, typed = ""] = file
    return { from: cursor - typed.length, word: typed.replace(/^"/, ""), source: { _tag: "files" } }
  }
  if (!isCommandLine(text) && text.trim() !== "/") return null
  const found = completingAt(text, cursor, rows)
  if (found === null) return null
  const { choices, from, kind, word } = found
  if (kind === "command") {
    const candidates = choices.map((name) => ({
      text: name,
      detail: rows.find((row) => row.name === name)?.summary ?? "",
    }))
    return { from, word, source: { _tag: "known", candidates } }
  }
  if (choices.length > 0 || kind === "choice" || kind === "duration")
    return {
      from,
      word,
      source: { _tag: "known", candidates: choices.map((one) => ({ text: one, detail: "" })) },
    }
  return kind === "file"
    ? { from, word, source: { _tag: "files" } }
    : { from, word, source: { _tag: "daemon", kind } }
}

/** A path as it is read back from a line: one with a space between quotes, of which a folder's stay open. */
export const quoted = (path: string): string =>
  /\s/.test(path) ? `"${path}${path.endsWith("/") ? "" : '"'}` : path

/** What all of them begin with. */
export const commonStart = (candidates: Menu["candidates"]): string =>
  candidates.reduce<string | null>((start, { text }) => {
    if (start === null) return text
    let at = 0
    while (at < start.length && start[at] === text[at]) at++
    return start.slice(0, at)
  }, null) ?? ""
