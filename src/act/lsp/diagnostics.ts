/**
 * Diagnostics of one document as it is now: asked for where the server answers such a question, else awaited as they are
 * published.
 * Invariant: what was published before the server was told of the newest text never counts.
 */
import { Effect } from "effect"
import { ToolError } from "../Tool.ts"
import { pulledOf, type Finding, type Some } from "./answers.ts"
import type { OpenDocument } from "./Documents.ts"
import { failed } from "./LanguageServer.ts"
import type { Conversation } from "./LanguageServers.ts"

/** Servers publish in steps (syntax first): the word counts once none follows for so long. */
const quietMs = 500

/** Questions whose answers only come once the steps are computed, so that they follow each other quickly. */
const barriers: Readonly<Record<string, (uri: string) => object>> = {
  typescript: (uri) => ({
    command: "typescript.tsserverRequest",
    arguments: ["semanticDiagnosticsSync", { file: uri }],
  }),
}

export const diagnosticsOf = Effect.fnUntraced(function* (
  { server }: Conversation,
  document: OpenDocument,
  timeoutMs: number,
): Effect.fn.Return<Some<Finding>, ToolError> {
  const { program, name } = server.place.spec
  const { uri } = document
  if (server.capabilities["diagnosticProvider"] !== undefined) {
    const answer = yield* server.request("textDocument/diagnostic", { textDocument: { uri } }, timeoutMs)
    const pulled = pulledOf(answer)
    return pulled ?? (yield* failed(`${program} answered with something that is no diagnostics`))
  }
  const newest = () => {
    const word = server.published.get(uri)
    if (word === undefined || word.count <= document.publishedBefore) return null
    return word.version === null || word.version === document.version ? word : null
  }
  const settled = Effect.gen(function* () {
    for (;;) {
      const next = server.nextPublication()
      const word = newest()
      if (word === null) yield* next
      else if ((yield* Effect.timeoutOption(next, quietMs))._tag === "None") return word.findings
    }
  }).pipe(
    Effect.timeoutOrElse({
      duration: timeoutMs,
      orElse: () => {
        const late = newest()
        return late === null
          ? Effect.fail(
              new ToolError({
                reason: "timeout",
                message: `${program} published no diagnostics within ${timeoutMs} ms`,
              }),
            )
          : Effect.succeed(late.findings)
      },
    }),
  )
  const barrier = barriers[name]?.(uri)
  if (barrier !== undefined) yield* server.request("workspace/executeCommand", barrier, timeoutMs)
  return yield* settled
})
