/**
 * The files a server's answers point to, looked at for ourselves.
 * Invariant: only files of the workspace that are of the server's own languages are read, links followed before the name is
 * looked at, so that an answer cannot make us show a file nobody was asked about; the rest is named and not opened.
 */
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { knowsFile } from "../../../policies/tools/languageServers.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { textOf } from "../fileText.ts"
import { resolveInside, shown } from "../paths.ts"
import { readInside } from "../readFile.ts"
import type { ServerPlace } from "./LanguageServer.ts"

const mostRead = 50
const mostBytes = 4 * 1024 * 1024

export type Looked =
  | { readonly name: string; readonly path: string; readonly text: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly note: string }

const pathOf = (uri: string): string | null => {
  try {
    const url = new URL(uri)
    return url.protocol === "file:" ? fileURLToPath(url) : null
  } catch {
    return null
  }
}

export class WorkspaceFiles {
  readonly #place: ServerPlace
  readonly #known = new Map<string, Looked>()
  #read = 0

  constructor(place: ServerPlace) {
    this.#place = place
  }

  look(uri: string): Effect.Effect<Looked> {
    const known = this.#known.get(uri)
    if (known !== undefined) return Effect.succeed(known)
    return Effect.promise(() =>
      this.#look(uri).catch((): Looked => ({ name: neutralise(uri).slice(0, 300), note: "cannot be read" })),
    ).pipe(Effect.tap((looked) => Effect.sync(() => this.#known.set(uri, looked))))
  }

  async #look(uri: string): Promise<Looked> {
    const path = pathOf(uri)
    if (path === null) return { name: neutralise(uri).slice(0, 300), note: "not a file" }
    const { spec, workspace } = this.#place
    const name = shown(workspace, path).slice(0, 1000)
    const real = await resolveInside(path, workspace, workspace).catch(() => null)
    if (real === null) return { name, note: "outside the workspace, not read" }
    if (!knowsFile(spec, real))
      return { name: shown(workspace, real), note: "another kind of file, not read" }
    if (this.#read >= mostRead) return { name, note: "not read: too many files" }
    this.#read++
    const bytes = await readInside(real, workspace)
    const content = bytes.length > mostBytes ? { binary: "too large" } : textOf(bytes)
    return "binary" in content || !content.valid
      ? { name, note: "not read: no text" }
      : { name: shown(workspace, real), path: real, text: content.text, bytes }
  }
}
