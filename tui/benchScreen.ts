/** The real screen for the benchmarks, on a terminal of 160x50 that takes what is written and tells of each write. */
import { Effect } from "effect"
import { PassThrough, Writable } from "node:stream"
import { runApp } from "./App.ts"
import { Screen } from "./Screen.ts"
import { type TuiClient, TuiError } from "./TuiClient.ts"

/** Runs for as long as the scope; resolves when the first screens are painted. */
export const openBenchScreen = Effect.fnUntraced(function* (client: TuiClient) {
  let told: () => void = () => undefined
  const output = Object.assign(
    new Writable({
      write: (_chunk, _encoding, done) => {
        told()
        done()
      },
    }),
    { columns: 160, rows: 50, isTTY: true },
  )
  const input = Object.assign(new PassThrough(), { isTTY: true })
  yield* runApp({
    client,
    reconnect: Effect.fail(new TuiError({ reason: "lost", message: "the bench is over" })),
    editor: { argv: ["false"], scratch: "/nonexistent", env: {} },
  }).pipe(
    Effect.provide(Screen.layer({ input, output, term: "xterm-256color", colour: true, host: null })),
    Effect.forkScoped,
  )
  yield* Effect.sleep(300)
  return {
    type: (keys: string): void => {
      input.write(keys)
    },
    /** Who hears of each write from now on; one at a time. */
    painted: (hear: () => void): void => {
      told = hear
    },
  }
})
