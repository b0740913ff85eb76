/**
 * An action as a person sees it before the answer, and what differs between two looks at it. Pure.
 * Invariant: whatever can make two plans differ is named by a line of the difference.
 */
import { Schema } from "effect"
import { PlanRead } from "./events/acted.ts"

/** A plan's own words, where its effects and its undo record have none: a line of what it touches, a line of the way back. */
export const PlanTold = Schema.Struct({ touches: Schema.String, back: Schema.String })
export type PlanTold = typeof PlanTold.Type

/** The part of a plan that is shown and that an approval is bound to. */
export const PlanShown = Schema.Struct({
  summary: Schema.String,
  preview: Schema.NullOr(Schema.String),
  sandbox: Schema.Literals(["bubblewrap", "none", "not-needed"]),
  commands: Schema.Array(Schema.Array(Schema.String)),
  reads: Schema.Array(PlanRead),
  undoable: Schema.Boolean,
  undoReason: Schema.NullOr(Schema.String),
  told: Schema.optionalKey(PlanTold),
})
export type PlanShown = typeof PlanShown.Type

/** What changed of action `index` since it was shown. */
export const PlanDifference = Schema.Struct({
  index: Schema.Finite,
  summary: Schema.String,
  changed: Schema.Array(Schema.String),
  /** Unified diff from the preview that was shown to the one there is now; null where it is the same or not known. */
  preview: Schema.NullOr(Schema.String),
})
export type PlanDifference = typeof PlanDifference.Type

const maxLines = 20

export const changedReads = (
  before: ReadonlyArray<PlanRead>,
  now: ReadonlyArray<PlanRead>,
): ReadonlyArray<string> => {
  const then = new Map(before.map(({ hash, path }) => [path, hash]))
  const today = new Map(now.map(({ hash, path }) => [path, hash]))
  const lines = [...new Set([...then.keys(), ...today.keys()])].sort().flatMap((path) => {
    const [a, b] = [then.get(path) ?? null, today.get(path) ?? null]
    if (a === b) return []
    return [`${path} ${b === null ? "is gone" : a === null ? "is new" : "changed"}`]
  })
  return lines.length <= maxLines
    ? lines
    : [...lines.slice(0, maxLines), `and ${lines.length - maxLines} more`]
}

const line = (argv: ReadonlyArray<string>): string => argv.join(" ")

const inSandbox = { bubblewrap: "in the sandbox", none: "without a sandbox", "not-needed": "as no process" }

/** What differs, one line each; empty where nothing does. */
export const changedLines = (before: PlanShown, now: PlanShown): ReadonlyArray<string> => [
  ...changedReads(before.reads, now.reads),
  ...(before.commands.map(line).join("\n") === now.commands.map(line).join("\n")
    ? []
    : [`it would run ${now.commands.map(line).join("; ")}, not ${before.commands.map(line).join("; ")}`]),
  ...(before.sandbox === now.sandbox
    ? []
    : [`it would run ${inSandbox[now.sandbox]}, not ${inSandbox[before.sandbox]}`]),
  ...(before.undoable === now.undoable && before.undoReason === now.undoReason
    ? []
    : [
        `taking it back: ${now.undoable ? "possible" : "not possible"}${now.undoReason === null ? "" : ` (${now.undoReason})`}`,
      ]),
  ...(before.told?.touches === now.told?.touches && before.told?.back === now.told?.back
    ? []
    : [`it ${now.told?.touches ?? "says less of what it touches"}; ${now.told?.back ?? ""}`]),
  ...(before.summary === now.summary ? [] : [`it is now: ${now.summary}`]),
]
