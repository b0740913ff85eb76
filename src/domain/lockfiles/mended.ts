/**
 * Texts that no parser takes as they are, made readable as far as they go: the sides of a merge conflict, what
 * breaks off. What is read of them is never the whole.
 */

/** The text as each side of its conflicts has it; itself alone where it holds none. */
export const sidesOf = (text: string): ReadonlyArray<string> => {
  const ours: Array<string> = []
  const theirs: Array<string> = []
  let side: "both" | "ours" | "base" | "theirs" = "both"
  let conflicts = 0
  for (const line of text.split("\n")) {
    const mark = /^(<{7}|\|{7}|={7}|>{7})(?: |\r?$)/.exec(line)?.[1]?.[0]
    if (mark === "<") {
      side = "ours"
      conflicts++
    } else if (mark === "|" && side === "ours") side = "base"
    else if (mark === "=" && side !== "both") side = "theirs"
    else if (mark === ">" && side !== "both") side = "both"
    else {
      if (side === "both" || side === "ours") ours.push(line)
      if (side === "both" || side === "theirs") theirs.push(line)
    }
  }
  return conflicts === 0 ? [text] : [ours.join("\n"), theirs.join("\n")]
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],]/gs

/** JSON cut off behind its last whole member and closed; null where the text is none or does not break off. */
export const closedJson = (text: string): string | null => {
  if (!/^\s*\{/.test(text)) return null
  const open: Array<string> = []
  let cut: { readonly at: number; readonly closers: string } | null = null
  const note = (at: number): void => {
    cut = { at, closers: open.toReversed().join("") }
  }
  for (const match of text.matchAll(token)) {
    switch (match[0]) {
      case "{":
      case "[":
        open.push(match[0] === "{" ? "}" : "]")
        note(match.index + 1)
        break
      case "}":
      case "]":
        if (open.pop() !== match[0]) return null
        note(match.index + 1)
        break
      case ",":
        note(match.index)
    }
  }
  const last = cut as { readonly at: number; readonly closers: string } | null
  return last === null || open.length === 0 ? null : text.slice(0, last.at) + last.closers
}

/** What to try for a notation of lines that breaks off: without its last line, up to its last empty one. */
export const withoutEnd = (text: string): ReadonlyArray<string> => {
  const body = text.trimEnd()
  const gap = body.match(/^[^]*\n(?=\r?\n)/)?.[0]
  return [body.slice(0, body.lastIndexOf("\n") + 1), ...(gap === undefined ? [] : [gap])]
}
