/** Effects of the tools that talk to the user or keep a conversation's own state. */
import type { Collector } from "../Collector.ts"
import type { Compiler } from "./Compiler.ts"
import { isPresentable, remoteContent } from "./display.ts"

const display = (shown: string, collector: Collector): void => {
  const classes = [isPresentable(shown) ? "harmless" : "hostile-text"]
  if (remoteContent(shown)) classes.push("remote-content")
  collector.add({ _tag: "display", text: shown }, classes)
}

const notify: Compiler = (input, collector) => {
  const shown = Object.values(input)
    .filter((value) => typeof value === "string")
    .join("\n")
  display(shown, collector)
  collector.carries(shown)
}

export const sessionCompilers: ReadonlyArray<readonly [string, Compiler]> = [
  ["notify", notify],
  ["display", notify],
]
