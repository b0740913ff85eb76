/**
 * What stands before a conversation: sections of text and tools. Others add to it by a source of their own.
 * Invariants: the order of sections is fixed by their kind and then by their source, that of tools by their names, so what
 * did not change is the same bytes; a section that is not trusted stays data wherever it stands.
 */
import { Context, Effect, Layer } from "effect"
import type { Trust } from "../domain/action.ts"
import type { PromptSection, SessionKind } from "../domain/events/sessions.ts"
import type { ModelTool } from "../domain/modelRequest.ts"
import { Hands } from "./Hands.ts"
import { InnerTools } from "./InnerTools.ts"
import { identity } from "./session/identity.ts"
import { arranged } from "./session/toolChoice.ts"

/** The conversation that is prepared for. */
export interface Prepared {
  readonly session: string
  readonly kind: SessionKind
  readonly workspace: string
  readonly cwd: string
  readonly actor: string
  readonly trust: Trust
  readonly openedAt: string
  /** Names it may use; null: all that are offered. */
  readonly tools: ReadonlyArray<string> | null
  /** Names it is shown already; found ones stay. */
  readonly shown: ReadonlyArray<string>
  /** What kind of agent it is; null: none. */
  readonly agent: string | null
  /** Files spoken of or touched in it, relative to the workspace, in the order they came up. */
  readonly touched: ReadonlyArray<string>
  /** What stands before it now; empty where all is looked up anew: at the beginning and after a compaction. */
  readonly before: ReadonlyArray<PromptSection>
}

export interface SectionText {
  readonly kind: string
  /** A path, or `claw`. */
  readonly source: string
  readonly trust: Trust
  readonly text: string
  /** What was left out of it, in one line; null: nothing. */
  readonly cut: string | null
  /** Put back verbatim after a compaction. */
  readonly pinned: boolean
  /** Looked up when the conversation begins, and again after a compaction; kept as it was between. */
  readonly once?: true
}

export type SectionSource = (about: Prepared) => Effect.Effect<ReadonlyArray<SectionText>>

/** What stands first is what changes least. Kinds that are not here stand last. */
const order = [
  "identity",
  "agent",
  "environment",
  "rules",
  "skills",
  "skill",
  "memory",
  "repository",
  "state",
]
const placeOf = (kind: string): number => (order.includes(kind) ? order.indexOf(kind) : order.length)

export class Preparation extends Context.Service<
  Preparation,
  {
    readonly prepare: (about: Prepared) => Effect.Effect<{
      readonly sections: ReadonlyArray<SectionText>
      /** Shown to the model, in order. */
      readonly tools: ReadonlyArray<ModelTool>
      /** Left out until they are found. */
      readonly deferred: ReadonlyArray<ModelTool>
    }>
  }
>()("claw/agent/Preparation") {
  static readonly layer = (sources: ReadonlyArray<SectionSource>) =>
    Layer.effect(
      Preparation,
      Effect.gen(function* () {
        const hands = yield* Hands
        const inner = yield* InnerTools
        const prepare: Preparation["Service"]["prepare"] = Effect.fn("Preparation.prepare")(
          function* (about) {
            const found = yield* Effect.forEach(sources, (source) => source(about))
            const own: SectionText = {
              kind: "identity",
              source: "claw",
              trust: "trusted",
              text: identity(about.kind),
              cut: null,
              pinned: true,
            }
            const sections = [own, ...found.flat()].toSorted((a, b) => placeOf(a.kind) - placeOf(b.kind))
            const offered = yield* hands.offered(about)
            const fitting = yield* Effect.filter(
              inner.tools,
              (tool) => tool.offered?.(about) ?? Effect.succeed(true),
            )
            return { sections, ...arranged(about, offered, fitting) }
          },
        )
        return Preparation.of({ prepare })
      }),
    )
}
