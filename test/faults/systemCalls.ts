/**
 * The story of `story.ts` while the kernel refuses: the writes and syncs that LMDB makes inside a commit, where no
 * JavaScript can stand, fail one after the other (strace attached to the thread that makes them), or end the process. Whatever
 * becomes of the process, nothing it acknowledged is lost.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { compileCache, type Findings, inTemporary, type Run, toldIn } from "./steps.ts"
import { storyCheck } from "./storyCheck.ts"

const here = (name: string) => join(import.meta.dirname, name)

/** Whether a process may be traced here. */
export const canTrace = (): boolean =>
  spawnSync("strace", ["-qq", "-o", "/dev/null", "true"], { stdio: "ignore" }).status === 0

const workerOf = (pid: number): number => {
  const folder = `/proc/${pid}/task`
  const found = readdirSync(folder).find((tid) =>
    readFileSync(join(folder, tid, "comm"), "utf8").startsWith("libuv-worker"),
  )
  if (found === undefined) throw new Error("it has no thread of libuv's")
  return Number(found)
}

const heard = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let stderr = ""
    child.stderr!.on("data", (some: Buffer) => {
      stderr += String(some)
      if (stderr.includes(text)) resolve()
    })
    child.once("close", () => reject(new Error(`it ended before it said ${text}: ${stderr}`)))
  })

/** Runs the story with `inject` (see strace) on the thread that writes. */
const runTraced = async (base: string, options: ReadonlyArray<string>): Promise<Run> => {
  const child = spawn(
    process.execPath,
    ["--import", pathToFileURL(here("waiting.ts")).href, here("story.ts"), base],
    {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, UV_THREADPOOL_SIZE: "1", NODE_COMPILE_CACHE: compileCache },
    },
  )
  let out = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
  child.stderr.on("data", (text: Buffer) => (stderr += String(text)))
  const ended = once(child, "close") as Promise<[number | null, string | null]>
  await heard(child, "waiting")
  const tracer = spawn("strace", [...options, "-p", String(workerOf(child.pid!))], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  const traced = once(tracer, "close")
  await heard(tracer, "attached")
  child.stdin.end("\n")
  const [exit, signal] = await ended
  await traced
  return { told: toldIn(out), points: [], exit, signal, stderr }
}

const calls = ["pwrite64", "fdatasync"] as const
type Call = (typeof calls)[number]

/** How often the thread makes each of the calls in a story that nothing befalls. */
const countCalls = inTemporary((base) =>
  Effect.promise(async () => {
    const file = join(base, "trace")
    mkdirSync(join(base, "story"))
    const run = await runTraced(join(base, "story"), ["-o", file, "-e", `trace=${calls.join()}`])
    if (run.exit !== 0) throw new Error(`the story itself fails: ${run.stderr}`)
    const lines = readFileSync(file, "utf8").split("\n")
    return new Map(calls.map((call) => [call, lines.filter((line) => line.startsWith(`${call}(`)).length]))
  }),
)

export const failCalls = (
  every: number,
  faults: ReadonlyArray<string>,
  progress: (line: string) => void = () => undefined,
): Effect.Effect<Findings> =>
  Effect.gen(function* () {
    const counts = yield* countCalls
    const broken: Array<string> = []
    let died = 0
    let refused = 0
    let reached = 0
    const cases = faults.flatMap((fault, f) =>
      calls.flatMap((call) =>
        Array.from({ length: counts.get(call)! }, (_, n) => n + 1)
          .filter((n) => (n + f) % every === 0)
          .map((n) => ({ fault, call, n })),
      ),
    )
    const one = ({ fault, call, n }: { readonly fault: string; readonly call: Call; readonly n: number }) =>
      inTemporary((base) =>
        Effect.gen(function* () {
          const inject = `inject=${call}:${fault === "KILL" ? "signal=KILL" : `error=${fault}`}:when=${n}`
          const run = yield* Effect.promise(() =>
            runTraced(base, ["-o", "/dev/null", "-e", `trace=${call}`, "-e", inject]),
          )
          const failed = run.told.filter(({ _tag }) => _tag === "failed").length
          refused += failed
          if (run.exit !== 0 && fault !== "KILL") died++
          if (run.exit !== 0 || failed > 0) reached++
          const found = yield* storyCheck(base, run.told)
          broken.push(...found.broken.map((what) => `${fault} in ${call} ${n}: ${what}`))
          progress(
            `${fault} in ${call} ${n}: exit ${run.exit ?? run.signal}, ${failed} refused, ${found.broken.length} broken`,
          )
        }),
      )
    yield* Effect.forEach(cases, one, { concurrency: 2, discard: true })
    if (cases.length > 0 && reached === 0) broken.push("none of the failing calls was met")
    return {
      figures: [
        `${cases.length} system calls of LMDB's (${faults.join(", ")}; ${[...counts].map(([call, n]) => `${n} ${call}`).join(", ")} a story): ` +
          `${refused} operations refused, the process ended by itself ${died} times`,
      ],
      broken,
    }
  })
