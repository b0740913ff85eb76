/** The real screen on a terminal that is a data structure: what a person would see, cell by cell. */
import xterm from "@xterm/headless"
import { Effect, Fiber, type Scope } from "effect"
import { PassThrough } from "node:stream"
import { runApp } from "../../tui/App.ts"
import { Screen } from "../../tui/Screen.ts"
import { type Script, scriptedClient } from "../../tui/ScriptedClient.ts"
import { type TuiClient, TuiError } from "../../tui/TuiClient.ts"
import { UnicodeGraphemesAddon } from "./graphemes.ts"

export interface MountOptions {
  readonly columns?: number
  readonly rows?: number
  readonly colour?: boolean
  readonly wrap?: (client: TuiClient) => TuiClient
  readonly reconnect?: Effect.Effect<TuiClient, TuiError, Scope.Scope>
  readonly editor?: readonly [string, ...ReadonlyArray<string>]
  readonly scratch?: string
}

export const mount = Effect.fnUntraced(function* (script: Script, options: MountOptions = {}) {
  const columns = options.columns ?? 120
  const rows = options.rows ?? 36
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 })
  terminal.loadAddon(new UnicodeGraphemesAddon())
  const output = Object.assign(new PassThrough(), { columns, rows, isTTY: true })
  const raw: Array<boolean> = []
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => raw.push(on),
  })
  let written = ""
  let pending = 0
  output.on("data", (data: Buffer) => {
    written += data.toString()
    pending++
    terminal.write(data, () => {
      pending--
    })
  })
  const scripted = yield* scriptedClient(script)
  const app = yield* runApp({
    client: options.wrap?.(scripted.client) ?? scripted.client,
    reconnect: options.reconnect ?? Effect.fail(new TuiError({ reason: "lost", message: "nobody answers" })),
    editor: {
      argv: options.editor ?? ["false"],
      scratch: options.scratch ?? "/nonexistent",
      env: process.env,
    },
  }).pipe(
    Effect.provide(
      Screen.layer({ input, output, term: "xterm-kitty", colour: options.colour ?? true, host: null }),
    ),
    Effect.forkScoped,
  )

  const line = (y: number): string => terminal.buffer.active.getLine(y)?.translateToString(true) ?? ""
  const text = (): string => Array.from({ length: terminal.rows }, (_, y) => line(y)).join("\n")
  const settled = Effect.promise(async () => {
    do {
      await new Promise((resolve) => setImmediate(resolve))
    } while (pending > 0)
  })
  /** Waits until the screen holds what is wanted; a test that waits in vain fails by its own limit, with the screen. */
  const until = (what: string | ((shown: string) => boolean)): Effect.Effect<void> =>
    Effect.gen(function* () {
      const holds = typeof what === "string" ? (shown: string) => shown.includes(what) : what
      for (let tries = 0; ; tries++) {
        yield* settled
        if (holds(text())) return
        if (tries > 400)
          return yield* Effect.die(new Error(`the screen never showed ${String(what)}:\n${text()}`))
        yield* Effect.sleep(10)
      }
    })
  const send = (keys: string) =>
    Effect.andThen(
      Effect.sync(() => {
        input.write(keys)
      }),
      settled,
    )
  /** Keys one by one, as typed: each in a read of its own. */
  const press = (...keys: ReadonlyArray<string>) =>
    Effect.forEach(keys, (key) => Effect.andThen(send(key), Effect.sleep(2)), { discard: true })
  const resize = (toColumns: number, toRows: number) =>
    Effect.sync(() => {
      terminal.resize(toColumns, toRows)
      output.columns = toColumns
      output.rows = toRows
      output.emit("resize")
    })
  const called = (name: string) => scripted.calls.filter((call) => call[0] === name)
  const untilCalled = (name: string, times = 1): Effect.Effect<void> =>
    Effect.gen(function* () {
      for (let tries = 0; called(name).length < times; tries++) {
        if (tries > 400) return yield* Effect.die(new Error(`${name} was not called:\n${text()}`))
        yield* Effect.sleep(10)
      }
    })

  return {
    ...scripted,
    terminal,
    input,
    line,
    text,
    settled,
    until,
    send,
    press,
    resize,
    called,
    untilCalled,
    raw,
    written: () => written,
    end: Fiber.join(app),
    stop: Fiber.interrupt(app),
  }
})
