/**
 * Takes secrets out of what is about to be appended: an append-only store cannot forget (design invariant 8).
 * Pure. Strings are searched one by one, except the added lines of a staged or committed file, which are searched joined, because
 * a private key spans lines.
 */
import type { EventDraft } from "../domain/event.ts"
import type { Fact } from "../domain/probe.ts"
import type { ProbeAnswer } from "../domain/probeAnswers.ts"
import { findSecrets, redactSecrets } from "../domain/secrets/findSecrets.ts"

export const redactDeep = (value: unknown): unknown => {
  if (typeof value === "string") return redactSecrets(value)
  if (Array.isArray(value)) return value.map(redactDeep)
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [redactSecrets(key), redactDeep(inner)]),
    )
  }
  return value
}

type Added = ProbeAnswer<"gitStaged">["files"][number]["added"]

/** Where a secret spans lines, its mark stands on the first; the others go, but for what follows the secret. */
const redactAdded = (added: Added): Added => {
  const text = added.map((line) => line.text).join("\n")
  const swallowed = new Set<number>()
  let clean = ""
  let at = 0
  let row = 0
  for (const { rule, start, end } of findSecrets(text)) {
    const before = text.slice(at, start)
    const breaks = text.slice(start, end).split("\n").length - 1
    row += before.split("\n").length - 1
    for (let n = 1; n <= breaks; n++) swallowed.add(row + n)
    row += breaks
    clean += `${before}<redacted:${rule}>${"\n".repeat(breaks)}`
    at = end
  }
  if (at === 0) return added
  const lines = (clean + text.slice(at)).split("\n")
  return added.flatMap((line, index) =>
    swallowed.has(index) && lines[index] === "" ? [] : [{ ...line, text: lines[index]! }],
  )
}

export const redactFact = (fact: Fact): Fact => {
  const unavailable = fact.unavailable === null ? null : redactSecrets(fact.unavailable)
  const { _tag } = fact.probe
  if ((_tag !== "gitStaged" && _tag !== "gitCommitted") || fact.answer === null) {
    return { ...fact, answer: redactDeep(fact.answer), unavailable }
  }
  const staged = fact.answer as ProbeAnswer<"gitStaged" | "gitCommitted">
  return {
    ...fact,
    answer: {
      ...staged,
      files: staged.files.map((file) => ({
        ...file,
        path: redactSecrets(file.path),
        added: redactAdded(file.added),
      })),
    },
  }
}

/** For what sources observed: commands, subjects, names. */
export const redactDraft = (draft: EventDraft): EventDraft =>
  ({ ...draft, payload: redactDeep(draft.payload) }) as EventDraft

/** Events whose words come from errors, clients and settings. Nothing is folded from these words but for display. */
const wordy: ReadonlySet<EventDraft["type"]> = new Set([
  "daemon.config",
  "daemon.health",
  "daemon.paused",
  "daemon.resumed",
  "daemon.stopped",
  "log.recovered",
  "situation.thought",
  "situation.drafted",
  "session.message",
  "session.opened",
  "session.said",
  "session.results",
  "session.noted",
  "session.rested",
  "session.changed",
  "session.compacted",
  "session.asked",
  "session.answered",
  "session.todos",
  "tool.failed",
  "tool.undo-refused",
] as const)

/** For every append: an error's message quotes what it choked on. */
export const redactWords = (draft: EventDraft): EventDraft =>
  wordy.has(draft.type) ? redactDraft(draft) : draft
