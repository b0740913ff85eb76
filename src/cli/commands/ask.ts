/** claw ask: one question; the answer streams. At a terminal what it asks back is answered in place. */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { Exit, fail } from "../Exit.ts"
import { entered, workspaceHere } from "../conversations.ts"
import { Invocation } from "../Invocation.ts"
import { Session } from "../Session.ts"
import { effortFlag, modelFlag, resumeFlag } from "./chat.ts"
import { wordOf } from "./print.ts"

export const ask = Command.make(
  "ask",
  {
    words: Argument.String("words").pipe(
      Argument.withDescription("the question; @path sends a file along, piped text goes with it"),
      Argument.variadic({ min: 0 }),
    ),
    model: modelFlag,
    effort: effortFlag,
    resume: resumeFlag,
  },
  Effect.fn(function* ({ effort, model, resume, words }) {
    const { interactive } = yield* Invocation
    const word = yield* wordOf(words)
    const client = yield* (yield* Session).ensure
    const workspace = yield* workspaceHere(client)
    const place = yield* entered(
      client,
      {
        kind: "ask",
        resume: Option.getOrNull(resume),
        model: Option.getOrNull(model),
        effort: Option.getOrNull(effort),
      },
      workspace,
    )
    if (!interactive) {
      const { runHeadless } = yield* Effect.promise(() => import("../headless.ts"))
      return yield* runHeadless(client, place, word, {
        output: "text",
        stream: true,
        wait: false,
        structured: false,
      })
    }
    const { openChat } = yield* Effect.promise(() => import("../chat/open.ts"))
    const { rested } = yield* openChat(client, place, workspace, word.text)
    if (rested === null || rested.reason === "stopped") return yield* Effect.interrupt
    if (rested.reason === "completed") return
    return yield* rested.reason === "refused"
      ? new Exit({ reason: "refused", message: rested.message })
      : fail(rested.message)
  }, Effect.scoped),
).pipe(
  Command.withDescription("ask the agent one question"),
  Command.withExamples([
    { command: 'claw ask "why does the build fail?"', description: "streams the answer" },
    { command: 'git diff | claw ask "what is risky here?"', description: "with what is piped in" },
  ]),
)
