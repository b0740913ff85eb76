/**
 * What the daemon costs while nothing happens, on a repository of 20,000 files beside 100,000 ignored ones, after
 * it has worked: a commit, saves, failed commands. Read from /proc over a stretch in which nobody asks it anything.
 */
import { Effect, Stream } from "effect"
import { linkSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { limited } from "../../domain/bench.ts"
import { openShell } from "../DemoShell.ts"
import { orExit } from "../errors.ts"
import type { World } from "../ThrowAway.ts"
import { hear, openBenchWorld, watchFolder } from "./benchWorld.ts"
import { anonymousMb, cpuMs, deviceBytes } from "./procfs.ts"

const files = 20_000
const ignored = 100_000
/** Fewer than any file system allows a file. */
const mostLinks = 10_000

/** All the same content, and links where nobody looks: the figures are about names, and the disk is everybody's. */
const fill = (top: string, count: number, perFolder: number, make: (file: string) => void) => {
  for (let index = 0; index < count; index++) {
    const number = Math.floor(index / perFolder)
    const folder = join(top, `part${Math.floor(number / 50)}`, `m${number}`)
    if (index % perFolder === 0) mkdirSync(folder, { recursive: true })
    make(join(folder, `component-${index % perFolder}.ts`))
  }
}

const generate = (world: World) =>
  Effect.gen(function* () {
    yield* world.write(".gitignore", "node_modules/\n")
    fill(join(world.repository, "src"), files, 20, (file) => writeFileSync(file, "export const n = 1\n"))
    let linked = ""
    let links = 0
    fill(join(world.repository, "node_modules"), ignored, 100, (file) => {
      if (links++ % mostLinks === 0) writeFileSync((linked = file), "export const n = 1\n")
      else linkSync(linked, file)
    })
    yield* world.exec("git", "add", ".")
    yield* world.exec("git", "commit", "-q", "-m", "begin")
  })

/** Longer than anything waits that was only put off: the quiet after an edit, the settling of a fetch. */
const stillMs = 12_000

/** Waits until the daemon has neither used the processor nor written anything for a while. */
const untilStill = Effect.fnUntraced(function* (pid: number) {
  let before = ""
  let sinceMs = performance.now()
  while (performance.now() - sinceMs < stillMs) {
    const now = `${cpuMs(pid)} ${deviceBytes(pid)}`
    if (now !== before) sinceMs = performance.now()
    before = now
    yield* Effect.sleep("500 millis")
  }
})

export const benchIdle = Effect.fn("bench.idle")(function* ({ quick }: { readonly quick: boolean }) {
  const { world, client, pid } = yield* openBenchWorld(generate)
  const heard = yield* hear(client)
  yield* watchFolder(client, heard, world.repository)
  const shell = yield* openShell(world)
  for (let index = 0; index < 5; index++) {
    yield* world.write(`src/part0/m0/component-${index}.ts`, `export const n = "${index} again"\n`)
    yield* shell.type(`gti log -n ${index + 1}`)
    yield* shell.type(`git commit -qam 'change ${index}'`)
  }
  yield* heard.until("the last commit", ({ event }) => {
    const { subject } = event.payload as { readonly subject?: string }
    return event.type === "git.commit" && subject === "change 4"
  })
  // a runtime directory lies in memory; here its access time would be written by who reads it first
  readdirSync(world.directories.spool)
  yield* untilStill(pid)

  const seconds = quick ? 25 : 60
  const from = { cpu: cpuMs(pid), device: deviceBytes(pid), atMs: performance.now() }
  yield* Effect.sleep(seconds * 1000)
  const share = ((cpuMs(pid) - from.cpu) / (performance.now() - from.atMs)) * 100
  const device = deviceBytes(pid) - from.device
  const memory = anonymousMb(pid)
  const calls = yield* orExit(
    client.Log({ query: { types: ["model.*"] }, follow: false }).pipe(
      Stream.runFold(
        () => 0,
        (count, events) => count + events.length,
      ),
    ),
  )
  return [
    limited("idle.cpu", share, `% of a core, ${files} files beside ${ignored} ignored`, 0.5),
    limited("idle.rss_anon", memory, "MB", 100),
    limited("idle.disk_writes", device, `bytes in ${seconds} s`, 0),
    limited("idle.model_calls", calls, "calls", 0),
  ]
}, Effect.scoped)
