/**
 * What a model is told of a place before the conversation begins: how people want to work here, what the sources hold, what
 * the work is at. Found anew whenever it is asked for; what of it goes into a prompt is in the log with its text.
 * Invariants: each section says where it comes from and how far it is trusted; whatever cannot be read is left out and
 * never fails the conversation; bounded in all.
 */
import { Context, Effect, Layer } from "effect"
import { matchesGlob, parseGlob } from "../../act/globPattern.ts"
import { ToolRegistry } from "../../act/ToolRegistry.ts"
import type { Trust } from "../../domain/action.ts"
import { AgentLog } from "../AgentLog.ts"
import { gatherInstructions } from "./gatherInstructions.ts"
import { RepositoryIndex } from "./RepositoryIndex.ts"
import { Trusted } from "./Trusted.ts"
import { workingState } from "./workingState.ts"

export interface ContextSection {
  /** `rules`, `repository`, `state`: in this order before the conversation, so that what changes most comes last. */
  readonly kind: "rules" | "repository" | "state"
  readonly source: string
  readonly trust: Trust
  readonly text: string
  readonly cut: string | null
  readonly pinned: boolean
}

export interface Place {
  /** Real path. */
  readonly workspace: string
  /** Folder of the work, relative to the workspace. */
  readonly folder: string
  /** Files spoken of or touched in the conversation, relative to the workspace. */
  readonly touched: ReadonlyArray<string>
}

const fits = (globs: ReadonlyArray<string>, path: string): boolean =>
  globs.some((pattern) => {
    const glob = parseGlob(pattern)
    return glob !== null && matchesGlob(glob, path)
  })

/** Characters of rules, wherever the conversation went. */
const rulesRoom = 80_000
/** Whose rules are looked for, the newest of those it went to. */
const mostFolders = 40

/** Characters: about 2,000 tokens. */
const mapRoom = 8_000

export class Discovery extends Context.Service<
  Discovery,
  {
    /** Rules alone: also of the folders of `touched`, and those that hold for such files. */
    readonly rules: (place: Place) => Effect.Effect<ReadonlyArray<ContextSection>>
    /** Rules, map of the sources and state of the work. */
    readonly all: (place: Place) => Effect.Effect<ReadonlyArray<ContextSection>>
  }
>()("claw/agent/Discovery") {
  static readonly layer = (options: { readonly home: string; readonly config: string }) =>
    Layer.effect(
      Discovery,
      Effect.gen(function* () {
        const trusted = yield* Trusted
        const index = yield* RepositoryIndex
        const registry = yield* ToolRegistry
        const log = yield* AgentLog

        const rules = Effect.fn("Discovery.rules")(function* ({ folder, touched, workspace }: Place) {
          const digests = yield* trusted.digests(workspace)
          const folders = [...new Set(touched.map((path) => path.split("/").slice(0, -1).join("/")))]
          const found: Array<ContextSection> = []
          let left = rulesRoom
          const leftOut: Array<string> = []
          for (const at of new Set([folder, ...folders.slice(-mostFolders)])) {
            const gathered = yield* gatherInstructions({
              workspace,
              folder: at,
              ...options,
              trusted: digests,
            })
            for (const { globs, ...section } of gathered.sections) {
              const holds = globs.length === 0 || touched.some((path) => fits(globs, path))
              if (!holds || found.some(({ source }) => source === section.source)) continue
              if (section.text.length > left) {
                if (!leftOut.includes(section.source)) leftOut.push(section.source)
                continue
              }
              left -= section.text.length
              found.push(section)
            }
          }
          const last = found.at(-1)
          if (last === undefined || leftOut.length === 0) return found
          const cut = `no room for ${leftOut.slice(0, 10).join(", ")}`
          return [...found.slice(0, -1), { ...last, cut: last.cut === null ? cut : `${last.cut}; ${cut}` }]
        })

        const recent = Effect.fnUntraced(function* (workspace: string) {
          const events = yield* log.recent({ workspace, types: ["fs.changed"], limit: 20 })
          const paths = events.flatMap((event) =>
            event.type === "fs.changed" && (event.payload as unknown) !== null
              ? event.payload.changes.map(({ path }) => path)
              : [],
          )
          return [...new Set(paths)].slice(0, 20)
        })

        const all = Effect.fn("Discovery.all")(function* (place: Place) {
          const { touched, workspace } = place
          const [written, state] = yield* Effect.all(
            [
              rules(place),
              Effect.provideService(workingState(workspace, options.home), ToolRegistry, registry),
            ],
            { concurrency: 2 },
          )
          const focus = [...new Set([...touched, ...(state?.changed ?? []), ...(yield* recent(workspace))])]
          const page = yield* index.map(workspace, { room: mapRoom, focus })
          const sources: ReadonlyArray<ContextSection> =
            page.text === ""
              ? []
              : [
                  {
                    kind: "repository",
                    source: "sources",
                    trust: "untrusted",
                    text: `${page.shown} of ${page.files} source files, each with the lines where things are defined:\n${page.text}`,
                    cut: page.missing,
                    pinned: false,
                  },
                ]
          const now: ReadonlyArray<ContextSection> =
            state === null
              ? []
              : [
                  {
                    kind: "state",
                    source: "git",
                    trust: "untrusted",
                    text: state.diff === null ? state.text : `${state.text}\n\n${state.diff}`,
                    cut: state.cut,
                    pinned: false,
                  },
                ]
          return [...written, ...sources, ...now]
        })

        return Discovery.of({ rules, all })
      }),
    )
}
