/** claw chat: a conversation at a terminal. It keeps the scrollback; leaving it loses nothing, because the daemon has it. */
import { Effect, Fiber, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { entered, workspaceHere } from "../conversations.ts"
import { needPerson } from "../person.ts"
import { Session } from "../Session.ts"

export const modelFlag = Flag.String("model").pipe(
  Flag.withMetavar("MODEL"),
  Flag.withDescription("a name or an alias; left out: the settings' default"),
  Flag.optional,
)
export const effortFlag = Flag.Literals("effort", ["low", "medium", "high", "xhigh", "max"]).pipe(
  Flag.withDescription("how hard it thinks before it answers; left out: as the settings say"),
  Flag.optional,
)
export const resumeFlag = Flag.String("resume").pipe(
  Flag.withMetavar("SESSION"),
  Flag.withDescription("go on in this conversation: its id, a beginning of one, or latest"),
  Flag.optional,
)

export const chat = Command.make(
  "chat",
  {
    resume: resumeFlag,
    continue: Flag.Boolean("continue").pipe(
      Flag.withDefault(false),
      Flag.withDescription("go on in the one of this folder that moved last"),
    ),
    model: modelFlag,
    effort: effortFlag,
  },
  Effect.fn(function* ({ continue: latest, effort, model, resume }) {
    yield* needPerson("a conversation")
    // what draws the conversation is loaded while the daemon opens it
    const loading = yield* Effect.forkChild(Effect.promise(() => import("../chat/open.ts")))
    const session = yield* Session
    const client = yield* session.ensure
    const workspace = yield* workspaceHere(client)
    const wanted = Option.getOrElse(resume, () => (latest ? "latest" : null))
    const place = yield* entered(
      client,
      {
        kind: "chat",
        resume: wanted,
        model: Option.getOrNull(model),
        effort: Option.getOrNull(effort),
      },
      workspace,
    )
    const { openChat } = yield* Fiber.join(loading)
    yield* openChat(client, place, workspace, null)
  }, Effect.scoped),
).pipe(
  Command.withDescription("talk to the agent, at a terminal"),
  Command.withExamples([
    { command: "claw chat", description: "a new conversation; /help in it" },
    { command: "claw chat --continue", description: "where you left off in this folder" },
    { command: "claw chat --resume c_1f0c2b7d9e8a6543", description: "a certain one" },
  ]),
)
