/** An approval is a person's: it needs a terminal on both ends. A pipe never picks a default. */
import { Effect } from "effect"
import { createInterface } from "node:readline"
import { Exit } from "./Exit.ts"
import { Invocation } from "./Invocation.ts"

export const needPerson = (what: string) =>
  Effect.flatMap(Invocation, ({ interactive }) =>
    interactive
      ? Effect.void
      : Effect.fail(
          new Exit({
            reason: "needsPerson",
            message: `${what} needs a person at a terminal (stdin and stdout must be one)`,
          }),
        ),
  )

/** What is typed on the terminal, in lower case; empty for Ctrl-D. Ctrl-C interrupts the command. */
const typed = (question: string) =>
  Effect.callback<string>((resume) => {
    const line = createInterface({ input: process.stdin, output: process.stderr })
    line.on("SIGINT", () => {
      resume(Effect.interrupt)
      line.close()
    })
    line.on("close", () => resume(Effect.succeed("")))
    line.question(question, (answer) => {
      resume(Effect.succeed(answer.trim().toLowerCase()))
      line.close()
    })
    return Effect.sync(() => line.close())
  })

/** Only a typed `y` or `yes` is a yes. */
export const confirm = (question: string) =>
  Effect.map(typed(`${question} [y/N] `), (answer) => /^y(es)?$/.test(answer))

/** One of these words, or its first letter; anything else is the last one, which changes nothing. */
export const choose = <const A extends string>(question: string, words: ReadonlyArray<A>) =>
  Effect.map(typed(`${question} [${words.join("/")}] `), (answer): A => {
    const found = words.find((word) => answer === word || (answer !== "" && answer === word[0]))
    return found ?? words.at(-1)!
  })
