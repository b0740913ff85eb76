/**
 * The person's terminal while the conversation has it: raw keys in, frames out.
 * Invariants: whatever ends the program, the terminal is left as it was found; what is pasted is told from what is typed;
 * a frame is one write.
 */
import { Effect, type Scope } from "effect"
import { StringDecoder } from "node:string_decoder"
import { feed, flush, type Input, type InputState, noInput } from "../../../tui/input.ts"
import { erased, type Frame, painted, type Painted, type Size, unpainted } from "./screen.ts"

export interface Terminal {
  readonly size: () => Size
  readonly paint: (frame: Frame) => void
  /** Forgets what was drawn: the screen was cleared. */
  readonly clear: () => void
  /** Gives the terminal away for as long as the effect runs. */
  readonly outside: (effect: Effect.Effect<void>) => Effect.Effect<void>
}

/** What is read together; `last` of it is the key that was pressed last. */
export type OnInput = (inputs: ReadonlyArray<Input>) => void

/** A lone ESC is the key where nothing follows for so long. */
const escapeMs = 40

const on = "\u001b[?2004h"
const off = "\u001b[?2004l\u001b[?25h"

export interface TerminalStreams {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

export const openTerminal = (
  { input, output }: TerminalStreams,
  colour: boolean,
  heard: { readonly input: OnInput; readonly resized: () => void; readonly ended: () => void },
): Effect.Effect<Terminal, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const decoder = new StringDecoder("utf8")
        let state: InputState = noInput
        let waiting: NodeJS.Timeout | null = null
        let before: Painted = unpainted
        const size = (): Size => ({ columns: output.columns || 80, rows: output.rows || 24 })
        const give = (fed: { readonly state: InputState; readonly inputs: ReadonlyArray<Input> }) => {
          state = fed.state
          if (fed.inputs.length > 0) heard.input(fed.inputs)
        }
        const read = (chunk: Buffer) => {
          if (waiting !== null) clearTimeout(waiting)
          give(feed(state, decoder.write(chunk)))
          waiting = state.tail === "" ? null : setTimeout(() => give(flush(state)), escapeMs)
        }
        const resized = () => heard.resized()
        const ended = () => heard.ended()
        const take = () => {
          input.setRawMode(true)
          input.on("data", read)
          input.on("end", ended)
          output.on("resize", resized)
          input.resume()
          output.write(on)
        }
        const leave = () => {
          if (waiting !== null) clearTimeout(waiting)
          input.off("data", read)
          input.off("end", ended)
          output.off("resize", resized)
          output.write(erased(before, size()) + off)
          before = unpainted
          input.setRawMode(false)
          input.pause()
        }
        take()
        return {
          terminal: {
            size,
            paint: (frame: Frame) => {
              const { after, text } = painted(before, frame, size(), colour)
              before = after
              output.write(text)
            },
            clear: () => {
              before = unpainted
            },
            outside: (effect: Effect.Effect<void>) =>
              Effect.acquireUseRelease(
                Effect.sync(leave),
                () => effect,
                () => Effect.sync(take),
              ),
          },
          leave,
        }
      }),
      ({ leave }) => Effect.sync(leave),
    ),
    ({ terminal }) => terminal,
  )
