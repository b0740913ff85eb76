/**
 * States what changed in the refs. Remote-tracking refs are stated at once (fetched, or moved by a push). A local
 * branch that HEAD's own reflog explains needs no event; any other change of one is stated when it has settled,
 * because git writes reflog and ref one after the other.
 */
import type { Place } from "./locate.ts"
import { branchAction, isRemote, refChanges, shortRemote, wasPushed } from "./refChanges.ts"
import type { Head } from "./refs.ts"
import type { Settling } from "./Settling.ts"
import type { Statements } from "./Statements.ts"

const maxRefs = 500

export const stateRemotes = (
  statements: Statements,
  place: Place,
  refs: ReadonlyMap<string, string>,
  nowMs: number,
): void => {
  const changes = refChanges(statements.ref, statements.refs(), refs).filter(({ ref }) => isRemote(ref))
  const fetched: Array<{ readonly name: string; readonly from: string | null; readonly to: string | null }> =
    []
  for (const change of changes) {
    if (change.to === null) statements.silent.delete(change.ref)
    if (changes.length > maxRefs || !wasPushed(place, change)) {
      fetched.push({ name: shortRemote(change.ref), from: change.from, to: change.to })
      continue
    }
    const { from, to, ref: name } = change
    statements.say(nowMs, statements.make("git.branch", { action: branchAction(change), name, from, to }))
  }
  for (let at = 0; at < fetched.length; at += maxRefs)
    statements.say(nowMs, statements.make("git.fetched", { refs: fetched.slice(at, at + maxRefs) }))
}

/** `newest`: what the newest line of HEAD's reflog moved HEAD to. */
export const stateBranches = (
  statements: Statements,
  settling: Settling,
  head: Head,
  newest: string | null,
  refs: ReadonlyMap<string, string>,
  nowMs: number,
): void => {
  for (const change of refChanges(statements.ref, statements.refs(), refs)) {
    const { ref, from, to } = change
    if (isRemote(ref)) continue
    const explained = from !== null && to !== null && to === newest
    if (explained && head._tag === "branch" && head.ref === ref) {
      statements.silent.set(ref, to)
      continue
    }
    if (!settling.settled(ref, to ?? "", nowMs)) continue
    statements.silent.delete(ref)
    const name = ref.slice("refs/heads/".length)
    statements.say(nowMs, statements.make("git.branch", { action: branchAction(change), name, from, to }))
    // A name the fold reads otherwise must not be stated again and again.
    if (to !== null && statements.known.refs[ref] !== to) statements.silent.set(ref, to)
  }
}
