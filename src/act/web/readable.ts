/** A page's HTML as Markdown, made in a thread with limits of time, memory and stack. */
import { Worker } from "node:worker_threads"
import type { PageTask, ReadablePage } from "./pageWorker.ts"

const defaultLimitMs = 8_000
const resourceLimits = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 }

/** Where the worker stands when Claw runs from its sources. */
const ownEntry = (): URL => new URL("./pageWorker.ts", import.meta.url)

/** Null where it could not be made readable, with the reason. */
export type Readable = ReadablePage | { readonly problem: string }

export const makeReadable = (
  task: PageTask,
  options: { readonly entry: URL | undefined; readonly limitMs: number | undefined },
  signal: AbortSignal,
): Promise<Readable> =>
  new Promise((resolve) => {
    const limitMs = options.limitMs ?? defaultLimitMs
    const worker = new Worker(options.entry ?? ownEntry(), {
      workerData: task,
      env: {},
      execArgv: [],
      resourceLimits,
      stdout: true,
      stderr: true,
    })
    const end = (result: Readable): void => {
      clearTimeout(limit)
      signal.removeEventListener("abort", stop)
      void worker.terminate()
      resolve(result)
    }
    const stop = (): void => end({ problem: "stopped" })
    const limit = setTimeout(() => end({ problem: `it took longer than ${limitMs / 1000} s` }), limitMs)
    signal.addEventListener("abort", stop)
    worker.on("message", (message: ReadablePage) => end(message))
    worker.on("error", (error: unknown) =>
      end({ problem: error instanceof Error ? error.message.split("\n")[0]! : String(error) }),
    )
    worker.on("exit", (code) => end({ problem: `its thread ended with ${code}` }))
  })
