/** A writer killed under load, again and again: nothing acknowledged is lost, nothing is there twice, the chain holds. */
import { assert, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { verifyDirectory } from "../../log-store/verifyDirectory.ts"
import { CrashWriter } from "./child.ts"
import { temporaryDir } from "./temporary.ts"

/** `CLAW_KILLS=200` for the long form. */
const kills = Number(process.env["CLAW_KILLS"] ?? "15")
const lanes = 3

const lane = (dir: string, rounds: number, seed: number) =>
  Effect.gen(function* () {
    const acknowledged: Array<string> = []
    for (let round = 0; round < rounds; round++) {
      const writer = new CrashWriter(dir, `r${round}`)
      // A different number of acknowledgements each time, so that the kill falls at another place of a commit.
      yield* Effect.promise(() =>
        writer.until(1 + ((round * 37 + seed * 11) % 400)).finally(() => writer.kill()),
      )
      acknowledged.push(...writer.acknowledged)
      const report = yield* Effect.promise(() => verifyDirectory(dir, "full"))
      assert.isNull(report.failure)
    }
    const stored = yield* LogStore.use((log) =>
      log.read({}).pipe(
        Stream.map((event) => (event.payload as { readonly component: string }).component),
        Stream.runCollect,
      ),
    ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 })))
    const known = new Set(stored)
    assert.strictEqual(known.size, stored.length)
    assert.deepStrictEqual(
      acknowledged.filter((token) => !known.has(token)),
      [],
    )
    assert.isAtLeast(acknowledged.length, rounds)
  })

it.live(
  `survives ${kills} kills under load`,
  () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir
      yield* Effect.forEach(
        Array.from({ length: lanes }, (_, n) => n),
        (n) => lane(`${dir}/${n}`, Math.ceil(kills / lanes), n),
        { concurrency: lanes, discard: true },
      )
    }).pipe(Effect.scoped),
  60_000 + kills * 3000,
)
