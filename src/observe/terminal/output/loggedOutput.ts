/**
 * What of an output goes into the log: redacted whole, before anything is cut, so that no secret is cut in two and so
 * missed; then its beginning and its end. Pure.
 */

/** Characters. The end is where programs say what went wrong. */
const most = { head: 8_192, tail: 57_344 }

const gap = (left: string): string => `\n... ${left} left out ...\n`

/** Without the line that the cut goes through. */
const wholeLinesOf = (text: string, from: "start" | "end"): string => {
  const at = from === "end" ? text.lastIndexOf("\n") : text.indexOf("\n")
  return at < 0 ? "" : from === "end" ? text.slice(0, at) : text.slice(at + 1)
}

/** Two parts of one output between which `left` bytes are gone. */
export const withGap = (head: string, tail: string, left: number): string =>
  `${wholeLinesOf(head, "end")}${gap(`${left} bytes`)}${wholeLinesOf(tail, "start")}`

export const loggedOutput = (text: string, redact: (text: string) => string): string => {
  const clean = redact(text)
  if (clean.length <= most.head + most.tail) return clean
  const head = wholeLinesOf(clean.slice(0, most.head), "end")
  const tail = wholeLinesOf(clean.slice(-most.tail), "start")
  // one endless line has no end to begin at
  const end = tail === "" ? clean.slice(-most.tail) : tail
  return `${head}${gap(`${clean.length - head.length - end.length} characters`)}${end}`
}
