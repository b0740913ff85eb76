/**
 * Comments addressed to Claw in a file's text. Pure. The convention, in any of the usual comment marks (double slash,
 * hash, double dash, semicolon, HTML, slash-star):
 *
 *     // claw: rename this to total      -> work is prepared
 *     # claw? why is this not cached     -> it is answered
 *
 * The word stands at the comment's beginning, in any case. Comment lines directly below with the same mark go on with it.
 * Invariants: the text is somebody's, never an instruction by itself; bounded in number and length; a line is looked at once.
 */
export interface ClawComment {
  /** 1-based, of its first line. */
  readonly line: number
  readonly text: string
  readonly wants: "work" | "answer"
}

const mostComments = 20
const mostLines = 10
const longestText = 1_000
/** Nothing that a person wrote; looked at no further. */
const longestLine = 2_000

const start = /(?:^|\s)(\/\/+|#+|--|;+|<!--|\/\*+)\s*claw([:?])[ \t]+(\S.*)$/i
const closings: Readonly<Record<string, string>> = { "<!--": "-->", "/*": "*/" }

const markOf = (marks: string): string => (marks.startsWith("/*") ? "/*" : marks)

/** The line up to where its comment is closed, and whether it was. */
const upTo = (
  text: string,
  closing: string | undefined,
): { readonly text: string; readonly closed: boolean } => {
  const at = closing === undefined ? -1 : text.indexOf(closing)
  return at < 0 ? { text, closed: false } : { text: text.slice(0, at), closed: true }
}

/** What a line that goes on with the comment says; null: it does not. */
const following = (line: string, mark: string): string | null => {
  const bare = line.trim()
  if (bare === "" || bare.length > longestLine) return null
  if (closings[mark] !== undefined) return bare.replace(/^\*+(?!\/)\s?/, "")
  if (!bare.startsWith(mark)) return null
  const text = bare.slice(mark.length)
  // another word to Claw is another comment, and a rule of marks is none
  return /^\s*claw[:?]/i.test(text) || !/\w/.test(text) ? null : text.trim()
}

export const clawComments = (text: string): ReadonlyArray<ClawComment> => {
  const lines = text.split(/\r?\n/)
  const found: Array<ClawComment> = []
  for (let at = 0; at < lines.length && found.length < mostComments; at += 1) {
    const line = lines[at]!
    if (line.length > longestLine || !/claw[:?]/i.test(line)) continue
    const match = start.exec(line)
    if (match === null) continue
    const mark = markOf(match[1]!)
    const closing = closings[mark]
    const first = upTo(match[3]!, closing)
    const parts = [first.text.trim()]
    const alone = line.slice(0, match.index).trim() === ""
    let closed = first.closed
    let last = at
    while (!closed && alone && last + 1 < lines.length && parts.length < mostLines) {
      const more = following(lines[last + 1]!, mark)
      if (more === null) break
      const part = upTo(more, closing)
      if (part.text.trim() !== "") parts.push(part.text.trim())
      closed = part.closed
      last += 1
    }
    const said = parts.join(" ").slice(0, longestText)
    if (/\w/.test(said)) found.push({ line: at + 1, text: said, wants: match[2] === "?" ? "answer" : "work" })
    at = last
  }
  return found
}
