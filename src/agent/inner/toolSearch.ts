/**
 * `ToolSearch`: finds tools that the prompt leaves out, and shows them from then on.
 * Invariants: only what this conversation is offered is found; a find is an event, so the prompt after a restart shows the
 * same tools; what was found stands behind what was there.
 */
import { Effect } from "effect"
import MiniSearch from "minisearch"
import { toolContracts } from "../../act/contracts.ts"
import type { ModelTool } from "../../domain/modelRequest.ts"
import type { AgentLog } from "../AgentLog.ts"
import { preparedDraft } from "../engine/drafts.ts"
import { shownNames, toolsBlob } from "../engine/prepare.ts"
import type { Hands } from "../Hands.ts"
import type { InnerTool } from "../InnerTools.ts"
import { toolsOf } from "../session/prompt.ts"
import { arranged, modelTool, searchTool } from "../session/toolChoice.ts"

const defaultResults = 5

/** Camel case and underscores are words. */
const words = (text: string): ReadonlyArray<string> =>
  text
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "")

const findTools = (
  tools: ReadonlyArray<ModelTool>,
  query: string,
  most: number,
): ReadonlyArray<ModelTool> => {
  const exact = tools.find(({ name }) => name.toLowerCase() === query.trim().toLowerCase())
  if (exact !== undefined) return [exact]
  const index = new MiniSearch<ModelTool>({
    idField: "name",
    fields: ["name", "description"],
    tokenize: (text) => [...words(text)],
    searchOptions: { boost: { name: 3 }, prefix: true, fuzzy: 0.2 },
  })
  index.addAll(tools)
  return index
    .search(query)
    .slice(0, most)
    .flatMap(({ id }) => tools.find(({ name }) => name === id) ?? [])
}

export const toolSearch = (services: {
  readonly log: AgentLog["Service"]
  readonly hands: Hands["Service"]
  /** Those of the conversation itself that are found too. */
  readonly late: ReadonlyArray<InnerTool>
}): InnerTool => {
  const contract = toolContracts().find(({ name }) => name === searchTool)!
  const run: InnerTool["run"] = Effect.fnUntraced(function* (input, { transcript }) {
    const { hands, late, log } = services
    const { query } = input
    if (typeof query !== "string" || query.trim() === "")
      return {
        ok: false,
        text: `${searchTool} needs a query: words of a tool's name or description`,
        trust: "trusted",
      }
    const { max_results } = input
    const most =
      typeof max_results === "number" ? Math.min(50, Math.max(1, Math.trunc(max_results))) : defaultResults
    const { actor, prepared, session, tools: allowed, trust, workspace } = transcript
    const offered = yield* hands.offered({ workspace, actor, trust, session })
    const shown = yield* shownNames(log, transcript)
    const { deferred } = arranged({ tools: allowed, shown }, offered, late)
    const found = findTools(deferred, query, most)
    if (found.length === 0 || prepared === null) {
      const names = deferred.map(({ name }) => name).join(", ")
      return {
        ok: true,
        text: names === "" ? "there are no other tools" : `nothing found; the other tools are ${names}`,
        trust: "trusted",
      }
    }
    const bytes = yield* log.blob(prepared.tools)
    const before = bytes === null ? [] : toolsOf(transcript, new Map([[prepared.tools, bytes]]))
    const { blob, hash } = toolsBlob([...before, ...found])
    const left = deferred.filter((tool) => !found.includes(tool)).map(({ name }) => name)
    const payload = { sections: [...prepared.sections], tools: hash, deferred: left }
    const text = found.map(({ description, name }) => `${name}: ${description}`).join("\n\n")
    return {
      ok: true,
      text: `You can call these from now on:\n\n${text}`,
      trust: "trusted",
      drafts: [preparedDraft(transcript, payload, [blob])],
    }
  })
  return { definition: modelTool(contract), readOnly: false, run }
}
