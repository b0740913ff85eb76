/** claw sandbox test: tries to break out on this machine, a line an attempt; exit 1 if any did not hold. */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import type { EscapeTest } from "../../daemon/sandboxLayer.ts"
import { Exit } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, paint, safe, type Paint } from "../output.ts"

const line = ({ detail, held, name, tried }: EscapeTest, colour: Paint): string => {
  const mark = !tried
    ? colour("yellow", "not tried")
    : held
      ? colour("green", "held     ")
      : colour("red", "NOT HELD ")
  const more = detail === "held" ? "" : `: ${safe(detail.replace(/^(?:held|did not hold|not tried): /, ""))}`
  return `${mark} ${safe(name)}${more}`
}

const test = Command.make(
  "test",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const invocation = yield* Invocation
    const { probeSandbox } = yield* Effect.promise(() => import("../../daemon/sandboxLayer.ts"))
    const colour = yield* paint
    const tests: Array<EscapeTest> = []
    let heading = ""
    yield* probeSandbox(invocation, (group, found) =>
      Effect.gen(function* () {
        if (!asJson && heading !== group) yield* Console.log(group)
        heading = group
        for (const one of found) {
          tests.push(one)
          yield* asJson ? json({ v: 1, group, ...one }) : Console.log(`  ${line(one, colour)}`)
        }
      }),
    )
    const open = tests.filter(({ held }) => !held).length
    const untried = tests.filter(({ tried }) => !tried).length
    if (open > 0)
      return yield* new Exit({
        reason: "failed",
        message: `${open} of ${tests.length} attempts were not held`,
      })
    if (!asJson) {
      yield* Console.log(
        `all ${tests.length - untried} attempts were held${untried === 0 ? "" : `, ${untried} could not be made`}`,
      )
    }
  }),
).pipe(
  Command.withDescription("try to break out of the sandbox on this machine, and say what held"),
  Command.withExamples([
    { command: "claw sandbox test", description: "some ten seconds; nothing of yours is touched" },
  ]),
)

export const sandbox = Command.make("sandbox").pipe(
  Command.withDescription("what confines commands on this machine"),
  Command.withSubcommands([test]),
)
