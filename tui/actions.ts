/** Edited actions, read back from the editor's text. Pure. */
import { Result, Schema } from "effect"
import { ToolCall } from "../src/domain/action.ts"

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Array(ToolCall)), {
  onExcessProperty: "error",
})

/** The actions, or what is wrong with the text. */
export const readActions = (text: string): ReadonlyArray<ToolCall> | string => {
  const read = decode(text)
  return Result.isSuccess(read) ? read.success : read.failure.message.split("\n")[0]!
}
