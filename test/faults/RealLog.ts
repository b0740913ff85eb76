/**
 * A real log under the commands of the model: in memory or on disk. It can be closed and opened again, copied by export and
 * import (the copy takes its place), and, on disk, sealed, damaged and recovered. Time is what the model says.
 */
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Clock, Effect, Layer, ManagedRuntime, Stream } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { type LogError, LogStore } from "../../log-store/LogStore.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { parseLine } from "../../log-store/jsonl.ts"
import { recoverFromSegments } from "../../log-store/recover.ts"
import { Restorer } from "../../log-store/Restorer.ts"
import { sealSegments } from "../../log-store/segments.ts"
import { exportJsonl, importJsonl } from "../../log-store/transfer.ts"
import { upcaster } from "../../log-store/upcasts.ts"
import { verifyHere } from "./storyCheck.ts"
import { removeTree } from "../removeTree.ts"

type Store = LogStore["Service"]
export type Kind = "memory" | "lmdb"
const mapSize = 2 ** 28

/** The system's clock, but for the time it shows. */
const clockAt = (now: () => number): Clock.Clock =>
  Object.create(Effect.runSync(Effect.clockWith(Effect.succeed)), {
    currentTimeMillisUnsafe: { value: now },
    currentTimeMillis: { value: Effect.sync(now) },
  }) as Clock.Clock

export class RealLog {
  readonly kind: Kind
  readonly #now: () => number
  readonly #base: string | null
  #backend = memoryBackend()
  #dirs = 0
  #runtime: ManagedRuntime.ManagedRuntime<LogStore, LogError>

  constructor(kind: Kind, now: () => number) {
    this.kind = kind
    this.#now = now
    this.#base = kind === "lmdb" ? mkdtempSync(join(tmpdir(), "claw-model-")) : null
    this.#runtime = ManagedRuntime.make(this.#layer())
  }

  get dir(): string {
    return join(this.#base!, `log${this.#dirs}`)
  }

  #layer(): Layer.Layer<LogStore, LogError> {
    return this.kind === "lmdb"
      ? LmdbLogStore.layer({ dir: this.dir, mapSize })
      : Layer.effect(LogStore, makeStore({ backend: this.#backend, upcast: upcaster({}), place: "memory" }))
  }

  run<A, E>(body: (log: Store) => Effect.Effect<A, E>): Promise<A> {
    return this.#runtime.runPromise(
      Effect.provideService(Effect.flatMap(LogStore, body), Clock.Clock, clockAt(this.#now)),
    )
  }

  async reopen(): Promise<void> {
    await this.#runtime.dispose()
    this.#runtime = ManagedRuntime.make(this.#layer())
  }

  /** Whether a full check of the closed log, its segments included, finds nothing. Opens it again. */
  async audit(): Promise<string | null> {
    if (this.kind === "memory") return null
    // Where nothing was ever asked of it, it is not even there.
    await this.run((log) => log.head)
    await this.#runtime.dispose()
    const { failure } = await Effect.runPromise(verifyHere(this.dir, "full"))
    this.#runtime = ManagedRuntime.make(this.#layer())
    return failure === null ? null : `event ${failure.seq}: ${failure.message}`
  }

  /** Exports it and goes on with the import. */
  async move(): Promise<void> {
    const lines = [...(await this.run((log) => exportJsonl(log).pipe(Stream.runCollect)))]
    await this.#runtime.dispose()
    this.#dirs++
    if (this.kind === "lmdb")
      await Effect.runPromise(importJsonl({ dir: this.dir, mapSize }, Stream.fromIterable(lines)))
    else {
      this.#backend = memoryBackend()
      const restorer = new Restorer(this.#backend)
      for (const line of lines.slice(1)) restorer.add(parseLine(line))
      await restorer.flush()
    }
    this.#runtime = ManagedRuntime.make(this.#layer())
  }

  seal(size: number): Promise<number> {
    return this.run((log) => sealSegments(log, this.dir, { atLeast: 1, size }))
  }

  /** Recovers it, with its file as it is or emptied. Answers what the log will say of it. */
  async recover(
    emptied: boolean,
  ): Promise<{ readonly from: string; readonly events: number; readonly lost: number }> {
    await this.#runtime.dispose()
    if (emptied) writeFileSync(join(this.dir, "log.mdb"), "")
    const { aside, events, lost, payloadsLost } = await Effect.runPromise(
      Effect.provideService(recoverFromSegments(this.dir, { mapSize }), Clock.Clock, clockAt(this.#now)),
    )
    if (payloadsLost.length > 0) throw new Error(`payloads were lost: ${payloadsLost.join()}`)
    this.#runtime = ManagedRuntime.make(this.#layer())
    return { from: aside, events, lost }
  }

  async close(): Promise<void> {
    await this.#runtime.dispose()
    if (this.#base !== null) removeTree(this.#base)
  }
}
