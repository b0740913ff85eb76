/**
 * A program on a pseudo-terminal of its own (util-linux `script`), driven by what it prints: a line is typed when
 * what it answers is on the screen. Invariant: nothing waits for a time; a program that ended, or says nothing of it for
 * most of a test's time, fails the wait with what it printed.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import type { Environment } from "../../src/config/Directories.ts"

const limitMs = 50_000

export class Pty {
  readonly #child: ChildProcessWithoutNullStreams
  #seen = ""
  #exit: number | null = null
  #wake: () => void = () => undefined
  readonly ended: Promise<number>

  constructor(command: string, options: { readonly cwd: string; readonly env: Environment }) {
    this.#child = spawn("script", ["-qfec", command, "/dev/null"], {
      cwd: options.cwd,
      env: { ...options.env, SHELL: "/bin/sh" } as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "pipe"],
    })
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#seen += text
      this.#wake()
    })
    this.#child.stdin.on("error", () => undefined)
    this.ended = new Promise((resolve) =>
      this.#child.on("close", (code) => {
        this.#exit = code ?? 130
        this.#wake()
        resolve(this.#exit)
      }),
    )
  }

  /** What was printed and not waited for yet. */
  get left(): string {
    return this.#seen
  }

  send(text: string): void {
    this.#child.stdin.write(text)
  }

  /** What was printed up to one of these, and which it was; what comes after it is left for the next wait. */
  async until(...wanted: ReadonlyArray<string>): Promise<{ readonly text: string; readonly found: string }> {
    const lateAt = performance.now() + limitMs
    for (;;) {
      const first = wanted
        .map((found) => ({ found, at: this.#seen.indexOf(found) }))
        .filter(({ at }) => at >= 0)
        .toSorted((a, b) => a.at - b.at)[0]
      if (first !== undefined) {
        const text = this.#seen.slice(0, first.at)
        this.#seen = this.#seen.slice(first.at + first.found.length)
        return { text, found: first.found }
      }
      if (this.#exit !== null) throw new Error(`ended with ${this.#exit} before ${wanted}: ${this.#seen}`)
      const leftMs = lateAt - performance.now()
      if (leftMs <= 0) throw new Error(`never printed ${wanted}, but: ${this.#seen}`)
      await new Promise<void>((resolve) => {
        const limit = setTimeout(resolve, leftMs)
        this.#wake = () => {
          clearTimeout(limit)
          resolve()
        }
      })
    }
  }

  /** Ends it whatever it does. */
  async kill(): Promise<void> {
    // closing the terminal hangs its session up
    if (this.#exit === null) this.#child.kill("SIGKILL")
    await this.ended
  }
}
