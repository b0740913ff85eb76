/** Calls about tools: what there is, a person's request for one, its results. */
import { Effect, SubscriptionRef } from "effect"
import { ToolRegistry } from "../../act/ToolRegistry.ts"
import { CallError } from "../../domain/callResult.ts"
import { Calls } from "../../loop/Calls.ts"
import { Folds } from "../../loop/Folds.ts"
import { ToolRpcs } from "../../rpc/toolShapes.ts"
import { Token } from "../Token.ts"
import { workspaceOf } from "../sources.ts"
import { watchable } from "../watchable.ts"

export const toolHandlers = ({ home }: { readonly home: string }) =>
  ToolRpcs.toLayer(
    Effect.gen(function* () {
      const registry = yield* ToolRegistry
      const calls = yield* Calls
      const folds = yield* Folds
      const token = yield* Token

      const listed = registry.tools
        .filter((tool) => tool.listed)
        .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
      const rows = Effect.forEach(listed, (tool) =>
        Effect.map(tool.off ?? Effect.succeed(null), (off) => ({
          v: 1 as const,
          name: tool.name,
          description: tool.description,
          hints: tool.hints,
          inputSchema: tool.inputSchema,
          examples: tool.examples,
          limits: tool.limits,
          readOnlyForms: tool.readOnlyForms,
          off,
          undo: tool.undo,
        })),
      )

      return ToolRpcs.of({
        Tools: () => rows,
        RequestCalls: Effect.fnUntraced(function* (ask) {
          yield* Effect.mapError(
            token.person(ask),
            ({ message }) => new CallError({ reason: "person", message }),
          )
          const dir = yield* watchable(ask.dir, home).pipe(
            Effect.mapError((error) => new CallError({ reason: "input", message: error.message })),
          )
          const { control } = yield* SubscriptionRef.get(folds.snapshot)
          return yield* calls.request({
            workspace: workspaceOf(control.workspaces, dir) ?? dir,
            cwd: dir,
            calls: ask.calls,
            actor: `user:${ask.surface}`,
            trust: "trusted",
            session: null,
          })
        }),
        CallResults: ({ id }) => calls.results(id),
      })
    }),
  )
