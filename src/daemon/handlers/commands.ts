/**
 * Slash commands over the socket: the table, running one, completing its arguments.
 * Invariants: a proof is taken once, and only here; without one a command that changes something is refused by the graph's
 * own check.
 */
import { Effect, SubscriptionRef } from "effect"
import { type CommandError, rowOf } from "../../agent/commands/Command.ts"
import { Ground } from "../../agent/commands/Ground.ts"
import { commands } from "../../agent/commands/registry.ts"
import { runCommand } from "../../agent/commands/runCommand.ts"
import { SubAgents } from "../../agent/agents/SubAgents.ts"
import { Memories } from "../../agent/memory/Memories.ts"
import { Sessions } from "../../agent/Sessions.ts"
import { Skills } from "../../agent/skills/Skills.ts"
import type { ArgumentKind, CommandRow } from "../../domain/command.ts"
import { Folds } from "../../loop/Folds.ts"
import { CommandRpcs, type Candidate } from "../../rpc/commands.ts"
import { BadInput, NeedsPerson, NoSuch, Refused, Unavailable } from "../../rpc/errors.ts"
import { Configs } from "../Configs.ts"
import { CredentialWatch } from "../CredentialWatch.ts"
import { Token } from "../Token.ts"
import { workspaceOf } from "../sources.ts"
import { folder } from "../watchable.ts"

const toRpc = ({ message, reason }: CommandError) => {
  switch (reason) {
    case "input":
      return new BadInput({ message })
    case "no-such":
      return new NoSuch({ what: "thing", id: message })
    case "refused":
      return new Refused({ message, rule: null })
    case "person":
      return new NeedsPerson({ message })
    case "unavailable":
      return new Unavailable({ message })
  }
}

/** `budgets.dayUsd`, of two levels, as they are set. */
const keysOf = (settings: unknown): ReadonlyArray<string> =>
  Object.entries(settings as Record<string, unknown>).flatMap(([section, values]) =>
    typeof values === "object" && values !== null && !Array.isArray(values)
      ? Object.keys(values).map((key) => `${section}.${key}`)
      : [section],
  )

const most = 50

export const commandHandlers = CommandRpcs.toLayer(
  Effect.gen(function* () {
    const ground = yield* Ground
    const sessions = yield* Sessions
    const memories = yield* Memories
    const skills = yield* Skills
    const subAgents = yield* SubAgents
    const folds = yield* Folds
    const token = yield* Token
    const configs = yield* Configs
    const credentials = yield* CredentialWatch

    const workspaceAt = Effect.fnUntraced(function* (dir: string) {
      const { control } = yield* SubscriptionRef.get(folds.snapshot)
      return workspaceOf(control.workspaces, dir) ?? dir
    })

    const candidates = Effect.fnUntraced(function* (kind: ArgumentKind, dir: string) {
      const workspace = yield* workspaceAt(dir)
      switch (kind) {
        case "command":
          return commands.map(({ name, summary }): Candidate => ({ text: name, detail: summary }))
        case "session":
          return (yield* ground.sessions({ all: false, workspace })).map(({ session, title }) => ({
            text: session,
            detail: title,
          }))
        case "model":
          return (yield* ground.models).models.map((text) => ({ text, detail: "" }))
        case "suggestion":
          return (yield* ground.queue(true)).map(({ id, title }) => ({ text: id, detail: title }))
        case "setting":
          return keysOf((yield* ground.settings(workspace)).settings).map((text) => ({ text, detail: "" }))
        case "agent":
          return Object.values(yield* subAgents.rows).map(({ agent, title }) => ({
            text: agent,
            detail: title,
          }))
        case "skill":
          return (yield* skills.list(workspace))
            .filter(({ problem }) => problem === null)
            .map(({ description, name }) => ({ text: name, detail: description }))
        case "provider":
          return (yield* credentials.views).map(({ problem, provider }) => ({
            text: provider,
            detail: problem?.message ?? "",
          }))
        default:
          return []
      }
    })

    return CommandRpcs.of({
      Commands: () => Effect.succeed(commands.map((command): CommandRow => ({ v: 1, ...rowOf(command) }))),
      RunCommand: Effect.fnUntraced(function* (ask) {
        const dir = yield* folder(ask.dir)
        return yield* runCommand(commands, {
          line: ask.line,
          session: ask.session,
          surface: ask.surface,
          attended: ask.attended,
          proven: ask.token !== null && token.matches(ask.token),
          dir,
          workspace: yield* workspaceAt(dir),
        }).pipe(
          Effect.provideService(Ground, ground),
          Effect.provideService(Sessions, sessions),
          Effect.provideService(Memories, memories),
          Effect.provideService(Skills, skills),
          Effect.provideService(SubAgents, subAgents),
          Effect.mapError(toRpc),
        )
      }),
      ChatLook: () =>
        Effect.andThen(
          configs.loaded,
          Effect.map(configs.settingsFor(null), ({ chat }) => chat),
        ),
      Complete: ({ dir, kind, word }) =>
        Effect.map(candidates(kind, dir), (found) =>
          found.filter(({ text }) => text.startsWith(word)).slice(0, most),
        ),
    })
  }),
)
