/** The timeline on the real screen: what a person sees of the past, and what is asked of the daemon meanwhile. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import type { Point } from "../../src/rpc/shapes.ts"
import { mount } from "./mount.ts"
import { event, moment, script, suggestion } from "./samples.ts"

const head = 1_000
const past = (seq: number) => moment(seq, { head })
const world = script([suggestion("s_now", { title: "Of today" })], {
  head,
  moment: past,
  marks: Array.from({ length: 9 }, (_, index) => ({ seq: (index + 1) * 100, kind: "decision" })),
})
const escape = "\u001b"

describe("the timeline on the screen", () => {
  it.live("shows the past and comes back to the present, which went on", () =>
    Effect.gen(function* () {
      const shown = yield* mount(world)
      yield* shown.until("Of today")
      yield* shown.press("t")
      yield* shown.until("PAST  #1000 of 1000 ·")
      assert.notInclude(shown.text(), "Of today")
      yield* shown.press("/", ..."205", "\r")
      yield* shown.until("PAST  #205 of 1000 ·")
      yield* shown.until("make step-205")
      assert.include(shown.text(), "− Made at 100")
      assert.include(shown.text(), "log until 205")
      yield* shown.press("n")
      yield* shown.until("PAST  #300 of 1000 ·")
      yield* shown.press("c")
      yield* shown.until((text) => /▸ +#301 .*policy\.verdict/.test(text))
      yield* shown.append(5)
      yield* shown.until("PAST  #301 of 1005")
      yield* shown.press("a", "y")
      yield* shown.until("copied: event 301")
      yield* shown.press("\u001b[1;2D")
      yield* shown.until("PAST  #291 of 1005")
      yield* shown.press(escape)
      yield* shown.until("Of today")
      yield* shown.until("make step-1005")
      assert.include(shown.text(), "● watching")
      assert.deepStrictEqual(shown.called("approve"), [])
    }),
  )

  it.live("asks for one moment at a time, and of held keys for the newest position only", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const points: Array<Point> = []
      const under = { way: 0, most: 0 }
      const shown = yield* mount(world, {
        wrap: (client) => ({
          ...client,
          moment: (point) =>
            Effect.suspend(() => {
              points.push(point)
              under.most = Math.max(under.most, ++under.way)
              return Effect.andThen(
                points.length === 2 ? Deferred.await(gate) : Effect.void,
                client.moment(point),
              )
            }).pipe(Effect.ensuring(Effect.sync(() => under.way--))),
        }),
      })
      yield* shown.until("Of today")
      yield* shown.press("t")
      yield* shown.until("PAST  #1000 of 1000 ·")
      yield* shown.press("\u001b[D")
      // a held key comes many times in one read, too
      yield* shown.send("\u001b[D".repeat(29))
      yield* shown.press(..."hhhhhhhhhh")
      yield* shown.until("PAST  #960 of 1000 · reading")
      assert.deepStrictEqual(points, [{ seq: 1_000 }, { seq: 999 }])
      yield* Deferred.succeed(gate, undefined)
      yield* shown.until("PAST  #960 of 1000 · 2")
      assert.deepStrictEqual(points, [{ seq: 1_000 }, { seq: 999 }, { seq: 960 }])
      assert.strictEqual(under.most, 1)
      assert.include(shown.text(), "make step-960")
    }),
  )

  it.live("reads of a million events what is around the position", () =>
    Effect.gen(function* () {
      const million = 1_000_000
      const shown = yield* mount(
        script([], { head: million, moment: (seq) => moment(seq, { head: million, queue: [], chain: [] }) }),
      )
      yield* shown.until(`make step-${million}`)
      yield* shown.press("t", "<", "<", "[", "\u001b[D")
      yield* shown.until("PAST  #899899 of 1000000 ·")
      yield* shown.until((text) => /^│ +899899 .*make step-899899/m.test(text))
      yield* shown.press("g")
      yield* shown.until("PAST  #1 of 1000000 ·")
      yield* shown.until((text) => /^│ +1 .*make step-1 /m.test(text))
      const asked = shown
        .called("range")
        .reduce((count, [, from, to]) => count + Number(to) - Number(from) + 1, 0)
      assert.isAtMost(asked, 256 * 8)
    }),
  )

  it.live("shows hostile text as text, and is told without colour", () =>
    Effect.gen(function* () {
      const title = "x\u001b]0;owned\u0007\u001b[2J\u202ey{red-fg}"
      const hostile = suggestion("s_x", { title, state: "done", rule: title, note: title })
      const shown = yield* mount(
        script([], {
          head,
          moment: (seq) =>
            moment(seq, {
              head,
              queue: [hostile],
              chain: [{ role: "decision", event: event(seq, { type: title }), text: title }],
            }),
        }),
        { columns: 80, rows: 24, colour: false },
      )
      yield* shown.until("nothing to see")
      yield* shown.press("t")
      yield* shown.until("PAST  #1000 of 1000 ·")
      yield* shown.until("␛[2J<U+202E>y{red-fg}")
      assert.notInclude(shown.written(), "\u001b]0;")
      assert.notInclude(shown.written(), "\u001b[2J\u202e")
      for (const cells of [shown.line(0), shown.line(1)]) assert.isAtMost(cells.length, 80)
      // the mark of the past and the place on the bar are told by inversion
      const cell = (y: number, x: number) => shown.terminal.buffer.active.getLine(y)?.getCell(x)
      assert.isTrue((cell(0, 1)?.isInverse() ?? 0) > 0)
      const inverse = Array.from({ length: 80 }, (_, x) => x).filter(
        (x) => (cell(1, x)?.isInverse() ?? 0) > 0,
      )
      assert.strictEqual(inverse.length, 1)
      assert.notMatch(shown.written(), /\u001b\[[0-9;]*38;/)
    }),
  )

  it.live("fits small terminals, and follows their size", () =>
    Effect.gen(function* () {
      const shown = yield* mount(world, { columns: 40, rows: 12 })
      yield* shown.until("Of today")
      yield* shown.press("t", "/", ..."205", "\r")
      yield* shown.until("PAST  #205 of 1000")
      yield* shown.until("2 chain")
      yield* shown.press("1")
      yield* shown.until("Made at 100")
      yield* shown.resize(24, 6)
      yield* shown.until((text) => text.includes("PAST  #205") && !text.includes("├"))
      yield* shown.resize(120, 36)
      yield* shown.until("make step-205")
      assert.match(shown.line(1), /^├.*┤ • decided/)
    }),
  )
})
