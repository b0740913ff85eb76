/**
 * What Claw keeps in mind: proposing, accepting, changing, forgetting and finding it. All of it is events.
 * Invariants: what a method answered is durable; nothing that holds a secret is kept; what was turned down is not proposed
 * again; nobody but a person, or the user's setting for the user's own words, lets anything in; nothing is deleted.
 */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import type { EventDraft } from "../../domain/event.ts"
import type { Surface } from "../../domain/events/acted.ts"
import type { MemoryLayer, MemoryScope } from "../../domain/events/memories.ts"
import { allMemories, type MemoriesState, type Memory, memoryOf } from "../../domain/memories.ts"
import { AgentLog } from "../AgentLog.ts"
import { alikeIn } from "./alike.ts"
import type { Asking } from "./askMeanings.ts"
import { Embeddings } from "./Embeddings.ts"
import { fused } from "./fusion.ts"
import { answerDraft, memoryId, proposedDraft, type Proposal } from "./memoryDrafts.ts"
import { MemoryError } from "./MemoryError.ts"
import { keptText } from "./memoryText.ts"
import { Remembered } from "./Remembered.ts"
import { memorySearch, toldIn } from "./search.ts"

/** Characters told before a conversation: about 1,500 tokens. */
const toldRoom = 6_000

export interface Remember {
  readonly text: string
  readonly topic?: string
  readonly layer: MemoryLayer
  readonly scope: MemoryScope
  readonly workspace: string | null
  readonly session: string | null
  readonly surface: Surface
}

export interface RememberedNow {
  readonly memory: Memory
  /** Known ones about the same, which stay: the person says whether one of them goes. */
  readonly near: ReadonlyArray<Memory>
}

const wrong = (message: string) => new MemoryError({ reason: "input", message })
const refused = (message: string) => new MemoryError({ reason: "refused", message })

/** By id or by a beginning that only one has. */
const found = (state: MemoriesState, word: string): Memory | MemoryError => {
  const exact = memoryOf(state, word)
  if (exact !== null) return exact
  const some = word.length < 3 ? [] : allMemories(state).filter(({ id }) => id.startsWith(word))
  const message = some.length > 1 ? `${some.length} memories begin with ${word}` : `no such memory: ${word}`
  return some.length === 1 ? some[0]! : new MemoryError({ reason: "no-such", message })
}

export class Memories extends Context.Service<
  Memories,
  {
    readonly state: Effect.Effect<MemoriesState>
    readonly get: (id: string) => Effect.Effect<Memory, MemoryError>
    /** A person said it outright: it counts at once. */
    readonly remember: (said: Remember) => Effect.Effect<RememberedNow, MemoryError>
    /** Into the inbox, unless it says nothing new or may not be kept: then null. `accept`: the user's setting lets it in. */
    readonly propose: (
      proposal: Proposal,
      options?: { readonly accept: boolean },
    ) => Effect.Effect<Memory | null>
    readonly accept: (
      id: string,
      options: { readonly text?: string; readonly surface: Surface },
    ) => Effect.Effect<Memory, MemoryError>
    readonly reject: (id: string, reason: string, surface: Surface) => Effect.Effect<Memory, MemoryError>
    readonly forget: (id: string, surface: Surface) => Effect.Effect<Memory, MemoryError>
    readonly restore: (id: string, surface: Surface) => Effect.Effect<Memory, MemoryError>
    /** One that counts, in other words: the old one is replaced and stays in the log. */
    readonly edit: (id: string, text: string, surface: Surface) => Effect.Effect<Memory, MemoryError>
    readonly find: (
      query: string,
      workspace: string | null,
      limit: number,
    ) => Effect.Effect<ReadonlyArray<{ readonly memory: Memory; readonly score: number }>>
    /** As `find`, for a conversation: also by what is meant, where the settings name a model for that. */
    readonly search: (
      query: string,
      about: Asking,
      limit: number,
    ) => Effect.Effect<{
      readonly memories: ReadonlyArray<Memory>
      /** Why their words alone were looked at, said once. */
      readonly without: string | null
    }>
    /** What a model is told before it works here, and how many there was no room for. */
    readonly told: (
      workspace: string | null,
    ) => Effect.Effect<{ readonly memories: ReadonlyArray<Memory>; readonly more: number }>
  }
>()("claw/agent/Memories") {
  static readonly layer = Layer.effect(
    Memories,
    Effect.gen(function* () {
      const log = yield* AgentLog
      const { state } = yield* Remembered
      const embeddings = yield* Embeddings
      const one = yield* Semaphore.make(1)
      const index = memorySearch()

      const get = Effect.fnUntraced(function* (id: string) {
        const memory = found(yield* state, id)
        return memory instanceof MemoryError ? yield* memory : memory
      })
      const put = Effect.fnUntraced(function* (drafts: ReadonlyArray<EventDraft>, id: string) {
        yield* log.append(drafts)
        return yield* Effect.orDie(get(id))
      })
      const kept = (text: string, topic?: string) => {
        const made = keptText(text, topic)
        return typeof made === "string" ? Effect.fail(wrong(made)) : Effect.succeed(made)
      }
      const restored = (memory: Memory, surface: Surface) =>
        put([answerDraft("memory.restored", { memory: memory.id, surface }, memory.workspace)], memory.id)

      const again = (same: Memory, surface: Surface): Effect.Effect<Memory> => {
        const { id, workspace } = same
        if (same.state === "known") return Effect.succeed(same)
        return same.state === "proposed"
          ? put([answerDraft("memory.accepted", { memory: id, surface, reason: "said" }, workspace)], id)
          : restored(same, surface)
      }

      const remember: Memories["Service"]["remember"] = Effect.fn("Memories.remember")(function* (said) {
        const { layer, scope, session, surface, text, topic, workspace } = said
        if (scope === "workspace" && workspace === null)
          return yield* wrong("there is no workspace to remember it for")
        const words = yield* kept(text, topic)
        const place = scope === "user" ? null : workspace
        const { near, same } = alikeIn(yield* state, { layer, scope, workspace: place, text: words.text })
        if (same !== null)
          return { memory: yield* again(same, surface), near: near.filter(({ id }) => id !== same.id) }
        const now = yield* Clock.currentTimeMillis
        const from = `said ${scope} ${place ?? ""} ${now} ${words.text}`
        const id = memoryId(from)
        const proposal: Proposal = {
          layer,
          scope,
          workspace,
          text,
          evidence: [],
          confidence: 1,
          origin: "said",
          session,
          call: null,
          trust: "trusted",
          from,
          causationId: null,
        }
        const memory = yield* put(
          [
            proposedDraft(id, proposal, words, [], surface),
            answerDraft("memory.accepted", { memory: id, surface, reason: "said" }, workspace),
          ],
          id,
        )
        return { memory, near }
      }, one.withPermit)

      const propose: Memories["Service"]["propose"] = Effect.fn("Memories.propose")(function* (
        proposal,
        options,
      ) {
        const { layer, scope, text, topic, trust, workspace } = proposal
        const id = memoryId(proposal.from)
        const now = yield* state
        const words = keptText(text, topic)
        if (typeof words === "string" || memoryOf(now, id) !== null) return null
        const place = scope === "user" ? null : workspace
        const { near, same } = alikeIn(now, { layer, scope, workspace: place, text: words.text })
        if (same !== null) return null
        // what would take another's place is a person's to decide
        const lets = options?.accept === true && trust === "trusted" && near.length === 0
        const replaces = near.map((memory) => memory.id)
        const reason = "the user's own words (memory.accept)"
        return yield* put(
          [
            proposedDraft(id, proposal, words, replaces, null),
            ...(lets
              ? [answerDraft("memory.accepted", { memory: id, surface: null, reason }, workspace)]
              : []),
          ],
          id,
        )
      }, one.withPermit)

      const accept: Memories["Service"]["accept"] = Effect.fn("Memories.accept")(function* (
        word,
        { surface, text },
      ) {
        const { id, state: now, topic, workspace } = yield* get(word)
        if (now !== "proposed") return yield* refused(`${id} is not waiting: it is ${now}`)
        const own = text === undefined ? {} : { text: (yield* kept(text, topic)).text }
        return yield* put(
          [answerDraft("memory.accepted", { memory: id, ...own, surface, reason: "accepted" }, workspace)],
          id,
        )
      }, one.withPermit)

      const reject: Memories["Service"]["reject"] = Effect.fn("Memories.reject")(function* (
        word,
        reason,
        surface,
      ) {
        const { id, state: now, workspace } = yield* get(word)
        if (now !== "proposed")
          return yield* refused(
            `${id} is not waiting: it is ${now}${now === "known" ? " (forget it instead)" : ""}`,
          )
        return yield* put([answerDraft("memory.rejected", { memory: id, reason, surface }, workspace)], id)
      }, one.withPermit)

      const forget: Memories["Service"]["forget"] = Effect.fn("Memories.forget")(function* (word, surface) {
        const { id, state: now, workspace } = yield* get(word)
        if (now === "forgotten") return yield* get(id)
        if (now !== "known")
          return yield* refused(
            `${id} is ${now}, not known${now === "proposed" ? " (reject it instead)" : ""}`,
          )
        return yield* put(
          [answerDraft("memory.forgotten", { memory: id, reason: "asked", surface }, workspace)],
          id,
        )
      }, one.withPermit)

      const restore: Memories["Service"]["restore"] = Effect.fn("Memories.restore")(function* (
        word,
        surface,
      ) {
        const memory = yield* get(word)
        if (memory.state === "known") return memory
        if (memory.state === "proposed")
          return yield* refused(`${memory.id} waits for an answer (accept it instead)`)
        return yield* restored(memory, surface)
      }, one.withPermit)

      const edit: Memories["Service"]["edit"] = Effect.fn("Memories.edit")(function* (word, text, surface) {
        const old = yield* get(word)
        if (old.state !== "known")
          return yield* refused(`${old.id} is ${old.state}: only what is known can be put in other words`)
        const words = yield* kept(text, old.topic)
        if (words.text === old.text) return old
        const from = `edit ${old.id} ${old.seq} ${words.text}`
        const id = memoryId(from)
        const { evidence, layer, scope, session, workspace } = old
        const proposal: Proposal = {
          layer,
          scope,
          workspace,
          text,
          evidence,
          confidence: 1,
          origin: "said",
          session,
          call: null,
          trust: "trusted",
          from,
          causationId: null,
        }
        return yield* put(
          [
            proposedDraft(id, proposal, words, [old.id], surface),
            answerDraft(
              "memory.accepted",
              { memory: id, surface, reason: `in the place of ${old.id}` },
              workspace,
            ),
          ],
          id,
        )
      }, one.withPermit)

      const find: Memories["Service"]["find"] = Effect.fn("Memories.find")(
        function* (query, workspace, limit) {
          index.follow(yield* state)
          return index.find(query, workspace, limit, yield* Clock.currentTimeMillis)
        },
      )

      const search: Memories["Service"]["search"] = Effect.fn("Memories.search")(
        function* (query, about, limit) {
          const { near, without } = yield* embeddings.near(query, about, limit)
          const byWords = (yield* find(query, about.workspace, limit)).map(({ memory }) => memory.id)
          const now = yield* state
          const memories = fused([byWords, near]).flatMap((id) => {
            const memory = memoryOf(now, id)
            return memory?.state === "known" ? [memory] : []
          })
          return { memories: memories.slice(0, limit), without }
        },
      )

      const told: Memories["Service"]["told"] = Effect.fn("Memories.told")(function* (workspace) {
        const now = yield* Clock.currentTimeMillis
        const { left, memories } = toldIn(yield* state, workspace, toldRoom, now)
        return { memories, more: left }
      })

      return Memories.of({
        state,
        get,
        remember,
        propose,
        accept,
        reject,
        forget,
        restore,
        edit,
        find,
        search,
        told,
      })
    }),
  )
}
