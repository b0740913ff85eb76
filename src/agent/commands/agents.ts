/** Commands about agents: which this conversation has, how they stand, ending one. */
import { Effect } from "effect"
import { isLive, treeOf } from "../../domain/agents.ts"
import { SubAgents } from "../agents/SubAgents.ts"
import { define, noSuch, table, text, toCommandError } from "./Command.ts"

export const agents = define({
  name: "agents",
  category: "Session",
  summary: "agents of this conversation and how they stand, or one of them stopped",
  arguments: [
    { name: "what", kind: "choice", choices: ["list", "stop"], summary: "left out: list" },
    { name: "id", kind: "words", summary: "of the one to stop, or the beginning of it" },
  ],
  needsSession: true,
  mutates: true,
  run: Effect.fnUntraced(function* ({ id, what }, { session, surface, workspace }) {
    const subAgents = yield* SubAgents
    const rows = treeOf(yield* subAgents.rows, session)
    if (what === "stop") {
      const found = rows.filter(({ agent }) => id !== undefined && agent.startsWith(id))
      if (found.length !== 1)
        return yield* noSuch(
          id === undefined ? "which one: /agents stop ID" : `no agent of this conversation is ${id}`,
        )
      const stopped = yield* Effect.mapError(subAgents.stop(found[0]!.agent, surface), toCommandError)
      return {
        blocks: [text(stopped.length === 0 ? "it had ended already" : `stopping ${stopped.join(", ")}`)],
        data: [...stopped],
      }
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
