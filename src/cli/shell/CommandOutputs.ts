/**
 * What the last commands of one shell printed, in memory only: so many bytes a command, so many commands, so many bytes
 * together; the oldest goes first.
 * Invariant: nothing is held of what the shell shows outside a command (prompts, what is typed), nor of a command
 * that its hook says is not recorded.
 */
import type { Mark } from "../../domain/shellMarks.ts"
import { type HeldOutput, OutputHold } from "./OutputHold.ts"

const bounds = { command: 1_048_576, commands: 128, session: 32_000_000 }

export class CommandOutputs {
  readonly #bounds: typeof bounds
  readonly #ended = new Map<number, HeldOutput>()
  #bytes = 0
  #open: { readonly command: number; readonly hold: OutputHold } | null = null
  readonly #waiting = new Set<() => void>()

  constructor(limits: typeof bounds = bounds) {
    this.#bounds = limits
  }

  write(chunk: Uint8Array): void {
    this.#open?.hold.write(chunk)
  }

  mark(mark: Mark): void {
    const open = this.#open
    if (mark.kind === "began") {
      this.#open = { command: mark.command, hold: new OutputHold(this.#bounds.command) }
      return
    }
    this.#open = null
    if (open?.command === mark.command && mark.exit !== null) this.#keep(mark.command, open.hold.held())
    for (const wake of this.#waiting) wake()
  }

  #keep(command: number, output: HeldOutput): void {
    this.#ended.delete(command)
    this.#ended.set(command, output)
    this.#bytes = [...this.#ended.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
    for (const [oldest, { bytes }] of this.#ended) {
      if (this.#ended.size <= this.#bounds.commands && this.#bytes <= this.#bounds.session) break
      this.#ended.delete(oldest)
      this.#bytes -= bytes.length
    }
  }

  /** The record of a command can be read before its last bytes came through the terminal: its end is waited for. */
  async of(command: number, waitMs: number): Promise<HeldOutput | null> {
    const known = this.#ended.get(command)
    if (known !== undefined) return known
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, waitMs)
      this.#waiting.add(done)
    })
    return this.#ended.get(command) ?? null
  }
}
