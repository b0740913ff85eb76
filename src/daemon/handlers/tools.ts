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

      const rows = registry.tools
        .filter((tool) => tool.listed)
        .map(({ name, description, hints, inputSchema, examples, limits, undo }) => ({
          v: 1 as const,
          name,
          description,
          hints,
          inputSchema,
          examples,
          limits,
          undo,
        }))
        .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))

      return ToolRpcs.of({
        Tools: () => Effect.succeed(rows),
        RequestCalls: Effect.fnUntraced(function* (ask) {
          if (!token.matches(ask.token)) {
            return yield* new CallError({
              reason: "person",
              message: "this request did not come from this user's own client (wrong token)",
            })
          }
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
