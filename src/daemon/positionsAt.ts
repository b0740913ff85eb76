/**
 * Where the sources stand, as far as some payloads told it that are about to leave the log. Carried in the event that says
 * so, a fold from the first event on knows it too, and no source reads the same twice.
 * Invariant: exact at the seq it comes with, which must still be the newest when the event is appended.
 */
import { Effect, SubscriptionRef } from "effect"
import type { LogStore } from "../../log-store/LogStore.ts"
import type { Event } from "../domain/event.ts"
import type { Folds } from "../loop/Folds.ts"

/** Whose positions some events told: workspaces of git events, spools of terminal events. */
export class Told {
  readonly workspaces = new Set<string>()
  readonly spools = new Set<string>()

  add(event: Event): void {
    if (event.type.startsWith("git.") && event.workspace !== null) this.workspaces.add(event.workspace)
    if (event.type === "terminal.command" || event.type === "terminal.lost")
      this.spools.add(event.payload.position.file)
  }
}

/** Without what holds `needle`, which is about to be forgotten. */
export const positionsAt = Effect.fnUntraced(function* (
  store: LogStore["Service"],
  folds: Folds["Service"],
  told: Told,
  needle: string | null,
) {
  const { seq } = yield* store.head
  yield* folds.reached(seq)
  const snapshot = yield* SubscriptionRef.get(folds.snapshot)
  const text = needle?.toLowerCase() ?? null
  const picked = <A>(all: Readonly<Record<string, A>>, wanted: ReadonlySet<string>) =>
    Object.entries(all).filter(
      (entry) =>
        wanted.has(entry[0]) && (text === null || !JSON.stringify(entry).toLowerCase().includes(text)),
    )
  const { git, terminal } = snapshot.positions
  return {
    onlyAt: snapshot.seq,
    positions: {
      git: Object.fromEntries(picked(git, told.workspaces).map(([key, value]) => [key, { ...value }])),
      terminal: Object.fromEntries(picked(terminal, told.spools)),
    },
  }
})
