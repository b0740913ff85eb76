/** Starting and killing the writer of `crashWriter.ts`. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

export const verifyScript = fileURLToPath(new URL("../../log-store/verifyChild.ts", import.meta.url))

export class CrashWriter {
  readonly child: ChildProcess
  readonly #lines: Array<string> = []
  #rest = ""
  #waiting: (() => void) | undefined
  #over = false
  stderr = ""

  /** `program`: a script beside this one. */
  constructor(dir: string, name: string, fibers = 16, program = "crashWriter.ts") {
    const script = fileURLToPath(new URL(program, import.meta.url))
    this.child = spawn(process.execPath, [script, dir, name, String(fibers)], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n")
      this.#rest = lines.pop()!
      this.#lines.push(...lines)
      this.#waiting?.()
    })
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text
    })
    this.child.once("close", () => {
      this.#over = true
      this.#waiting?.()
    })
  }

  /** Tokens acknowledged so far. */
  get acknowledged(): ReadonlyArray<string> {
    return this.#lines.slice(1)
  }

  /** Waits until `count` tokens were acknowledged. */
  async until(count: number): Promise<void> {
    while (this.#lines.length < count + 1) {
      if (this.#over) throw new Error(`the writer ended by itself: ${this.stderr}`)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }

  /** Kills it without warning and waits for its end. */
  async kill(): Promise<void> {
    if (!this.#over) {
      const closed = once(this.child, "close")
      this.child.kill("SIGKILL")
      await closed
    }
  }
}
