/**
 * Takes secrets out of what is about to be appended: an append-only store cannot forget (design invariant 8).
 * Pure. Strings are searched one by one, except the added lines of a staged file, which are searched joined, because
 * a private key spans lines.
 */
import type { EventDraft } from "../domain/event.ts"
import type { Fact } from "../domain/probe.ts"
import type { ProbeAnswer } from "../domain/probeAnswers.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"

export const redactDeep = (value: unknown): unknown => {
  if (typeof value === "string") return redactSecrets(value)
  if (Array.isArray(value)) return value.map(redactDeep)
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactDeep(inner)]))
  }
  return value
}

type Added = ProbeAnswer<"gitStaged">["files"][number]["added"]

/** Where a secret swallowed line breaks, its mark stands on its first line and the others are gone. */
const redactAdded = (added: Added): Added => {
  const text = added.map((line) => line.text).join("\n")
  const clean = redactSecrets(text)
  if (clean === text) return added
  const lines = clean.split("\n")
  if (lines.length === added.length) return added.map((line, index) => ({ ...line, text: lines[index]! }))
  const singly = added.map((line) => redactSecrets(line.text))
  const start = added.findIndex((_, index) => lines[index] !== added[index]!.text)
  const kept = added.length - lines.length + start + 1
  return added.flatMap((line, index) => {
    if (index < start) return [line]
    if (index === start) return [{ ...line, text: lines[start] ?? "" }]
    return index < kept
      ? []
      : [{ ...line, text: lines[index - (added.length - lines.length)] ?? singly[index]! }]
  })
}

export const redactFact = (fact: Fact): Fact => {
  if (fact.probe._tag !== "gitStaged" || fact.answer === null) {
    return { ...fact, answer: redactDeep(fact.answer) }
  }
  const staged = fact.answer as ProbeAnswer<"gitStaged">
  return {
    ...fact,
    answer: { ...staged, files: staged.files.map((file) => ({ ...file, added: redactAdded(file.added) })) },
  }
}

/** For what sources observed: commands, subjects, names. */
export const redactDraft = (draft: EventDraft): EventDraft =>
  ({ ...draft, payload: redactDeep(draft.payload) }) as EventDraft
