/**
 * A text that shall be on no command line: read from a pipe whole (but for one line end), or typed at a terminal, where
 * it is not shown.
 */
import { Effect } from "effect"
import { createInterface } from "node:readline"
import { Writable } from "node:stream"

const maxLength = 8192

const piped = Effect.callback<string>((resume) => {
  let text = ""
  const { stdin } = process
  stdin.setEncoding("utf8")
  const take = (part: string) => {
    text = (text + part).slice(0, maxLength + 2)
  }
  const end = () => resume(Effect.succeed(text.replace(/\r?\n$/, "")))
  stdin.on("data", take)
  stdin.once("end", end)
  return Effect.sync(() => {
    stdin.off("data", take)
    stdin.off("end", end)
  })
})

const typed = (question: string) =>
  Effect.callback<string>((resume) => {
    const nowhere = new Writable({ write: (_, __, done) => done() })
    const line = createInterface({ input: process.stdin, output: nowhere, terminal: true })
    // Not before the terminal stopped showing what is typed: somebody may be quick.
    process.stderr.write(`${question} (not shown): `)
    const say = (answer: Effect.Effect<string>) => {
      process.stderr.write("\n")
      resume(answer)
      line.close()
    }
    line.on("SIGINT", () => say(Effect.interrupt))
    line.on("close", () => resume(Effect.succeed("")))
    line.question("", (answer) => say(Effect.succeed(answer)))
    return Effect.sync(() => line.close())
  })

/** The text itself, or what `-` stands for. */
export const secretText = (given: string, question: string) =>
  given !== "-" ? Effect.succeed(given) : process.stdin.isTTY ? typed(question) : piped
