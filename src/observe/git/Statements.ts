/**
 * What was stated of a repository and what is being stated in this look. The state moves on by the log's own fold
 * (`afterGit`), so that a restarted source, which folds the log, stands exactly where this one stood.
 */
import { draft, type EventDraft, type EventType, type PayloadOf } from "../../domain/event.ts"
import { afterGit, unseen } from "../positions.ts"
import type { RepositoryPosition } from "../Source.ts"

export type MakeDraft = <T extends EventType>(type: T, payload: PayloadOf<T>) => EventDraft

export class Statements {
  /** Names, subjects and paths are outside text. */
  readonly make: MakeDraft
  /** Refs that need no event: more than the log took at first sight, or explained by HEAD's own reflog. */
  readonly silent = new Map<string, string>()
  #known: RepositoryPosition
  #drafts: Array<EventDraft> = []

  constructor(workspace: string, known: RepositoryPosition | undefined) {
    this.#known = known ?? unseen
    this.make = (type, payload) =>
      draft(type, payload, { actor: "source:git", workspace, trust: "untrusted" })
  }

  get known(): RepositoryPosition {
    return this.#known
  }

  say(nowMs: number, said: EventDraft): void {
    this.#drafts.push(said)
    const before = this.#known.refs
    this.#known = afterGit(this.#known, said, nowMs)
    if (this.#known.refs === before) return
    for (const ref of this.silent.keys()) if (this.#known.refs[ref] !== before[ref]) this.silent.delete(ref)
  }

  /** The drafts since the last taking. */
  take(): ReadonlyArray<EventDraft> {
    const drafts = this.#drafts
    this.#drafts = []
    return drafts
  }

  readonly ref = (ref: string): string | null => this.silent.get(ref) ?? this.#known.refs[ref] ?? null

  refs(): Set<string> {
    return new Set([...Object.keys(this.#known.refs), ...this.silent.keys()])
  }
}
