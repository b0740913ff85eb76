/**
 * Whether what is about to run is what was approved. Pure.
 * Invariant: the first action runs only as it was shown, whole; a later one may read what those before it wrote, and
 * nothing else may differ.
 */
import { refsSay } from "../act/planReads.ts"
import type { Aftermath } from "../act/Tool.ts"
import type { PlanBinding, PlanRead } from "../domain/events/acted.ts"

/** It was written by an earlier action of the same approval, and is as that left it. */
const isOwnWork = ({ hash, path }: PlanRead, done: ReadonlyArray<Aftermath>): boolean => {
  const last = done.toReversed()
  if (path.startsWith("git:")) {
    const own = last.find(({ refs }) => refs["HEAD"] !== undefined)
    return own !== undefined && refsSay(own.refs, { hash, path })
  }
  const states = last.flatMap(({ after }) => after)
  const own = states.find((state) => state.path === path && state.kind !== "dir")
  return own === undefined
    ? states.some(
        (state) => state.path.startsWith(`${path}/`) || (state.path === path && state.kind === "dir"),
      )
    : own.hash === hash
}

export const stillApproved = (
  approved: PlanBinding,
  now: PlanBinding,
  done: ReadonlyArray<Aftermath>,
): boolean => {
  if (now.digest === approved.digest) return true
  if (done.length === 0 || now.core !== approved.core) return false
  const then = new Map(approved.reads.map(({ hash, path }) => [path, hash]))
  const gone = approved.reads.filter(({ path }) => !now.reads.some((read) => read.path === path))
  const changed = now.reads.filter(({ hash, path }) => !then.has(path) || then.get(path) !== hash)
  return [...changed, ...gone.map(({ path }) => ({ path, hash: null }))].every((read) =>
    isOwnWork(read, done),
  )
}
