/** What the decider remembers of thinking. Bounded, JSON, folded from the log; see `../state.ts`. */
import type { Trust } from "../../domain/action.ts"
import type { Triage, Weighed } from "../../domain/events/thought.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Taken } from "./calibration.ts"
import type { ThoughtKind } from "./kinds.ts"

/** A situation that a model was asked about, until its one decision is made. */
export interface OpenThought {
  readonly seq: number
  readonly openedId: string
  readonly trust: Trust
  readonly situation: Situation
  readonly kind: ThoughtKind
  readonly fingerprint: string
  /** Set once triage opened the gate to a draft. */
  readonly draft: { readonly triage: Triage; readonly weighed: Weighed | null } | null
}

export interface DeliberationState {
  /** A model can be asked, as the log last said (`daemon.health` of `thinking`). */
  readonly on: boolean
  /** A ceiling stands: no thought before this. */
  readonly heldUntilMs: number | null
  readonly open: ReadonlyArray<OpenThought>
  /** Fingerprints that were thought about, oldest first. */
  readonly asked: ReadonlyArray<string>
  readonly taken: ReadonlyArray<Taken>
}

export const noDeliberation: DeliberationState = {
  on: false,
  heldUntilMs: null,
  open: [],
  asked: [],
  taken: [],
}

/** Component of the `daemon.health` that says whether a model can be asked. */
export const thinkingComponent = "thinking"
