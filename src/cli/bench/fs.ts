/**
 * A file saved -> its event durable in the log and told to a client, beside the callback of a bare `fs.watch` on the
 * same folder. Saves go round among several workspaces, because one that saves steadily is grouped on purpose.
 */
import { Effect } from "effect"
import { mkdirSync, watch, writeFileSync } from "node:fs"
import { join } from "node:path"
import { settleMs } from "../../daemon/bench.ts"
import { limited, percentile } from "../../domain/bench.ts"
import { hear, openBenchWorld, watchFolder } from "./benchWorld.ts"

const workspaces = 16
/** A workspace in which less than one file a second is saved is not grouped. */
const betweenMs = 1_100 / workspaces
const allowedMs = 30
/** Two saves a workspace that do not count. */
const warmUps = 2 * workspaces

export const benchSaved = Effect.fn("bench.saved")(function* ({ quick }: { readonly quick: boolean }) {
  const { world, client } = yield* openBenchWorld()
  const heard = yield* hear(client)
  const callbackAt = new Map<string, number>()
  const dirs = Array.from({ length: workspaces }, (_, index) => join(world.root, "home", `w${index}`))
  for (const dir of dirs) {
    const src = join(dir, "src")
    mkdirSync(src, { recursive: true })
    yield* world.exec("git", "init", "-q", dir)
    yield* watchFolder(client, heard, dir)
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        watch(src, (_, name) => {
          const path = join(src, String(name))
          if (!callbackAt.has(path)) callbackAt.set(path, performance.now())
        }),
      ),
      (bare) => Effect.sync(() => bare.close()),
    )
  }
  const behind: Array<number> = []
  for (let index = -warmUps; index < (quick ? 80 : 400); index++) {
    const dir = dirs[(index + warmUps) % workspaces]!
    const path = `src/${index}.ts`
    const savedMs = performance.now()
    writeFileSync(join(dir, path), "export const saved = true\n")
    const { atMs } = yield* heard.until(
      `the event of ${path}`,
      ({ event }) =>
        event.type === "fs.changed" &&
        event.workspace === dir &&
        (event.payload as { readonly changes: ReadonlyArray<{ readonly path: string }> }).changes.some(
          (change) => change.path === path,
        ),
    )
    if (index >= 0) behind.push(atMs - callbackAt.get(join(dir, path))! - settleMs)
    yield* Effect.sleep(Math.max(0, savedMs + betweenMs - performance.now()))
  }
  const unit = `ms p99 behind the bare watcher's callback, ${settleMs} ms of settling apart`
  return [limited("fs.saved_to_durable", percentile(behind, 0.99), unit, allowedMs)]
}, Effect.scoped)
