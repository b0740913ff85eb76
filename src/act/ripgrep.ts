/**
 * One run of the packaged ripgrep, as a stream of what it found. It reads files and nothing else: no configuration file, no
 * preprocessor, no decompression, no link followed; its engine takes time in proportion to the text, whatever the pattern.
 * Invariants: the folder that is searched is the one that was opened and checked, also if its name leads elsewhere by
 * then; what is handed on of a file stands in the file that is reached below it without a link, so a folder that was
 * swapped for a link while it was searched shows nothing of where that leads.
 */
import { constants } from "node:fs"
import { open, readlink } from "node:fs/promises"
import { Deferred, Effect, Schema } from "effect"
import { attempt, refused, wrongInput } from "./attempt.ts"
import { fold, isCredential } from "../../policies/names.ts"
import { neutralise } from "../domain/neutralise.ts"
import { readBelow } from "./openBelow.ts"
import { nameOf } from "./pathNames.ts"
import { inside } from "./paths.ts"
import { runProcess } from "./runProcess.ts"
import { ToolError } from "./Tool.ts"

/** Text, or base64 where it is not UTF-8. */
const Data = Schema.Union([Schema.Struct({ text: Schema.String }), Schema.Struct({ bytes: Schema.String })])
const Line = Schema.Struct({
  path: Data,
  lines: Data,
  line_number: Schema.NullOr(Schema.Finite),
})
const Message = Schema.Union([
  Schema.Struct({ type: Schema.Literals(["match", "context"]), data: Line }),
  Schema.Struct({
    type: Schema.Literal("end"),
    data: Schema.Struct({ path: Data, stats: Schema.Struct({ matched_lines: Schema.Finite }) }),
  }),
  Schema.Struct({ type: Schema.Literals(["begin", "summary"]) }),
])
const decodeMessage = Schema.decodeUnknownOption(Schema.fromJsonString(Message))

export type Found =
  | {
      readonly _tag: "line"
      readonly matched: boolean
      readonly path: string
      readonly line: number
      readonly text: string
    }
  /** The last word on a file. */
  | { readonly _tag: "file"; readonly path: string; readonly lines: number }

export interface Search {
  /** Real path, inside `workspace`. */
  readonly folder: string
  readonly workspace: string
  readonly home: string
  readonly args: ReadonlyArray<string>
  readonly timeoutMs: number
}

/** Of one file so many lines are looked at together. */
const mostWaiting = 500
/** A line of its output is one event; a longer one (a file without line ends) is left out. */
const maxLine = 1024 * 1024

const textOf = (data: typeof Data.Type): string =>
  "text" in data ? data.text : Buffer.from(data.bytes, "base64").toString("utf8")

/** A name of bytes that are not UTF-8 stays the one it is. */
const pathOf = (data: typeof Data.Type): string =>
  "text" in data ? data.text : nameOf(Buffer.from(data.bytes, "base64"))

const foundIn = (line: string): Found | null => {
  const message = decodeMessage(line)
  if (message._tag === "None") return null
  switch (message.value.type) {
    case "match":
    case "context": {
      const { path, lines, line_number: number } = message.value.data
      return {
        _tag: "line",
        matched: message.value.type === "match",
        path: pathOf(path),
        line: number ?? 0,
        text: textOf(lines),
      }
    }
    case "end": {
      const { path, stats } = message.value.data
      return { _tag: "file", path: pathOf(path), lines: stats.matched_lines }
    }
    case "begin":
    case "summary":
      return null
  }
}

const program = Effect.tryPromise({
  try: () => import("@vscode/ripgrep"),
  catch: () =>
    refused("ripgrep is not installed for this machine: reinstall Claw with its optional packages"),
}).pipe(Effect.map(({ rgPath }) => rgPath))

const openedAt = (search: Search) =>
  Effect.acquireRelease(
    attempt(`search ${search.folder}`, () => open(search.folder, constants.O_RDONLY | constants.O_DIRECTORY)),
    (handle) => Effect.promise(() => handle.close()),
  ).pipe(
    Effect.flatMap((handle) =>
      attempt(`search ${search.folder}`, async () => {
        const pinned = `/proc/${process.pid}/fd/${handle.fd}`
        const real = await readlink(pinned).catch(() => null)
        if (real === null) return search.folder
        if (!inside(search.workspace, real)) throw refused(`${neutralise(search.folder)} leads outside`)
        return pinned
      }),
    ),
  )

const maxBytes = 4 * 1024 * 1024

const decoderFor = (bytes: Uint8Array): TextDecoder => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le")
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be")
  return new TextDecoder()
}

/** Do these lines stand in the file of this path, as it is reached from the folder without following a link? */
const standsBelow = (folder: string, path: string, lines: ReadonlyArray<Found>): boolean => {
  const below = path.replace(/^\.\//, "")
  if (isCredential(below.split("/").map(fold), false)) return false
  const bytes = readBelow(folder, below, maxBytes)
  if (bytes === null) return false
  const text = decoderFor(bytes).decode(bytes)
  const starts = [0]
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return lines.every(
    (found) =>
      found._tag === "file" || text.startsWith(found.text, starts[found.line - 1] ?? text.length + 1),
  )
}

/** Hands each thing found to `take`, which says false where it has enough. */
export const ripgrep = (search: Search, take: (found: Found) => boolean): Effect.Effect<void, ToolError> =>
  Effect.gen(function* () {
    const file = yield* program
    const cwd = yield* openedAt(search)
    const enough = yield* Deferred.make<null>()
    const decoder = new TextDecoder()
    const said: Array<string> = []
    let rest = ""
    let skipping = false
    let stopped = false
    /** Lines of the file that is being searched, until its last word. */
    let waiting: Array<Found> = []
    const line = (text: string): void => {
      if (stopped || text === "") return
      if (!text.startsWith("{")) {
        if (said.length < 5) said.push(text)
        return
      }
      const found = foundIn(text)
      if (found === null) return
      waiting.push(found)
      if (found._tag === "line" && waiting.length < mostWaiting) return
      const lines = waiting
      waiting = []
      const sure = (found._tag === "file" && found.lines === 0) || standsBelow(cwd, found.path, lines)
      if (!sure || lines.every((each) => take(each))) return
      stopped = true
      Deferred.doneUnsafe(enough, Effect.succeed(null))
    }
    const onOutput = (chunk: Uint8Array): void => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
      rest = lines.pop()!
      for (const text of lines) {
        if (!skipping) line(text)
        skipping = false
      }
      if (rest.length <= maxLine) return
      rest = ""
      skipping = true
    }
    const result = yield* Effect.raceFirst(
      runProcess({
        file,
        args: [
          "--no-config",
          "--no-ignore-messages",
          "--json",
          "--max-filesize=4M",
          "--no-require-git",
          "--sort=path",
          ...search.args,
        ],
        cwd,
        env: { HOME: search.home },
        timeoutMs: search.timeoutMs,
        keepBytes: 0,
        onOutput,
      }),
      Deferred.await(enough),
    )
    if (result === null) return
    if (!skipping) line(rest)
    if (result.timedOut)
      return yield* new ToolError({
        reason: "timeout",
        message: `grep_search: stopped after ${search.timeoutMs} ms; search a smaller folder`,
      })
    // 0 something, 1 nothing, 2 an error, also beside results (a file that cannot be read)
    if (result.exit === 2 && said.length > 0 && !said.every((text) => /\((os error \d+)\)$/.test(text)))
      return yield* wrongInput(
        `grep_search: ${neutralise(said.join(" ").replace(/^rg: /, "")).replaceAll("\n", " ").slice(0, 400)}`,
      )
  }).pipe(Effect.scoped)
