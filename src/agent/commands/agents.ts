/** Commands about agents: which this conversation has, how they stand, a word to one, ending one. */
import { Effect } from "effect"
import { type AgentRow, isLive, treeOf } from "../../domain/agents.ts"
import { SubAgents } from "../agents/SubAgents.ts"
import { markdownOf } from "../session/export.ts"
import { Sessions } from "../Sessions.ts"
import { define, markdown, noSuch, table, text, toCommandError, wrong } from "./Command.ts"

/** Of what it said and did, the end. */
const shownEnd = 4_000

const shown = Effect.fnUntraced(function* (row: AgentRow) {
  const sessions = yield* Sessions
  const said = yield* sessions.transcript(row.agent).pipe(
    Effect.map((transcript) => markdownOf(transcript)),
    Effect.orElseSucceed(() => "(it has not begun yet)"),
  )
  const end = said.length > shownEnd ? `...${said.slice(-shownEnd)}` : said
  const why = row.message === "" ? "" : `: ${row.message}`
  return {
    blocks: [
      text(`${row.agent} (${row.type}) ${row.state}${why}`),
      markdown(end),
      ...(isLive(row) ? [text(`/resume ${row.agent} watches it and speaks to it`)] : []),
    ],
    data: { agent: row.agent, state: row.state, message: row.message, said },
  }
})

export const agents = define({
  name: "agents",
  category: "Session",
  summary: "agents of this conversation and how they stand; one of them shown, told something, or stopped",
  arguments: [
    { name: "what", kind: "choice", choices: ["list", "show", "send", "stop"], summary: "left out: list" },
    { name: "id", kind: "agent", summary: "of the one it is about, or the beginning of it" },
    { name: "words", kind: "words", rest: true, summary: "for send: what it shall know or do" },
  ],
  needsSession: true,
  mutates: true,
  run: Effect.fnUntraced(function* ({ id, what, words }, { session, surface, workspace }) {
    const subAgents = yield* SubAgents
    const rows = treeOf(yield* subAgents.rows, session)
    if (what !== undefined && what !== "list") {
      const found = rows.filter(({ agent }) => id !== undefined && agent.startsWith(id))
      const [row] = found
      if (row === undefined || found.length > 1)
        return yield* noSuch(
          id === undefined ? `which one: /agents ${what} ID` : `no agent of this conversation is ${id}`,
        )
      if (what === "stop") {
        const stopped = yield* Effect.mapError(subAgents.stop(row.agent, surface), toCommandError)
        return {
          blocks: [text(stopped.length === 0 ? "it had ended already" : `stopping ${stopped.join(", ")}`)],
          data: [...stopped],
        }
      }
      if (what === "send") {
        if (words === undefined) return yield* wrong("/agents send ID needs the words to say")
        yield* Effect.mapError(subAgents.send(row.agent, words, surface), toCommandError)
        return { blocks: [text("it hears that before its next step")], data: { agent: row.agent } }
      }
      return yield* shown(row)
    }
    const { problems, types } = yield* subAgents.types(workspace)
    const own = types.filter(({ source }) => source !== "claw")
    return {
      blocks: [
        rows.length === 0
          ? text("no agent worked for this conversation yet")
          : table(
              ["agent", "state", "kind", "task", "what it needs"],
              rows.map((row) => [
                row.agent,
                row.state,
                row.type,
                row.title,
                isLive(row)
                  ? row.on.map((one) => `an answer to ${one}`).join(", ")
                  : row.tree?.state === "proposed" && row.patch !== null
                    ? `a look at its changes: ${row.patch}`
                    : row.tree?.state === "kept"
                      ? `its worktree is kept: ${row.tree.path}`
                      : "",
              ]),
            ),
        text(
          `kinds there are: ${types.map(({ name }) => name).join(", ")}`,
          ...own.map(
            ({ description, name, source, trust }) =>
              `  ${name}: ${description} (${source}${trust === "trusted" ? "" : ", not trusted"})`,
          ),
          ...problems.map((problem) => `! ${problem}`),
        ),
      ],
      data: rows.map(({ agent, patch, state, title, type }) => ({ agent, type, title, state, patch })),
    }
  }),
})
