/** An approval is a person's: it needs a terminal on both ends. A pipe never picks a default. */
import { Effect } from "effect"
import { createInterface } from "node:readline/promises"
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

/** Asks on the terminal; only a typed `y` or `yes` is a yes. */
export const confirm = (question: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => createInterface({ input: process.stdin, output: process.stderr })),
    (line) =>
      Effect.promise(() => line.question(`${question} [y/N] `)).pipe(
        Effect.map((answer) => /^y(es)?$/i.test(answer.trim())),
      ),
    (line) => Effect.sync(() => line.close()),
  )
