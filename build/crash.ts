/**
 * The whole crash suite: `node build/crash.ts [SECTION...] [--KEY=N]`. Without a section all of them run. Prints the figures
 * and every broken promise; exits 1 where there is one.
 *   daemon  --kills=200        the whole daemon killed while a developer works
 *   store   --store-kills=1000 the log's writer killed at random moments under load
 *   steps   --every=1          the writer killed at each named step
 *   disk    --every=1          each call that changes the disk fails, and each system call inside a commit
 *   pages   --pages=4000       pages of a log's file zeroed, cut, exchanged, with flipped bits
 *   model   --steps=60000      random stories against a trivial model of a log
 * `--seed=N` repeats a run.
 */
import { Effect } from "effect"
import { brokenPromises, figures } from "../test/e2e/accounting.ts"
import { ordeal } from "../test/e2e/Ordeal.ts"
import { runModel } from "../test/faults/modelRun.ts"
import { damagePages } from "../test/faults/pages.ts"
import { failAtEach, type Findings, killAtEach } from "../test/faults/steps.ts"
import { storeKills } from "../test/faults/storeKills.ts"
import { canTrace, failCalls } from "../test/faults/systemCalls.ts"

const args = process.argv.slice(2)
/** A bare number is the daemon's kills, which is what this command ran first. */
const bare = args.find((arg) => /^\d+$/.test(arg))
const named = args.filter((arg) => /^[a-z]+$/.test(arg))
const option = (key: string, otherwise: number): number => {
  const found = args.find((arg) => arg.startsWith(`--${key}=`))
  return found === undefined ? otherwise : Number(found.slice(key.length + 3))
}
const seed = option("seed", Math.floor(Date.now() / 1000) % 1_000_000)
const every = option("every", 1)
const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const both = (first: Findings, second: Findings): Findings => ({
  figures: [...first.figures, ...second.figures],
  broken: [...first.broken, ...second.broken],
})

/** Commands of a story, at most; about half as many on average. */
const storyLength = 80
const model = (steps: number): Effect.Effect<Findings> =>
  Effect.promise(async () => {
    const findings: { figures: Array<string>; broken: Array<string> } = { figures: [], broken: [] }
    for (const [kind, share] of [
      ["memory", 0.6],
      ["lmdb", 0.4],
    ] as const) {
      const runs = Math.ceil((steps * share) / (storyLength / 2))
      try {
        const done = await runModel({ kind, runs, commands: storyLength, seed })
        findings.figures.push(
          `${done} steps of ${runs} stories (${kind}, seed ${seed}) as the model does them`,
        )
      } catch (error) {
        findings.broken.push(
          `${kind}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    }
    return findings
  })

const daemon = (kills: number): Effect.Effect<Findings> =>
  Effect.map(Effect.scoped(ordeal(kills, say)), (ending) => ({
    figures: [`${kills} kills of the daemon`, ...figures(ending)],
    broken: brokenPromises(ending),
  }))

const disk = Effect.gen(function* () {
  const files = yield* failAtEach(every, ["ENOSPC", "EIO", "short", "ENOSPC+"], say)
  if (!canTrace()) return both(files, { figures: ["system calls: strace is missing"], broken: [] })
  return both(files, yield* failCalls(every, ["EIO", "ENOSPC", "EINTR", "KILL"], say))
})

const pages = (cases: number): Effect.Effect<Findings> =>
  Effect.gen(function* () {
    const small = yield* damagePages({ batches: 60, kinds: "zeros,noise,bit,cut,swap,old", cases: null }, say)
    const large = yield* damagePages(
      { batches: 900, kinds: "bit,zeros,noise,cut", cases, offset: seed % 1000 },
      say,
    )
    return both(small, large)
  })

const sections: Readonly<Record<string, () => Effect.Effect<Findings>>> = {
  model: () => model(option("steps", 60_000)),
  steps: () => killAtEach(every, say),
  disk: () => disk,
  pages: () => pages(option("pages", 4000)),
  store: () => storeKills(option("store-kills", 1000), seed, say),
  daemon: () => daemon(Number(bare ?? option("kills", 200))),
}

const chosen = bare !== undefined && named.length === 0 ? ["daemon"] : named
const unknown = chosen.find((name) => !Object.hasOwn(sections, name))
if (unknown !== undefined) {
  say(`${unknown}: choose of ${Object.keys(sections).join(", ")}`)
  process.exit(2)
}
let broken = 0
for (const name of chosen.length === 0 ? Object.keys(sections) : chosen) {
  const from = performance.now()
  const found = await Effect.runPromise(sections[name]!())
  broken += found.broken.length
  const seconds = Math.round((performance.now() - from) / 1000)
  process.stdout.write(
    [
      `${name} (${seconds} s, seed ${seed}): ${found.broken.length} broken promises`,
      ...found.figures,
      ...found.broken,
    ]
      .map((line, n) => `${n === 0 ? "" : "  "}${line}\n`)
      .join(""),
  )
}
process.exitCode = broken === 0 ? 0 : 1
