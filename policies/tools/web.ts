/** Effects of the tools that reach the network by URL. */
import { type Compiler, text } from "./Compiler.ts"

const fetch: Compiler = (input, collector) => {
  const url = text(input, "url", "uri")
  if (url === null) return collector.doubt("the input names no URL")
  collector.url(url)
  for (const value of Object.values(input)) if (typeof value === "string") collector.carries(value)
}

/** Which engine is asked is the user's setting and not the call's to say: somewhere on the network. */
const search: Compiler = (input, collector) => {
  const query = text(input, "query")
  if (query === null) return collector.doubt("the input names no query")
  collector.network("https")
  collector.carries(query)
}

export const webCompilers: ReadonlyArray<readonly [string, Compiler]> = [
  ["web_fetch", fetch],
  ["WebFetch", fetch],
  ["WebSearch", search],
]
