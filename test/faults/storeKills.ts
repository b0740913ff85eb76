/**
 * The writer of `loadWriter.ts` killed without warning at random moments, again and again over the same log; after each
 * kill the log is opened as the daemon opens it and held against all that was ever acknowledged.
 */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { Effect } from "effect"
import { compileCache, type Findings, inTemporary, toldIn } from "./steps.ts"
import { storyCheck } from "./storyCheck.ts"
import type { Told } from "./told.ts"

const script = join(import.meta.dirname, "loadWriter.ts")
/** Kills of one log, before the next one begins. */
const killsOfALog = 10

/** A small generator, so that a run can be repeated by its seed. */
const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Lets it write `lines` lines, waits a little more, and kills it. Answers the lines. */
const writeAndKill = (
  dir: string,
  name: string,
  lines: number,
  pauseMs: number,
): Promise<ReadonlyArray<Told>> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, dir, name], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    })
    let out = ""
    let stderr = ""
    let seen = 0
    let due = false
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text
      seen += text.split("\n").length - 1
      if (seen < lines || due) return
      due = true
      setTimeout(() => child.kill("SIGKILL"), pauseMs)
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("close", (_, signal) => {
      if (signal === "SIGKILL") resolve(toldIn(out))
      else reject(new Error(`the writer ended by itself: ${stderr.slice(-800)}`))
    })
  })

/** Leaves its compiled modules for the ones that are killed, which cannot. */
const warmUp = (dir: string): Promise<void> =>
  new Promise((resolve) => {
    spawn(process.execPath, [script, join(dir, "log"), "warm", "1"], {
      stdio: "ignore",
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    }).on("close", () => resolve())
  })

export const storeKills = (
  kills: number,
  seed: number,
  progress: (line: string) => void = () => undefined,
): Effect.Effect<Findings> =>
  Effect.gen(function* () {
    yield* inTemporary((base) => Effect.promise(() => warmUp(base)))
    const broken: Array<string> = []
    let acknowledged = 0
    let recoveries = 0
    let done = 0
    const oneLog = (log: number) =>
      inTemporary((base) =>
        Effect.gen(function* () {
          const random = randomOf(seed * 1000 + log)
          const told: Array<Told> = []
          for (let n = 0; n < Math.min(killsOfALog, kills - log * killsOfALog); n++) {
            const lines = 1 + Math.floor(random() * 40)
            const heard = yield* Effect.promise(() =>
              writeAndKill(join(base, "log"), `${log}.${n}`, lines, Math.floor(random() * 12)),
            )
            acknowledged += heard.reduce(
              (sum, line) => sum + (line._tag === "appended" ? line.events.length : 0),
              0,
            )
            told.push(...heard)
            const found = yield* storyCheck(base, told, { importing: false })
            if (found.recovered) recoveries++
            broken.push(...found.broken.map((what) => `seed ${seed}, log ${log}, kill ${n}: ${what}`))
            done++
            if (done % 50 === 0)
              progress(`${done} kills: ${acknowledged} events acknowledged, ${broken.length} broken`)
          }
        }),
      )
    yield* Effect.forEach(
      Array.from({ length: Math.ceil(kills / killsOfALog) }, (_, n) => n),
      oneLog,
      { concurrency: 2, discard: true },
    )
    return {
      figures: [
        `${done} kills of the log's writer: ${acknowledged} events acknowledged, ${recoveries} recoveries needed`,
      ],
      broken,
    }
  })
