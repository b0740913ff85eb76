/** What waits for the person when the daemon goes away in the middle of it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Asking } from "../../../src/cli/chat/asking.ts"
import { makeWaiting } from "../../../src/cli/chat/waiting.ts"
import type { Detail } from "../../../src/rpc/shapes.ts"
import type { Failed, Wires } from "../../../src/cli/chat/wires.ts"

const id = "s_0123456789abcdef"
const suggestion = { id, state: "pending", title: "edit", risk: "low" }
const pending = { suggestion, plans: [] } as unknown as Detail

/** A conversation whose daemon answers `Show` as these say, one each connection. */
const talking = (...shows: ReadonlyArray<Effect.Effect<unknown, Failed>>) => {
  let connection = 0
  let approvals = 0
  const Approve = () =>
    Effect.andThen(
      Effect.sync(() => approvals++),
      Effect.never,
    )
  const clients = shows.map((show) => ({ Show: () => show, Approve }))
  const said: Array<unknown> = []
  const chat = {
    feed: { open: [{ suggestion: id, state: "asks" }] },
    asking: null as Asking | null,
    askedWhole: true,
    reasoning: false,
    commit: (...lines: ReadonlyArray<unknown>) => void said.push(...lines),
  }
  const wires = {
    chat,
    client: () => clients[connection],
    person: Effect.succeed({ token: "", surface: "cli" }),
    drawing: () => ({ cells: 80, theme: {} }),
    turn: (run: () => void) => run(),
    fork: (effect: Effect.Effect<void, Failed>) => void Effect.runFork(Effect.ignoreCause(effect)),
  } as unknown as Wires
  const approved = () => approvals
  return { approved, chat, said, waiting: makeWaiting(wires), back: () => void connection++ }
}

const lost = Effect.fail({ _tag: "RpcClientError", message: "closed" })

describe("an approval that waits", () => {
  for (const [how, show] of [
    ["was cut off", Effect.interrupt],
    ["failed", lost],
    ["never ended", Effect.never],
  ] as const)
    it(`is shown by the daemon that is back, where looking at it ${how}`, () => {
      const { back, chat, said, waiting } = talking(show, Effect.succeed(pending))
      waiting.attend()
      assert.isNull(chat.asking)
      back()
      waiting.again()
      assert.deepInclude(chat.asking ?? {}, { sent: false, detail: pending })
      assert.isEmpty(said)
    })

  it("is not approved by one key where not all of it was on the screen: that prints it", () => {
    const { approved, chat, waiting } = talking(Effect.succeed(pending))
    waiting.attend()
    const press = (key: string): boolean => waiting.key(chat.asking!, key, false, chat.asking!.since + 1_000)
    chat.askedWhole = false
    assert.isTrue(press("a"))
    assert.deepInclude(chat.asking, { printed: true, sure: false })
    chat.asking = { ...chat.asking!, printed: false }
    press("y")
    assert.strictEqual(approved(), 0)
    assert.deepInclude(chat.asking, { printed: true, sure: true, sent: false })
    press("y")
    assert.strictEqual(approved(), 1)
    assert.isTrue(chat.asking.sent)
  })

  it("can be answered again, where the answer had no end", () => {
    const { back, chat, waiting } = talking(Effect.succeed(pending), Effect.succeed(pending))
    waiting.attend()
    chat.asking = { ...chat.asking!, sent: true }
    back()
    waiting.again()
    assert.deepInclude(chat.asking ?? {}, { sent: false, detail: pending })
  })
})
