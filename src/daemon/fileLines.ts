/**
 * The lines of a file, one after another in constant memory. Only a newline ends one: `node:readline` also breaks at U+2028 and
 * U+2029, which JSON leaves as they are inside its strings.
 */
import { createReadStream } from "node:fs"

/** A last line without its newline is a line too. */
export async function* fileLines(file: string): AsyncGenerator<string> {
  let rest = ""
  for await (const chunk of createReadStream(file, "utf8") as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop()!
    yield* lines
  }
  if (rest !== "") yield rest
}
