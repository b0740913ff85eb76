/**
 * What a person is told of an action before the answer: a line of what will happen, a line of what to, a line of how it
 * can be undone. Pure. Invariants: outside text is neutralised here; what the line leaves out it counts; an action that
 * could touch anything says so before anything else.
 */
import type { ActionEffect, Verdict } from "./action.ts"
import { neutralise } from "./neutralise.ts"
import type { PlanTold } from "./planned.ts"

export interface Prompt {
  readonly does: string
  readonly to: string
  readonly undo: string
}

export interface Prompted {
  readonly summary: string
  readonly sandbox: "bubblewrap" | "none" | "not-needed"
  readonly undoable: boolean
  readonly undoReason: string | null
  readonly told?: PlanTold
  readonly verdict: Pick<Verdict, "effects" | "verdict" | "standing">
}

/** Why there is nothing to undo, of a plan whose program is held to that: it is told what it reads, not what it could write. */
export const changesNothing = "it changes nothing"

const shownNames = 3

const listed = (names: ReadonlyArray<string>): string => {
  const unique = [...new Set(names)]
  return unique.length <= shownNames
    ? unique.join(", ")
    : `${unique.slice(0, shownNames).join(", ")} and ${unique.length - shownNames} more`
}

/** Below the workspace by its short name; the workspace itself as such. */
const place = (path: string, workspace: string | null): string => {
  if (workspace !== null && path === workspace) return "the workspace"
  const inside = workspace !== null && path.startsWith(`${workspace}/`)
  return neutralise(inside ? path.slice(workspace.length + 1) : path)
}

type Of<T extends ActionEffect["_tag"]> = Extract<ActionEffect, { readonly _tag: T }>
const only = <T extends ActionEffect["_tag"]>(
  effects: ReadonlyArray<ActionEffect>,
  tag: T,
): ReadonlyArray<Of<T>> => effects.filter((effect): effect is Of<T> => effect._tag === tag)

const hosts = (effects: ReadonlyArray<ActionEffect>): string => {
  const all = only(effects, "net").map(({ host, scheme }) =>
    host === "*" ? "any host" : neutralise(`${scheme}://${host}`),
  )
  return all.length === 0 ? "" : `reaches ${listed(all)}`
}

const touched = (plan: Prompted, workspace: string | null): string => {
  const { sandbox, told, undoable, undoReason, verdict } = plan
  if (told !== undefined) return neutralise(told.touches)
  const { effects } = verdict
  const paths = (tag: "read" | "write" | "delete") =>
    only(effects, tag).map(({ path }) => place(path, workspace))
  // what a person answers lets a program write wherever the sandbox lets it
  const anything =
    (undoable || undoReason !== changesNothing) &&
    only(effects, "exec").length > 0 &&
    (verdict.verdict !== "allow" || verdict.standing === true)
  const parts = [
    ...(sandbox === "none"
      ? ["may touch anything that you may"]
      : anything
        ? ["may write anywhere in the workspace"]
        : []),
    ...(paths("write").length > 0 ? [`writes ${listed(paths("write"))}`] : []),
    ...(paths("delete").length > 0 ? [`deletes ${listed(paths("delete"))}`] : []),
    ...[hosts(effects)].filter((text) => text !== ""),
    ...(only(effects, "display").length > 0 ? ["shows you text"] : []),
  ]
  if (parts.length > 0) return parts.join("; ")
  if (paths("read").length > 0) return `only reads ${listed(paths("read"))}`
  return effects.length === 0 && verdict.verdict !== "allow" ? "touches nobody knows what" : "touches nothing"
}

/** Where it runs, as people are told everywhere. */
const sandboxText = (sandbox: Prompted["sandbox"]): string =>
  sandbox === "bubblewrap" ? "in the sandbox" : sandbox === "none" ? "WITHOUT a sandbox" : "starts no process"

/** It changes something, and there is no way back. */
export const isFinal = ({ undoReason, undoable }: Pick<Prompted, "undoable" | "undoReason">): boolean =>
  !undoable && undoReason !== changesNothing

const undoText = ({ told, undoReason, undoable }: Prompted): string => {
  if (told !== undefined && !undoable) return neutralise(told.back)
  if (!undoable && undoReason === changesNothing) return `nothing to undo: ${changesNothing}`
  const reason = undoReason === null || undoReason === "" ? null : neutralise(undoReason)
  if (!undoable) return reason === null ? "cannot be undone" : `cannot be undone: ${reason}`
  return reason === null ? "can be undone whole" : `can be undone, but ${reason}`
}

export const promptOf = (plan: Prompted, workspace: string | null): Prompt => ({
  does: neutralise(plan.summary),
  to: `${sandboxText(plan.sandbox)}; ${touched(plan, workspace)}`,
  undo: undoText(plan),
})
