/**
 * The story of `story.ts` with its process killed at every point it passes, and with every call that changes the disk
 * failing in turn. `every` takes each point, or each so-manieth.
 */
import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { storyCheck } from "./storyCheck.ts"
import type { Told } from "./told.ts"
import { removeTree } from "../removeTree.ts"

const here = (name: string) => join(import.meta.dirname, name)
export const compileCache = join(tmpdir(), "claw-faults-cache")

export interface Run {
  readonly told: ReadonlyArray<Told>
  readonly points: ReadonlyArray<string>
  readonly exit: number | null
  readonly signal: string | null
  readonly stderr: string
}

/** Lines of JSON; the last one may be cut short by a kill. */
export const toldIn = (text: string): ReadonlyArray<Told> =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Told)

const runStory = (base: string, point: string, before: ReadonlyArray<string> = []): Promise<Run> =>
  new Promise((resolve) => {
    const argv = [
      ...before,
      process.execPath,
      "--import",
      pathToFileURL(here("points.ts")).href,
      here("story.ts"),
      base,
    ]
    const child = spawn(argv[0]!, argv.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CLAW_POINT: point, NODE_COMPILE_CACHE: compileCache },
    })
    let out = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("close", (exit, signal) => {
      const points = stderr.split("\n").filter((line) => line.startsWith("point "))
      resolve({ told: toldIn(out), points, exit, signal, stderr })
    })
  })

export const inTemporary = <A>(body: (base: string) => Effect.Effect<A>): Effect.Effect<A> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-faults-"))),
    body,
    (base) => Effect.sync(() => removeTree(base)),
  )

export interface Findings {
  readonly figures: ReadonlyArray<string>
  readonly broken: ReadonlyArray<string>
}

/** All points of a story that nothing befalls; it must keep its promises, or the rest says nothing. */
const undisturbed = inTemporary((base) =>
  Effect.gen(function* () {
    const run = yield* Effect.promise(() => runStory(base, "count"))
    const failed = run.told.filter(({ _tag }) => _tag === "failed")
    const { broken, recovered } = yield* storyCheck(base, run.told)
    if (run.exit !== 0 || failed.length > 0 || broken.length > 0 || recovered)
      return yield* Effect.die(
        new Error(
          `the story itself fails: ${JSON.stringify({ failed, broken, recovered })} ${run.stderr.replaceAll(/^point .*\n/gm, "")}`,
        ),
      )
    return run.points
  }),
)

const chosen = (count: number, every: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, n) => n + 1).filter((n) => n % every === 1 % every)

/** Kills at every point. */
export const killAtEach = (
  every: number,
  progress: (line: string) => void = () => undefined,
): Effect.Effect<Findings> =>
  Effect.gen(function* () {
    const points = yield* undisturbed
    const broken: Array<string> = []
    let recoveries = 0
    const at = chosen(points.length, every)
    yield* Effect.forEach(
      at,
      (n) =>
        inTemporary((base) =>
          Effect.gen(function* () {
            const run = yield* Effect.promise(() => runStory(base, `kill:${n}`))
            const name = run.points.at(-1)?.replaceAll(base, "")
            if (run.signal !== "SIGKILL")
              broken.push(`point ${n} was not reached: ${run.exit} ${run.stderr.slice(-300)}`)
            const found = yield* storyCheck(base, run.told)
            if (found.recovered) recoveries++
            broken.push(...found.broken.map((what) => `killed at ${name}: ${what}`))
            progress(`${name}: ${found.broken.length} broken${found.recovered ? ", recovered" : ""}`)
          }),
        ),
      { concurrency: 2, discard: true },
    )
    return {
      figures: [
        `killed at ${at.length} of ${points.length} named steps, ${recoveries} of them needed a recovery`,
      ],
      broken,
    }
  })

/** `ENOSPC`, `EIO` and the like at each point, a half-written file, and a disk that stays full. */
export const failAtEach = (
  every: number,
  modes: ReadonlyArray<string>,
  progress: (line: string) => void = () => undefined,
): Effect.Effect<Findings> =>
  Effect.gen(function* () {
    const points = (yield* undisturbed).filter((line) => !line.endsWith(" after"))
    const broken: Array<string> = []
    let refused = 0
    const cases = modes.flatMap((mode, m) =>
      chosen(points.length, every).map((n) => ({ mode, n: Math.min(n + m, points.length) })),
    )
    yield* Effect.forEach(
      cases,
      ({ mode, n }) =>
        inTemporary((base) =>
          Effect.gen(function* () {
            const [code = "", rest = ""] = mode.split("+")
            const name = `${mode} at ${points[n - 1]!.replace(/\S*(claw-faults-[^/]*)/, "")}`
            const run = yield* Effect.promise(() =>
              runStory(base, `${code}:${n}${mode.endsWith("+") ? "+" : rest}`),
            )
            if (run.exit !== 0)
              broken.push(`${name}: the process died: ${run.exit ?? run.signal} ${run.stderr.slice(-400)}`)
            refused += run.told.filter(({ _tag }) => _tag === "failed").length
            const found = yield* storyCheck(base, run.told)
            broken.push(...found.broken.map((what) => `${name}: ${what}`))
            progress(`${name}: ${found.broken.length} broken`)
          }),
        ),
      { concurrency: 2, discard: true },
    )
    return {
      figures: [`${cases.length} failed calls (${modes.join(", ")}), ${refused} operations refused`],
      broken,
    }
  })
