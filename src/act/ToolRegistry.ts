/**
 * Every tool Claw has, by name. Inputs are decoded by each tool against its own schema before anything else.
 * Invariant: names are unique, and a name that is not here is an `input` error which says what there is.
 */
import { Context, Effect, Layer } from "effect"
import { defaultSettings } from "../config/Settings.ts"
import { refused, wrongInput } from "./attempt.ts"
import { neutralise } from "../domain/neutralise.ts"
import type { Agents } from "./Agents.ts"
import { applyPatchTool } from "./applyPatch.ts"
import { bashTool } from "./bash.ts"
import { ContentCache } from "./ContentCache.ts"
import type { ConfigAccess } from "./ConfigAccess.ts"
import { Conversation } from "./Conversation.ts"
import { agentTool } from "./conversation/agent.ts"
import { conversationTools } from "./conversation/conversationTools.ts"
import { editFileTool } from "./editFile.ts"
import { gitTool } from "./git.ts"
import { globSearchTool } from "./globSearch.ts"
import { grepSearchTool } from "./grepSearch.ts"
import { Journal } from "./Journal.ts"
import { lspTool } from "./lsp.ts"
import { LanguageServers } from "./lsp/LanguageServers.ts"
import { monitorTool } from "./monitor.ts"
import { Notifier } from "./Notifier.ts"
import { notebookEditTool } from "./notebookEdit.ts"
import { notifyTool } from "./notify.ts"
import type { ActSettings } from "./planParts.ts"
import { powerShellTool } from "./powershell.ts"
import { readFileTool } from "./readFile.ts"
import { replTool } from "./repl.ts"
import { Sandbox } from "./Sandbox.ts"
import { defaultBounds } from "./snapshot.ts"
import { taskOutputTool } from "./taskOutput.ts"
import { Tasks } from "./tasks/Tasks.ts"
import { taskStopTool } from "./taskStop.ts"
import type { Tool, ToolContext, ToolError, ToolPlan } from "./Tool.ts"
import { webFetchTool } from "./webFetch.ts"
import { webSearchTool } from "./webSearch.ts"
import type { WebOptions } from "./web/WebOptions.ts"
import { writeFileTool } from "./writeFile.ts"

export interface RegistryOptions {
  readonly holdsSecret: ActSettings["holdsSecret"]
  readonly redact: ActSettings["redact"]
  readonly bounds?: ActSettings["bounds"]
  readonly blockingMs?: number
  readonly yields?: (session: string) => Effect.Effect<boolean>
  /** How many erasures the log had: after one, contents that were in it may not be. Absent: none, ever. */
  readonly erasures?: Effect.Effect<number>
  /** Absent: the machine's network, and no search engine. */
  readonly web?: WebOptions
  /** Absent: the defaults, and nothing to change. */
  readonly config?: ConfigAccess
  /** Who keeps the children of conversations; absent: nobody, and there is no tool for it. */
  readonly agents?: Agents["Service"]
}

const noConfig: ConfigAccess = {
  settings: () => Effect.succeed(defaultSettings),
  change: () => Effect.fail(refused("there is no configuration here")),
}

export class ToolRegistry extends Context.Service<
  ToolRegistry,
  {
    readonly tools: ReadonlyArray<Tool>
    readonly get: (name: string) => Tool | undefined
    readonly plan: (
      name: string,
      input: Readonly<Record<string, unknown>>,
      context: ToolContext,
    ) => Effect.Effect<ToolPlan, ToolError>
  }
>()("claw/act/ToolRegistry") {
  static readonly layer = (options: RegistryOptions) =>
    Layer.effect(
      ToolRegistry,
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const notifier = yield* Notifier
        const tasks = yield* Tasks
        const servers = yield* LanguageServers
        const conversation = yield* Conversation
        const journal = yield* Journal
        const { bounds = defaultBounds, erasures = Effect.succeed(0), holdsSecret, redact } = options
        const contents = new ContentCache()
        const { blockingMs, yields } = options
        const settings: ActSettings = {
          bounds,
          holdsSecret,
          redact,
          contents,
          ...(blockingMs === undefined ? {} : { blockingMs }),
          ...(yields === undefined ? {} : { yields }),
        }
        const web: WebOptions = options.web ?? { search: Effect.succeed(null), environment: {} }
        const tools: ReadonlyArray<Tool> = [
          readFileTool(settings),
          writeFileTool(settings),
          editFileTool(settings),
          applyPatchTool(settings),
          notebookEditTool(settings),
          globSearchTool(settings),
          grepSearchTool(settings),
          bashTool({ sandbox, tasks }, settings),
          monitorTool({ sandbox, tasks }, settings),
          taskOutputTool(tasks, settings),
          taskStopTool(tasks, settings),
          lspTool({ sandbox, servers }, settings),
          replTool({ sandbox, tasks }, settings),
          powerShellTool({ sandbox, tasks }, settings, (yield* sandbox.find("pwsh", null)) !== null),
          gitTool(sandbox, settings),
          notifyTool(notifier, journal, settings),
          webFetchTool(web, settings),
          webSearchTool(web, settings),
          ...(options.agents === undefined ? [] : [agentTool(options.agents, settings)]),
          ...conversationTools(conversation, journal, options.config ?? noConfig, settings),
        ]
        const byName = new Map(tools.map((tool) => [tool.name, tool]))
        const plan: ToolRegistry["Service"]["plan"] = (name, input, context) => {
          const tool = byName.get(name)
          return tool === undefined
            ? Effect.fail(
                wrongInput(
                  `there is no tool ${neutralise(name.slice(0, 60))}; there are ${[...byName.keys()].join(", ")}`,
                ),
              )
            : Effect.andThen(
                Effect.map(erasures, (count) => contents.heard(count)),
                tool.plan(input, context),
              )
        }
        return ToolRegistry.of({ tools, get: (name) => byName.get(name), plan })
      }),
    )
}
