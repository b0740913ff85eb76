/**
 * What commands need of memory as the log grows: the peak of the pages of their own (`RssAnon`, with those of the
 * processes they start) over a small and over a large log. Pages of the log's file that the system keeps mapped are
 * not counted: it takes them back when anybody needs the room.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { writeStories } from "../../daemon/benchStories.ts"
import { type BenchRow, rounded } from "../../domain/bench.ts"
import { fail } from "../Exit.ts"
import { openBenchWorld } from "./benchWorld.ts"
import { ownPages } from "./procfs.ts"

const small = 100_000
const large = 1_000_000
/** A garbage collector decides by itself how far it lets a heap of short-lived objects grow. */
const goal = 1.25
const everyMs = 10

const commands = (dir: string): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => [
  ["log --json", ["log", "--json", "--since", "1"]],
  ["log --grep", ["log", "--json", "--since", "1", "--grep", "packages/s_00"]],
  ["audit verify", ["audit", "verify"]],
  ["audit export", ["audit", "export", join(dir, "out.jsonl")]],
  ["log rebuild", ["log", "rebuild"]],
  ["queue --at", ["queue", "--json", "--at", "50000"]],
  ["policy backtest", ["policy", "backtest", "--json"]],
]

const peakOf = (file: string, args: ReadonlyArray<string>, cwd: string, env: NodeJS.ProcessEnv) =>
  Effect.callback<{ readonly peak: number; readonly exit: number | null; readonly said: string }>(
    (resume) => {
      const child = spawn(file, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] })
      let peak = 0
      let said = ""
      child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-400)))
      const sampling = setInterval(() => {
        if (child.pid !== undefined) peak = Math.max(peak, ownPages(child.pid))
      }, everyMs)
      child.once("close", (exit) => {
        clearInterval(sampling)
        resume(Effect.succeed({ peak, exit, said }))
      })
      return Effect.sync(() => {
        clearInterval(sampling)
        child.kill("SIGKILL")
      })
    },
  )

/** The peak of each command over a log of so many events, and of the daemon while all of them ran. */
const measured = Effect.fnUntraced(function* (events: number) {
  const { world, pid, entry } = yield* openBenchWorld(({ directories }) =>
    writeStories(directories.log, events),
  )
  const peaks = new Map<string, number>()
  let ofDaemon = 0
  const sampling = setInterval(() => (ofDaemon = Math.max(ofDaemon, ownPages(pid))), everyMs)
  yield* Effect.addFinalizer(() => Effect.sync(() => clearInterval(sampling)))
  for (const [name, args] of commands(world.root)) {
    const { peak, exit, said } = yield* peakOf(entry.node, [...entry.args, ...args], world.repository, {
      ...world.env,
    })
    if (exit !== 0) return yield* fail(`claw ${name} ended with ${exit} over ${events} events: ${said}`)
    peaks.set(name, peak)
  }
  return peaks.set("the daemon meanwhile", ofDaemon)
}, Effect.scoped)

export const benchMemory = Effect.fn("bench.memory")(function* ({
  quick,
  events,
}: {
  readonly quick: boolean
  readonly events: number | null
}) {
  const sizes = quick ? [20_000, events ?? 100_000] : [small, events ?? large]
  const [few, many] = [yield* measured(sizes[0]!), yield* measured(sizes[1]!)]
  const ratios = [...few].map(([name, peak]) => ({ name, peak, more: many.get(name)! }))
  const worst = ratios.toSorted((a, b) => b.more / b.peak - a.more / a.peak)[0]!
  const ratio = worst.more / worst.peak
  const row: BenchRow = {
    name: "log.memory",
    claw: rounded(worst.more),
    peer: `${worst.name} over ${sizes[0]!.toLocaleString("en")} events`,
    peerValue: rounded(worst.peak),
    unit: "MB at the peak",
    ratio: rounded(ratio),
    goal,
    met: ratio <= goal,
    note: `over ${sizes[0]!.toLocaleString("en")} and ${sizes[1]!.toLocaleString("en")} events: ${ratios.map(({ name, peak, more }) => `${name} ${Math.round(peak)} and ${Math.round(more)}`).join(", ")}`,
  }
  return [row]
})
