/** What a call printed, as a person reads it: records of the reading git operations become text. Pure. */
import { type CallResult, outputText } from "./callResult.ts"
import { cutPatch, gitText } from "./gitText.ts"

/** Null where nothing was printed that could be kept. */
export const resultText = ({
  input,
  ok,
  output,
  tool,
}: Pick<CallResult, "input" | "ok" | "output" | "tool">): string | null => {
  if (output === null) return null
  const { operation } = input
  if (tool !== "git" || !ok || typeof operation !== "string") return outputText(output)
  if (output.tail === "") return gitText(operation, output.head) ?? output.head
  const patch = cutPatch(output.head, output.tail)
  return patch === null ? outputText(output) : outputText({ ...output, head: patch[0], tail: patch[1] })
}
