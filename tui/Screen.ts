/**
 * The terminal: the only place that knows blessed, which keeps the screen's buffer, writes what changed, and knows
 * the terminal's capabilities. Keys do not pass through it (see `input.ts`); lines are painted cell by cell, so that
 * widths are ours alone.
 * Invariants: the terminal is left as it was found on the scope's end, on an uncaught error and on `exit`; nothing is
 * written while another program has the screen; painting is synchronous and at the caller's pace.
 */
import blessed from "blessed"
import { Context, Effect, Layer, Queue } from "effect"
import { PassThrough } from "node:stream"
import { StringDecoder } from "node:string_decoder"
import { feed, flush, type Input, noInput } from "./input.ts"
import type { Size } from "./messages.ts"
import { attribute, paintLine, type ScreenLine } from "./cells.ts"
import type { Line } from "./spans.ts"
import { charWidth } from "./text.ts"

export interface TerminalInput extends NodeJS.ReadableStream {
  setRawMode?(on: boolean): unknown
}
export interface TerminalOutput extends NodeJS.WritableStream {
  readonly columns?: number
  readonly rows?: number
}

export interface Terminal {
  readonly input: TerminalInput
  readonly output: TerminalOutput
  /** `TERM`. */
  readonly term: string
  readonly colour: boolean
  /** Whose signals and crashes are listened to; null where somebody else does. */
  readonly host: Pick<NodeJS.Process, "on" | "off" | "kill"> | null
}

export type Signal =
  | Input
  | { readonly _tag: "resized"; readonly size: Size }
  /** The terminal is gone, or somebody wants us to go. */
  | { readonly _tag: "hangup" }

/** blessed's screen as far as it is used here; its types leave these out. */
interface BlessedScreen {
  readonly lines: Array<ScreenLine>
  readonly tput: { brokenACS: boolean }
  readonly program: { write(text: string): void; flush(): void; isAlt: boolean }
  alloc(): void
  enter(): void
  leave(): void
  draw(from: number, to: number): void
  destroy(): void
}

const modesOn = "\u001b[?2004h\u001b[?1004h"
const modesOff = "\u001b[?2004l\u001b[?1004l"
/** A lone ESC is the key when nothing follows for this long. */
const escapeMs = 40
const plainTerminals = /^(?:dumb|linux|vt\d+)/

/** blessed counts most emoji as one cell; it must count as we do. */
const patchWidths = (): void => {
  const { unicode } = blessed as unknown as {
    readonly unicode: {
      charWidth: (text: string | number, at?: number) => number
      strWidth: (text: string) => number
    }
  }
  unicode.charWidth = (text, at = 0) => {
    const point = typeof text === "number" ? text : text.codePointAt(at)
    return point === undefined || point < 0x20 ? 0 : charWidth(point)
  }
  unicode.strWidth = (text) => {
    let cells = 0
    for (const char of text) cells += charWidth(char.codePointAt(0)!)
    return cells
  }
}

/** blessed ends the process with 0 on a signal and prints crashes itself: both are ours to do. */
const dropHandlers = (host: NonNullable<Terminal["host"]>): void => {
  const own = (blessed as unknown as { readonly Screen: Record<string, (() => void) | undefined> }).Screen
  for (const [event, name] of [
    ["uncaughtException", "_exceptionHandler"],
    ["SIGTERM", "_sigtermHandler"],
    ["SIGINT", "_sigintHandler"],
    ["SIGQUIT", "_sigquitHandler"],
    ["exit", "_exitHandler"],
  ] as const) {
    const handler = own[name]
    if (handler !== undefined) host.off(event, handler)
  }
}

const sizeOf = (output: TerminalOutput): Size => ({
  columns: Math.max(1, output.columns ?? 80),
  rows: Math.max(1, output.rows ?? 24),
})

/** blessed never sees the keyboard. */
const silentInput = () => Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })

const open = ({ input, output, term, colour, host }: Terminal, say: (signal: Signal) => void) => {
  patchWidths()
  const plain = plainTerminals.test(term)
  const screen = blessed.screen({
    input: silentInput(),
    output: output as NodeJS.WriteStream,
    terminal: plain ? term : "xterm-256color",
    fullUnicode: true,
    ...(plain ? {} : { forceUnicode: true }),
    smartCSR: false,
    resizeTimeout: 0,
  } as never) as unknown as BlessedScreen
  dropHandlers(process)
  // lines as UTF-8: the alternate character set is lost where a multiplexer copies the screen
  if (!plain) screen.tput.brokenACS = true
  const attributes = attribute(colour)
  let decoder = new StringDecoder("utf8")
  let state = noInput
  let escape: NodeJS.Timeout | undefined
  let last: ReadonlyArray<Line> = []
  let away = false
  let closed = false

  const hear = (fed: ReturnType<typeof feed>) => {
    state = fed.state
    fed.inputs.forEach(say)
  }
  const onData = (chunk: Buffer | string) => {
    clearTimeout(escape)
    hear(feed(state, typeof chunk === "string" ? chunk : decoder.write(chunk)))
    if (state.tail !== "") escape = setTimeout(() => hear(flush(state)), escapeMs)
  }
  const paint = () => {
    if (away || closed) return
    for (let y = 0; y < screen.lines.length; y++) paintLine(screen.lines[y]!, last[y] ?? [], attributes)
    screen.draw(0, screen.lines.length - 1)
    screen.program.flush()
  }
  const onResize = () => say({ _tag: "resized", size: sizeOf(output) })
  const onHangup = () => say({ _tag: "hangup" })

  const listen = () => {
    state = noInput
    decoder = new StringDecoder("utf8")
    input.setRawMode?.(true)
    input.on("data", onData)
    input.resume()
    output.write(modesOn)
  }
  const unlisten = () => {
    clearTimeout(escape)
    input.off("data", onData)
    output.write(modesOff)
    input.setRawMode?.(false)
    input.pause()
  }
  const close = () => {
    if (closed) return
    closed = true
    if (!away) unlisten()
    input.off("end", onHangup).off("error", onHangup)
    output.off("resize", onResize).off("error", onHangup)
    host?.off("uncaughtExceptionMonitor", close)
    host?.off("exit", close)
    host?.off("SIGHUP", onHangup)
    host?.off("SIGQUIT", onHangup)
    screen.destroy()
  }

  input.on("end", onHangup).on("error", onHangup)
  output.on("resize", onResize).on("error", onHangup)
  host?.on("uncaughtExceptionMonitor", close)
  host?.on("exit", close)
  host?.on("SIGHUP", onHangup)
  host?.on("SIGQUIT", onHangup)
  listen()

  return {
    close,
    paint: (lines: ReadonlyArray<Line>) => {
      last = lines
      paint()
    },
    redraw: () => {
      if (away || closed) return
      screen.alloc()
      paint()
    },
    leave: () => {
      away = true
      unlisten()
      screen.leave()
    },
    enter: () => {
      if (closed) return
      away = false
      screen.enter()
      listen()
      screen.alloc()
      paint()
    },
    write: (text: string) => {
      if (!away && !closed) output.write(text)
    },
  }
}

/** The whole group stops: a launcher that waits for us must stop too, or the shell gets no prompt. */
const stopped = (host: NonNullable<Terminal["host"]>): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const done = () => {
      clearTimeout(notStopped)
      host.off("SIGCONT", goOn)
    }
    const goOn = () => {
      done()
      resume(Effect.void)
    }
    host.on("SIGCONT", goOn)
    host.kill(0, "SIGTSTP")
    // a group without a shell above it cannot be stopped: there it goes on at once
    const notStopped = setTimeout(goOn, 200)
    return Effect.sync(done)
  })

export class Screen extends Context.Service<
  Screen,
  {
    readonly size: Effect.Effect<Size>
    readonly signals: Queue.Dequeue<Signal>
    readonly paint: (lines: ReadonlyArray<Line>) => Effect.Effect<void>
    /** Clears the terminal and paints again. */
    readonly redraw: Effect.Effect<void>
    /** Gives the terminal away for as long as the effect runs. */
    readonly outside: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    /** Stops the process group as control-Z does; returns when it goes on. */
    readonly suspend: Effect.Effect<void>
    /** Puts text on the clipboard of the terminal (OSC 52), which also works over ssh. */
    readonly copy: (text: string) => Effect.Effect<void>
  }
>()("claw/tui/Screen") {
  static readonly layer = (terminal: Terminal) =>
    Layer.effect(
      Screen,
      Effect.gen(function* () {
        const signals = yield* Queue.unbounded<Signal>()
        const screen = yield* Effect.acquireRelease(
          Effect.sync(() =>
            open(terminal, (signal) => {
              Queue.offerUnsafe(signals, signal)
            }),
          ),
          (opened) => Effect.sync(opened.close),
        )
        const outside = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
          Effect.acquireUseRelease(
            Effect.sync(screen.leave),
            () => effect,
            () => Effect.sync(screen.enter),
          )
        return Screen.of({
          size: Effect.sync(() => sizeOf(terminal.output)),
          signals,
          paint: (lines) => Effect.sync(() => screen.paint(lines)),
          redraw: Effect.sync(screen.redraw),
          outside,
          suspend: terminal.host === null ? Effect.void : outside(stopped(terminal.host)),
          copy: (text) =>
            Effect.sync(() =>
              screen.write(`\u001b]52;c;${Buffer.from(text.slice(0, 50_000)).toString("base64")}\u0007`),
            ),
        })
      }),
    )
}
