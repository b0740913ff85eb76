/** Prompts of the past made again: the same where they are, told apart where one word is not, and erased where it is. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TranscriptFold } from "../../src/agent/session/transcript.ts"
import { promptOf } from "../../src/agent/session/prompt.ts"
import { draft, type EventDraft } from "../../src/domain/event.ts"
import { type ModelRequest, promptVersion } from "../../src/domain/modelRequest.ts"
import { replayLog } from "./replayLog.ts"
import { canonicalOf, recordOf, sha256 } from "../../src/model/recorder.ts"
import { boot, type Loop, place } from "./loopWorld.ts"
import { openedOf } from "./openedSession.ts"

const session = "c_0123456789abcdef"
const workspace = "/home/dev/shop"
const header = { actor: "claw", workspace, correlationId: session }
const bytes = (text: string) => new TextEncoder().encode(text)
const tools = bytes("[]")
const identity = bytes("You are here to help.")

const opened = draft("session.opened", openedOf(session, { cwd: workspace }), header)
const prepared: EventDraft = {
  ...draft(
    "session.prepared",
    {
      session,
      sections: [
        {
          kind: "identity",
          source: "claw",
          trust: "trusted",
          hash: sha256(identity),
          bytes: identity.length,
          cut: null,
          pinned: true,
        },
      ],
      tools: sha256(tools),
      deferred: [],
    },
    header,
  ),
  blobs: [tools, identity],
}
const said = (text: string) => draft("session.said", { session, text, surface: "cli" as const }, header)

const blobs = new Map([
  [sha256(tools), tools],
  [sha256(identity), identity],
])

/** Asks from what is in the log as it stands; `bent` changes the request that is logged. */
const ask = Effect.fnUntraced(function* (
  { append, store }: Loop,
  call: string,
  bent: (request: ModelRequest) => ModelRequest = (request) => request,
  made: { readonly made?: number } = { made: promptVersion },
) {
  const events = yield* Effect.orDie(Stream.runCollect(store.read({ correlationId: session })))
  const fold = new TranscriptFold()
  fold.take(events)
  const canonical = canonicalOf(bent(promptOf(fold.transcript!, blobs, 4_000)))
  const record = recordOf(canonical, null)
  const cause = events.findLast(({ type }) => type === "session.said")!
  // said while the answer was being asked for
  yield* append(said(`too late for ${call}`))
  yield* append({
    ...draft(
      "model.requested",
      {
        call,
        purpose: "chat",
        session,
        situation: null,
        rule: null,
        model: "test/one",
        digest: canonical.digest,
        record: sha256(record),
        bytes: canonical.bytes,
        worstUsd: null,
        of: null,
        attempt: 1,
        ...made,
      },
      { ...header, causationId: cause.id },
    ),
    blobs: [record],
  })
})

const prompts = ({ store }: Loop) =>
  Effect.map(Effect.orDie(replayLog(store, { from: null, to: null })), (report) => report.prompts)

describe("prompts of the past", () => {
  it.live(
    "are the same, without what was said while they were asked; a changed one is told by its message",
    () =>
      Effect.gen(function* () {
        const loop = yield* boot(yield* place)
        yield* loop.append(opened, prepared, said("What is it?"))
        yield* ask(loop, "m_1")
        yield* ask(loop, "m_2")
        assert.deepStrictEqual(yield* prompts(loop), {
          calls: 2,
          same: 2,
          changed: 0,
          otherVersion: 0,
          firstChanged: null,
          erased: 0,
        })
        const bent = (request: ModelRequest): ModelRequest => ({
          ...request,
          messages: request.messages.map((message, at) =>
            at === 1 ? { role: "user", content: [{ type: "text", text: "What was it?" }] } : message,
          ),
        })
        // another version, and one from before there were any
        yield* ask(loop, "m_4", bent, { made: promptVersion + 1 })
        yield* ask(loop, "m_5", bent, {})
        const others = yield* prompts(loop)
        assert.deepInclude(others, { calls: 4, same: 2, changed: 0, otherVersion: 2, firstChanged: null })
        yield* ask(loop, "m_3", bent)
        const report = yield* prompts(loop)
        assert.deepInclude(report, { calls: 5, same: 2, changed: 1, otherVersion: 2 })
        assert.deepInclude(report.firstChanged, { call: "m_3", changes: ["message 2 (user) differs"] })
      }).pipe(Effect.scoped),
  )
})
