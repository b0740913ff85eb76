/**
 * Damages a log in so many ways, one after the other, and does with each copy what the daemon does: looks at it, opens it,
 * reads it whole, appends. `node pageChild.ts LOG PLACE KINDS FROM TO`: LOG is a whole log's directory, PLACE a folder of
 * its own, the cases are numbered. Prints `begin N` and one line of JSON for each case, so that whoever started it
 * knows which one killed it, and in which phase.
 */
import { cpSync, readFileSync, truncateSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Effect, Logger, Result, Stream } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { recoverFromSegments } from "../../log-store/recover.ts"
import { draft } from "../../src/domain/event.ts"
import { caseOf, damage, mapSize, type PageResult } from "./pageCases.ts"
import { verifyHere } from "./storyCheck.ts"
import { removeTree } from "../removeTree.ts"

const [log = "", place = "", kinds = "", from = "0", to = "0"] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)
const whole = readFileSync(join(log, "log.mdb"))
const truth = readFileSync(join(log, "..", "truth.jsonl"), "utf8").split("\n")

/** Reads it and appends to it. Events behind `until` are not what was written; the payloads of `gone` are not there. */
const readAll = (dir: string, until: number, gone: ReadonlyArray<number>) =>
  LogStore.use((store) =>
    Effect.gen(function* () {
      const wrong: Array<number> = []
      let read = 0
      const result = yield* Effect.result(
        store.read({}).pipe(
          Stream.runForEach((event) =>
            Effect.sync(() => {
              read++
              if (event.seq > until || gone.includes(event.seq)) return
              if (JSON.stringify({ ...event }) !== truth[event.seq - 1]) wrong.push(event.seq)
            }),
          ),
        ),
      )
      const appended = yield* Effect.result(
        store.append([draft("daemon.stopped", { reason: "after" }, { actor: "test" })]),
      )
      return {
        wrong,
        read,
        error: Result.isFailure(result) ? result.failure.message : null,
        appended: Result.isSuccess(appended),
      }
    }),
  ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize })), Effect.result)

for (let n = Number(from); n < Number(to); n++) {
  const of = caseOf(kinds, n, whole.length)
  say(`begin ${n}`)
  const dir = join(place, "log")
  removeTree(dir)
  cpSync(log, dir, { recursive: true, verbatimSymlinks: true })
  const bytes = Buffer.from(whole)
  const cut = damage(bytes, of)
  writeFileSync(join(dir, "log.mdb"), bytes)
  if (cut !== null) truncateSync(join(dir, "log.mdb"), cut)
  const result = await Effect.runPromise(
    Effect.gen(function* () {
      const quick = yield* verifyHere(dir, "quick")
      const full = yield* verifyHere(dir, "full")
      say("looked")
      const opened = quick.ok ? yield* readAll(dir, truth.length, []) : null
      const seen = opened !== null && Result.isSuccess(opened) ? opened.success : null
      say("read")
      const recovery = full.ok ? null : yield* Effect.result(recoverFromSegments(dir, { mapSize }))
      const after =
        recovery === null || Result.isFailure(recovery)
          ? null
          : yield* readAll(
              dir,
              Math.min(recovery.success.events, truth.length),
              recovery.success.payloadsLost,
            )
      const back = after !== null && Result.isSuccess(after) ? after.success : null
      const answer: PageResult = {
        n,
        quick: quick.ok,
        full: full.ok,
        at: full.failure?.seq ?? null,
        head: full.head.seq,
        wrong: seen?.wrong ?? [],
        readError:
          seen?.error ?? (opened !== null && Result.isFailure(opened) ? opened.failure.message : null),
        recovered:
          recovery === null
            ? null
            : Result.isFailure(recovery)
              ? { events: -1, lost: -1, wrong: [], error: recovery.failure.message }
              : {
                  ...recovery.success,
                  wrong: back?.wrong ?? [],
                  error: back === null ? "it does not open" : back.error,
                },
      }
      return answer
    }).pipe(Effect.provide(Logger.layer([]))),
  )
  say(JSON.stringify(result))
}
