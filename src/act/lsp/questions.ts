/** The operations of `lsp`: the question each puts to a server, and what becomes of the answer. */
import { Effect } from "effect"
import { wrongInput } from "../attempt.ts"
import { shown } from "../paths.ts"
import type { ToolError } from "../Tool.ts"
import { hoverOf, placesOf, symbolsOf, type Position } from "./answers.ts"
import { diagnosticsOf } from "./diagnostics.ts"
import type { Conversation } from "./LanguageServers.ts"
import { renamePreview } from "./renamePreview.ts"
import { brief, renderFindings, renderPlaces, renderSymbols, type SeenPlace } from "./render.ts"
import { lineAt, lineStarts, offsetOf } from "./textEdits.ts"
import { WorkspaceFiles } from "./workspaceFiles.ts"

export const operations = [
  "diagnostics",
  "definition",
  "references",
  "hover",
  "symbols",
  "rename_preview",
] as const
export type Operation = (typeof operations)[number]

/** `position` is null, and `newName` empty, where the operation needs none. */
export interface Question {
  readonly operation: Operation
  /** Real path. */
  readonly path: string
  readonly position: Position | null
  readonly newName: string
  readonly timeoutMs: number
}

const mostPlaces = 100

const checkPosition = (
  name: string,
  text: string,
  starts: ReadonlyArray<number>,
  position: Position,
): ToolError | null => {
  if (offsetOf(text, starts, position) !== null) return null
  const line = lineAt(text, starts, position.line)
  return line === null
    ? wrongInput(`${name} has ${starts.length} lines; there is no line ${position.line + 1}`)
    : wrongInput(
        `line ${position.line + 1} of ${name} has ${line.length} characters, so character is at most ${line.length + 1}`,
      )
}

const seenPlaces = (answer: unknown, files: WorkspaceFiles) =>
  Effect.gen(function* () {
    const { dropped, found } = placesOf(answer)
    const seen: Array<SeenPlace> = []
    for (const place of found.slice(0, mostPlaces)) {
      const looked = yield* files.look(place.uri)
      if ("note" in looked) {
        seen.push({ name: looked.name, place, text: null, note: looked.note })
        continue
      }
      const starts = lineStarts(looked.text)
      const inside = offsetOf(looked.text, starts, place.range.start) !== null
      seen.push({
        name: looked.name,
        place,
        text: inside ? lineAt(looked.text, starts, place.range.start.line) : null,
        note: inside ? null : "outside the file",
      })
    }
    return { seen, dropped: dropped + Math.max(0, found.length - mostPlaces) }
  })

export const put = Effect.fnUntraced(function* (
  conversation: Conversation,
  question: Question,
): Effect.fn.Return<string, ToolError> {
  const { documents, server } = conversation
  const { newName, path, timeoutMs } = question
  const { spec, workspace } = server.place
  const name = shown(workspace, path)
  const document = yield* documents.show(path)
  const starts = lineStarts(document.text)
  const position = question.position ?? { line: 0, character: 0 }
  const wrong = checkPosition(name, document.text, starts, position)
  if (wrong !== null) return yield* wrong
  const textDocument = { uri: document.uri }
  const here = { textDocument, position }
  const files = new WorkspaceFiles(server.place)
  switch (question.operation) {
    case "diagnostics": {
      const findings = yield* diagnosticsOf(conversation, document, timeoutMs)
      return renderFindings(name, findings, (at) => offsetOf(document.text, starts, at) !== null)
    }
    case "definition": {
      const answer = yield* server.request("textDocument/definition", here, timeoutMs)
      const { dropped, seen } = yield* seenPlaces(answer, files)
      return renderPlaces("definition", seen, dropped)
    }
    case "references": {
      const params = { ...here, context: { includeDeclaration: true } }
      const answer = yield* server.request("textDocument/references", params, timeoutMs)
      const { dropped, seen } = yield* seenPlaces(answer, files)
      return renderPlaces("references", seen, dropped)
    }
    case "hover": {
      const hover = hoverOf(yield* server.request("textDocument/hover", here, timeoutMs))
      return hover === null || hover.trim() === "" ? "Nothing is known of that place." : brief(hover)
    }
    case "symbols": {
      const answer = yield* server.request("textDocument/documentSymbol", { textDocument }, timeoutMs)
      return renderSymbols(name, symbolsOf(answer))
    }
    case "rename_preview": {
      const answer = yield* server.request("textDocument/rename", { ...here, newName }, timeoutMs)
      return yield* renamePreview(answer, files, spec.program)
    }
  }
})
