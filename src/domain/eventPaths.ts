/**
 * What of an event counts as a path, as a command, as an exit code: for finding events by them. One table each; a
 * field is named by its place in the payload, `*` stands for every element, `#` for every key.
 * Invariants: total over any JSON, so that an event of an old version or of another program is read as far as it
 * goes; paths are given as they were recorded, relative to the event's workspace or absolute.
 */

type Fields = Readonly<Record<string, ReadonlyArray<string>>>

const moved = ["files.*"]
const proposed = ["proposal.actions.*.input.path", "proposal.actions.*.input.paths.*"]
const touched = ["after.*.path"]

const pathFields: Fields = {
  "fs.changed": ["changes.*.path", "changes.*.from"],
  "git.commit": ["files.*"],
  "git.checkout": moved,
  "git.merge": moved,
  "git.rebase": moved,
  "git.reset": moved,
  "git.pull": moved,
  "git.cherry-pick": moved,
  "git.revert": moved,
  "git.staged": ["files.*.path"],
  "git.conflict": ["paths.*"],
  "git.repository": ["gitDir"],
  "situation.facts": ["facts.*.probe.path", "facts.*.probe.paths.*", "facts.*.probe.dir"],
  "decision.digest": proposed,
  "decision.notify": proposed,
  "decision.question": proposed,
  "decision.draft": proposed,
  "policy.verdict": ["call.input.path", "call.input.paths.*", "verdict.effects.*.path"],
  "approval.edited": ["actions.*.input.path", "actions.*.input.paths.*"],
  "tool.started": ["input.path", "input.paths.*", "undo.before.*.path"],
  "tool.finished": touched,
  "tool.failed": touched,
  "tool.undone": ["paths.*"],
  "daemon.workspace": ["path"],
  "daemon.trusted": ["digests.#"],
  "daemon.config": ["file"],
  "daemon.reflexes": ["files.*.file"],
}

const proposedCommands = ["proposal.actions.*.input.command"]

/** An argument list counts as its words with a space between them. */
const commandFields: Fields = {
  "terminal.command": ["command"],
  "decision.digest": proposedCommands,
  "decision.notify": proposedCommands,
  "decision.question": proposedCommands,
  "decision.draft": proposedCommands,
  "policy.verdict": ["call.input.command", "verdict.commands.*"],
  "approval.edited": ["actions.*.input.command"],
  "tool.started": ["input.command", "commands.*"],
}

const exitFields: Fields = { "terminal.command": ["exit"], "tool.finished": ["exit"] }

const steps = (field: string): ReadonlyArray<string> => field.split(".")

const children = (value: unknown, step: string): ReadonlyArray<unknown> => {
  if (typeof value !== "object" || value === null) return []
  if (step === "*") return Array.isArray(value) ? value : []
  if (step === "#") return Object.keys(value)
  return Object.hasOwn(value, step) ? [(value as Readonly<Record<string, unknown>>)[step]] : []
}

/** What lies in the fields that the table names for this type. */
const valuesOf = (table: Fields, type: string, payload: unknown): ReadonlyArray<unknown> =>
  (Object.hasOwn(table, type) ? table[type]! : []).flatMap((field) =>
    steps(field).reduce<ReadonlyArray<unknown>>(
      (values, step) => values.flatMap((value) => children(value, step)),
      [payload],
    ),
  )

const isText = (value: unknown): value is string => typeof value === "string"

/** Types whose events may have a path, a command, an exit code. */
export const typesWithPaths: ReadonlySet<string> = new Set(Object.keys(pathFields))
export const typesWithCommands: ReadonlySet<string> = new Set(Object.keys(commandFields))
export const typesWithExit: ReadonlySet<string> = new Set(Object.keys(exitFields))

export const pathsOf = (type: string, payload: unknown): ReadonlyArray<string> =>
  valuesOf(pathFields, type, payload).filter(isText)

export const commandsOf = (type: string, payload: unknown): ReadonlyArray<string> =>
  valuesOf(commandFields, type, payload).flatMap((value) =>
    isText(value) ? [value] : Array.isArray(value) ? [value.filter(isText).join(" ")] : [],
  )

/** Null where it has none. */
export const exitOf = (type: string, payload: unknown): number | null => {
  const [exit] = valuesOf(exitFields, type, payload)
  return typeof exit === "number" ? exit : null
}
