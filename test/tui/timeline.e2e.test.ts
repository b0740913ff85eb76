/** Looking back in a real terminal at what a real daemon logged: the queue as it was, and how it came to be. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hasTmux, untilShown } from "./pane.ts"
import { stageSecret, world } from "./world.ts"

const seqOf = (shot: string): number => Number(/PAST {2}#(\d+) of/.exec(shot)?.[1])
const here = (seq: number) => (shot: string) =>
  shot.includes(`PAST  #${seq} of`) && !shot.includes("reading …")

describe.skipIf(!hasTmux)("the timeline in a terminal", { timeout: 90_000 }, () => {
  it.live("scrubs the daemon's log: a question that was answered stands in the queue again", () =>
    Effect.gen(function* () {
      const shown = yield* world
      yield* stageSecret(shown)
      shown.keys("x")
      yield* untilShown(shown, "1  not now")
      shown.keys("1")
      yield* untilShown(shown, "− Secret staged", 20)
      const events = shown
        .claw("log", "--json")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { readonly seq: number; readonly type: string })
      const seq = (type: string) => events.findLast((event) => event.type === type)!.seq
      const [decided, seen, rejected] = [
        events.findLast((event) => /^decision\.(question|draft|notify)$/.test(event.type))!.seq,
        seq("decision.shown"),
        seq("approval.rejected"),
      ]

      shown.keys("t")
      yield* untilShown(shown, (shot) => seqOf(shot) >= rejected && !shot.includes("reading …"), 20)
      assert.include(shown.shot(), "− Secret staged")
      shown.keys("N")
      yield* untilShown(shown, here(decided))
      yield* untilShown(shown, (shot) => new RegExp(`▸ +#${decided} .*decision`).test(shot))
      assert.match(shown.shot(), new RegExp(`#${seen} .* later +decision.shown`))
      assert.notInclude(shown.shot(), "Secret staged in cred.txt  rejected")

      shown.keys("/", ...String(seen), "Enter")
      yield* untilShown(shown, here(seen))
      assert.match(shown.shot(), /│ ! Secret staged/)
      assert.include(shown.shot(), "1 to answer (1 urgent)")
      assert.include(shown.shot(), `log until ${seen}`)
      shown.keys("a")
      yield* untilShown(shown, "approve: this is the past")

      shown.keys("c")
      yield* untilShown(shown, here(rejected))
      shown.keys("Left")
      yield* untilShown(shown, here(rejected - 1))
      assert.match(shown.shot(), /│ ! Secret staged/)
      shown.keys("g")
      yield* untilShown(shown, here(1))
      yield* untilShown(shown, "nothing to see")
      assert.include(shown.shot(), "daemon.started")

      shown.keys("Escape")
      yield* untilShown(shown, "● watching")
      assert.include(shown.shot(), "− Secret staged")
      assert.strictEqual(shown.git("status", "--short").trim(), "A  cred.txt")
      shown.keys("C-c")
      yield* untilShown(shown, (shot) => !shot.includes("1 queue"))
    }),
  )
})
