/**
 * Names that are no text: of a file or a branch whose bytes are no UTF-8 only a likeness is known, with marks where the
 * bytes were. A program given the likeness finds nothing, or something else, and may call that a success.
 * Pure. What is urgent is said all the same, with nothing to approve.
 */
import type { ToolCall } from "../domain/action.ts"
import type { Proposal } from "../domain/suggestion.ts"
import type { Silence } from "./Decider.ts"
import { silent } from "./proposal.ts"

const isLikeness = (value: unknown): boolean =>
  typeof value === "string"
    ? value.includes("\uFFFD")
    : typeof value === "object" && value !== null && Object.values(value).some(isLikeness)

const canRun = (actions: ReadonlyArray<ToolCall>): boolean => !actions.some(isLikeness)

export const nameable = (said: Proposal): Proposal | Silence => {
  if (canRun(said.actions)) {
    const alternatives = said.alternatives.filter(canRun)
    return alternatives.length === said.alternatives.length ? said : { ...said, alternatives }
  }
  if (!said.urgent) return silent("a name in it is no text: no program could be told it")
  const why = {
    text: "its name is no text: Claw cannot tell it to a program, so this is for you to do",
    seq: null,
  }
  return { ...said, mode: "notify", actions: [], alternatives: [], why: [...said.why, why] }
}
