/** Real children over a real log: they agree with one that goes through it alone, and one that is killed is a finding. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { mixDraft } from "../../log-store/bench/mix.ts"
import { emptyCommit } from "../../log-store/Backend.ts"
import { Chunk, encodeChunk } from "../../log-store/chunk.ts"
import { lmdbBackend } from "../../log-store/LmdbBackend.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { verifyInChild } from "../../log-store/verifier.ts"
import { verifyScript } from "./child.ts"
import { temporaryDir } from "./temporary.ts"

const killed = fileURLToPath(new URL("killedVerifier.ts", import.meta.url))
const events = 30_000

const filled = Effect.gen(function* () {
  const dir = yield* temporaryDir
  yield* LogStore.use((store) =>
    Effect.gen(function* () {
      for (let at = 0; at < events; at += 5_000)
        yield* store.append(Array.from({ length: 5_000 }, (_, n) => mixDraft(at + n)))
    }),
  ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 })))
  return dir
})

/** Writes to the log behind its back. */
const behindItsBack = (dir: string, change: (backend: ReturnType<typeof lmdbBackend>) => Promise<void>) =>
  Effect.promise(async () => {
    const backend = lmdbBackend({ dir, mapSize: 2 ** 30 })
    await change(backend)
    await backend.close()
  })

describe("verifying children", () => {
  it.live(
    "agree with one that goes through the log alone, also on faults; a killed one is a finding",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const dir = yield* filled
          const told: Array<readonly [number, number]> = []
          const verify = (processes: number, script = verifyScript) =>
            verifyInChild(process.execPath, [script], dir, "full", {
              processes,
              atLeast: 1_000,
              progress: (checked, of) => told.push([checked, of]),
            })
          const alone = yield* verify(1)
          assert.deepStrictEqual([alone.ok, alone.events], [true, events])
          assert.lengthOf(told, 0)
          assert.deepStrictEqual(yield* verify(3), alone)
          for (const [checked, of] of told) assert.isTrue(checked <= of && of === events)

          const died = yield* verify(3, killed)
          assert.isFalse(died.ok)
          assert.match(
            died.failure!.message,
            /^the process that read events \d+ to \d+ was killed by SIGBUS: its file is damaged$/,
          )
          assert.isAbove(died.failure!.seq, 1)

          let key = Buffer.alloc(0)
          yield* behindItsBack(dir, async (backend) => {
            key = Buffer.from(backend.termKeys(Buffer.alloc(1), null, 500)[250]!)
            await backend.commit({ ...emptyCommit, mergedTerms: [key] })
          })
          const missed = yield* verify(1)
          assert.match(missed.failure!.message, /the index does not lead to it/)
          assert.deepStrictEqual(yield* verify(2), missed)

          yield* behindItsBack(dir, async (backend) => {
            await backend.commit({ ...emptyCommit, terms: [key] })
            const stored = backend.chunkAt(12_000)!
            const chunk = new Chunk(stored.bytes)
            const entries = chunk.entries()
            entries[3] = { ...entries[3]!, actor: "somebody else" }
            const bytes = encodeChunk(chunk.prevHash, entries)
            await backend.commit({ ...emptyCommit, chunks: [{ first: stored.key, bytes }] })
          })
          const changed = yield* verify(1)
          assert.match(changed.failure!.message, /its hash does not fit/)
          assert.deepStrictEqual(yield* verify(2), changed)
        }),
      ),
    60_000,
  )
})
