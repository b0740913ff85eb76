/**
 * What a language server may answer, as schemas: what does not fit is dropped and counted, because a server is a program of
 * the workspace and may say anything. Pure.
 */
import { Option, Schema } from "effect"

const Index = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 - 1 }))
export const Position = Schema.Struct({ line: Index, character: Index })
export type Position = typeof Position.Type
export const Range = Schema.Struct({ start: Position, end: Position })
export type Range = typeof Range.Type

const Location = Schema.Struct({ uri: Schema.String, range: Range })
const LocationLink = Schema.Struct({ targetUri: Schema.String, targetSelectionRange: Range })
export interface Place {
  readonly uri: string
  readonly range: Range
}

const Markup = Schema.Struct({ value: Schema.String })
const Marked = Schema.Union([Schema.String, Markup])
const Hover = Schema.Struct({ contents: Schema.Union([Marked, Schema.Array(Marked)]) })

const Diagnostic = Schema.Struct({
  range: Range,
  severity: Schema.optionalKey(Schema.Literals([1, 2, 3, 4])),
  code: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite])),
  source: Schema.optionalKey(Schema.String),
  message: Marked,
})
export interface Finding {
  readonly range: Range
  readonly severity: 1 | 2 | 3 | 4
  readonly code: string | null
  readonly source: string | null
  readonly message: string
}
const Published = Schema.Struct({
  uri: Schema.String,
  version: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  diagnostics: Schema.Array(Schema.Unknown),
})
const Pulled = Schema.Struct({ items: Schema.Array(Schema.Unknown) })

const SymbolEntry = Schema.Struct({
  name: Schema.String,
  kind: Schema.Finite,
  selectionRange: Schema.optionalKey(Range),
  location: Schema.optionalKey(Schema.Struct({ uri: Schema.String, range: Range })),
  children: Schema.optionalKey(Schema.Array(Schema.Unknown)),
})
export interface FoundSymbol {
  readonly name: string
  readonly kind: number
  readonly depth: number
  readonly at: Position
}

const TextEdit = Schema.Struct({ range: Range, newText: Schema.String })
export type TextEdit = typeof TextEdit.Type
const DocumentEdit = Schema.Struct({
  textDocument: Schema.Struct({ uri: Schema.String }),
  edits: Schema.Array(TextEdit),
})
const FileOperation = Schema.Struct({ kind: Schema.Literals(["create", "rename", "delete"]) })
const WorkspaceEdit = Schema.Struct({
  changes: Schema.optionalKey(Schema.Record(Schema.String, Schema.Array(TextEdit))),
  documentChanges: Schema.optionalKey(Schema.Array(Schema.Union([DocumentEdit, FileOperation]))),
})

const readLocation = Schema.decodeUnknownOption(Location)
const readLink = Schema.decodeUnknownOption(LocationLink)
const readHover = Schema.decodeUnknownOption(Hover)
const readDiagnostic = Schema.decodeUnknownOption(Diagnostic)
const readPublished = Schema.decodeUnknownOption(Published)
const readPulled = Schema.decodeUnknownOption(Pulled)
const readSymbol = Schema.decodeUnknownOption(SymbolEntry)
const readEdit = Schema.decodeUnknownOption(WorkspaceEdit)

/** Of any list that claims to be one, so many entries are looked at. */
const mostEntries = 1000

export interface Some<A> {
  readonly found: ReadonlyArray<A>
  /** Entries that are no such thing, or beyond the bound. */
  readonly dropped: number
}

const each = <A>(answer: unknown, read: (entry: unknown) => A | null): Some<A> => {
  const all: ReadonlyArray<unknown> = Array.isArray(answer) ? answer : answer === null ? [] : [answer]
  const found = all.slice(0, mostEntries).flatMap((entry) => {
    const one = read(entry)
    return one === null ? [] : [one]
  })
  return { found, dropped: all.length - found.length }
}

export const placesOf = (answer: unknown): Some<Place> =>
  each(answer ?? null, (entry) => {
    const link = Option.getOrNull(readLink(entry))
    return link === null
      ? Option.getOrNull(readLocation(entry))
      : { uri: link.targetUri, range: link.targetSelectionRange }
  })

const textOf = (marked: typeof Marked.Type): string => (typeof marked === "string" ? marked : marked.value)

export const hoverOf = (answer: unknown): string | null => {
  const hover = Option.getOrNull(readHover(answer))
  if (hover === null) return null
  const { contents } = hover
  return (Array.isArray(contents) ? contents : [contents as typeof Marked.Type]).map(textOf).join("\n\n")
}

const findingsOf = (entries: ReadonlyArray<unknown>): Some<Finding> =>
  each(entries, (entry) => {
    const found = Option.getOrNull(readDiagnostic(entry))
    return found === null
      ? null
      : {
          range: found.range,
          severity: found.severity ?? 1,
          code: found.code === undefined ? null : String(found.code),
          source: found.source ?? null,
          message: textOf(found.message),
        }
  })

export const publishedOf = (
  params: unknown,
): { readonly uri: string; readonly version: number | null; readonly findings: Some<Finding> } | null => {
  const published = Option.getOrNull(readPublished(params))
  return published === null
    ? null
    : {
        uri: published.uri,
        version: published.version ?? null,
        findings: findingsOf(published.diagnostics),
      }
}

export const pulledOf = (answer: unknown): Some<Finding> | null => {
  const pulled = Option.getOrNull(readPulled(answer))
  return pulled === null ? null : findingsOf(pulled.items)
}

/** Flat, each with its depth. */
export const symbolsOf = (answer: unknown): Some<FoundSymbol> => {
  const found: Array<FoundSymbol> = []
  let dropped = 0
  const walk = (entries: ReadonlyArray<unknown>, depth: number): void => {
    for (const entry of entries) {
      const symbol = Option.getOrNull(readSymbol(entry))
      const at = symbol?.selectionRange?.start ?? symbol?.location?.range.start
      if (symbol === null || at === undefined || found.length >= mostEntries || depth > 20) {
        dropped++
        continue
      }
      found.push({ name: symbol.name, kind: symbol.kind, depth, at })
      walk(symbol.children ?? [], depth + 1)
    }
  }
  walk(Array.isArray(answer) ? answer : [], 0)
  return { found, dropped }
}

export interface EditsOfFile {
  readonly uri: string
  readonly edits: ReadonlyArray<TextEdit>
}

/** Null where it is no edit at all. `operations`: files it would make, move or delete. */
export const workspaceEditOf = (
  answer: unknown,
): { readonly files: ReadonlyArray<EditsOfFile>; readonly operations: number } | null => {
  const edit = Option.getOrNull(readEdit(answer))
  if (edit === null) return null
  const changes = edit.documentChanges
  if (changes === undefined) {
    return {
      files: Object.entries(edit.changes ?? {}).map(([uri, edits]) => ({ uri, edits })),
      operations: 0,
    }
  }
  const files = changes.flatMap((change) =>
    "edits" in change ? [{ uri: change.textDocument.uri, edits: change.edits }] : [],
  )
  return { files, operations: changes.length - files.length }
}
