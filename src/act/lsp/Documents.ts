/**
 * What a server was told of the files on the disk. Before each question everything it has open is compared with the disk,
 * so that it answers for what is there now.
 * Invariant: it is never told a text that is not the file's, and has at most so many files open.
 */
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { languageIdOf } from "../../../policies/tools/languageServers.ts"
import { attempt, refused } from "../attempt.ts"
import { sha256 } from "../boundedOutput.ts"
import { textOf } from "../fileText.ts"
import { shown } from "../paths.ts"
import { readInside } from "../readFile.ts"
import type { ToolError } from "../Tool.ts"
import type { LanguageServer } from "./LanguageServer.ts"

const mostOpen = 32
const mostBytes = 4 * 1024 * 1024

export interface OpenDocument {
  readonly path: string
  readonly uri: string
  readonly version: number
  readonly hash: string
  readonly text: string
  /** How often something was published for it before it was told as it is now. */
  readonly publishedBefore: number
}

export class Documents {
  readonly #server: LanguageServer
  /** Oldest use first. */
  readonly #open = new Map<string, OpenDocument>()

  constructor(server: LanguageServer) {
    this.#server = server
  }

  /** Told as it is on the disk now, and everything else that is open as well. */
  show(path: string): Effect.Effect<OpenDocument, ToolError> {
    return Effect.gen({ self: this }, function* () {
      for (const known of this.#open.values()) {
        if (known.path !== path) yield* this.#refresh(known)
      }
      const known = this.#open.get(path)
      this.#open.delete(path)
      const document =
        known === undefined ? yield* this.#opened(path) : yield* this.#changed(known, yield* this.#read(path))
      this.#open.set(path, document)
      for (const oldest of [...this.#open.values()].slice(0, -mostOpen)) yield* this.#close(oldest)
      return document
    })
  }

  #read(path: string): Effect.Effect<{ readonly text: string; readonly hash: string }, ToolError> {
    const { workspace } = this.#server.place
    const name = shown(workspace, path)
    return Effect.gen(function* () {
      const bytes = yield* attempt(`read ${name}`, () => readInside(path, workspace))
      if (bytes.length > mostBytes) return yield* refused(`${name} is larger than 4 MiB`)
      const content = textOf(bytes)
      if ("binary" in content) return yield* refused(`${name} is binary: ${content.binary}`)
      return { text: content.text, hash: sha256(bytes) }
    })
  }

  #opened(path: string): Effect.Effect<OpenDocument, ToolError> {
    return Effect.gen({ self: this }, function* () {
      const { hash, text } = yield* this.#read(path)
      const uri = pathToFileURL(path).href
      const { published, place, watched } = this.#server
      const publishedBefore = published.get(uri)?.count ?? 0
      watched.add(uri)
      const languageId = languageIdOf(place.spec, path)
      yield* this.#server.notify("textDocument/didOpen", {
        textDocument: { uri, languageId, version: 1, text },
      })
      return { path, uri, version: 1, hash, text, publishedBefore }
    })
  }

  #changed(
    known: OpenDocument,
    { hash, text }: { readonly text: string; readonly hash: string },
  ): Effect.Effect<OpenDocument, ToolError> {
    if (known.hash === hash) return Effect.succeed(known)
    const { uri } = known
    const version = known.version + 1
    const publishedBefore = this.#server.published.get(uri)?.count ?? 0
    return Effect.as(
      this.#server.notify("textDocument/didChange", {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      }),
      { ...known, version, hash, text, publishedBefore },
    )
  }

  /** One that cannot be read any more is closed. */
  #refresh(known: OpenDocument): Effect.Effect<void, ToolError> {
    return Effect.gen({ self: this }, function* () {
      const now = yield* Effect.option(this.#read(known.path))
      if (now._tag === "None") return yield* this.#close(known)
      this.#open.set(known.path, yield* this.#changed(known, now.value))
    })
  }

  #close({ path, uri }: OpenDocument): Effect.Effect<void, ToolError> {
    this.#open.delete(path)
    this.#server.watched.delete(uri)
    this.#server.published.delete(uri)
    return this.#server.notify("textDocument/didClose", { textDocument: { uri } })
  }
}
