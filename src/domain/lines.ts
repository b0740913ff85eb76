/**
 * Cuts text that comes in pieces into lines, in memory for one line. Only a newline ends one: `node:readline` also
 * breaks at U+2028 and U+2029, which JSON leaves as they are inside its strings.
 */

/** A last line without its newline is a line too. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let open: Array<string> = []
  for await (const piece of pieces) {
    const parts = piece.split("\n")
    for (const part of parts.slice(0, -1)) {
      yield open.length === 0 ? part : open.join("") + part
      open = []
    }
    const rest = parts.at(-1)!
    if (rest !== "") open.push(rest)
  }
  if (open.length > 0) yield open.join("")
}
