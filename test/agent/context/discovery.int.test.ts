/** What a model is told of a place: its rules, its sources and the state of the work, as they are on disk. */
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Layer, Stream } from "effect"
import { describe, expect, it } from "@effect/vitest"
import { ToolRegistry } from "../../../src/act/ToolRegistry.ts"
import { AgentLog } from "../../../src/agent/AgentLog.ts"
import { Discovery } from "../../../src/agent/context/Discovery.ts"
import { RepositoryIndex } from "../../../src/agent/context/RepositoryIndex.ts"
import { Trusted } from "../../../src/agent/context/Trusted.ts"
import { draft, type Event } from "../../../src/domain/event.ts"
import { type Tools, withTools } from "../../act/toolFixture.ts"

/** The log as the context reads it: changed files in it as the watcher would say them. */
const changes = () => {
  const events: Array<Event> = []
  const layer = Layer.succeed(
    AgentLog,
    AgentLog.of({
      append: () => Effect.succeed([]),
      appendAfter: () => Effect.succeed([]),
      read: () => Effect.succeed([]),
      follow: () => Stream.empty,
      events: () => Effect.succeed([]),
      recent: ({ limit }: { readonly limit: number }) =>
        Effect.sync(() => events.toReversed().slice(0, limit)),
      blob: () => Effect.succeed(null),
      sessions: Effect.succeed({}),
      head: Effect.sync(() => events.length),
    } as unknown as AgentLog["Service"]),
  )
  const changed = (kind: "add" | "change" | "unlink", path: string, truncated = false) => {
    const counts = { add: 0, change: 1, unlink: 0, rename: 0 }
    const payload = { changes: [{ path, kind }], counts, truncated, cause: "watch" as const }
    const made = draft("fs.changed", payload as never, { actor: "source:fs", trust: "untrusted" })
    events.push({
      ...made,
      seq: events.length + 1,
      id: `e${events.length}`,
      at: "2026-01-01T00:00:00.000Z",
    } as Event)
  }
  return { layer, changed }
}

const put = (tools: Tools, files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) {
    const file = join(tools.place.workspace, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
const git = (tools: Tools, ...args: ReadonlyArray<string>) =>
  execFileSync("git", [...args], {
    cwd: tools.place.workspace,
    env: { PATH: process.env["PATH"]!, HOME: tools.place.home },
    stdio: ["ignore", "pipe", "pipe"],
  }).toString()

const served = <A, E>(
  body: (tools: Tools, log: ReturnType<typeof changes>) => Effect.Effect<A, E, Discovery | RepositoryIndex>,
) =>
  withTools((tools) => {
    const log = changes()
    const { home } = tools.place
    const layer = Discovery.layer({ home, config: join(home, ".config", "claw") }).pipe(
      Layer.provideMerge(RepositoryIndex.layer({ home })),
      Layer.provide([
        log.layer,
        Layer.succeed(ToolRegistry, tools.registry),
        Layer.succeed(Trusted, Trusted.of({ digests: () => Effect.succeed({}) })),
      ]),
    )
    return body(tools, log).pipe(Effect.provide(layer))
  })

describe("what a model is told of a place", () => {
  it.effect("is rules, sources and the state of the work, in this order", () =>
    served((tools) =>
      Effect.gen(function* () {
        put(tools, {
          "AGENTS.md": "Use tabs.",
          "src/core.ts": "export const core = 1\n",
          "src/a.ts": 'import { core } from "./core.ts"\nexport const a = core\n',
          ".env": "TOKEN=first\n",
        })
        git(tools, "init", "-q", "-b", "trunk")
        git(tools, "add", "-A", "-f")
        git(tools, "commit", "-qm", "Began")
        put(tools, { "src/a.ts": "export const a = 2\n", ".env": "TOKEN=planted-in-env\n" })
        const discovery = yield* Discovery
        const place = { workspace: tools.place.workspace, folder: "", touched: [] }
        const sections = yield* discovery.all(place)
        expect(sections.map(({ kind, source, trust }) => `${kind} ${source} ${trust}`)).toEqual([
          "rules AGENTS.md untrusted",
          "repository sources untrusted",
          "state git untrusted",
        ])
        expect(sections[1]!.text).toContain("src/core.ts\n  1: export const core = 1")
        const state = sections[2]!.text
        expect(state).toContain("on branch trunk")
        expect(state).toContain("Began")
        expect(state).toContain("+export const a = 2")
        expect(state).toContain("changes of .env are not shown")
        expect(state).not.toContain("planted-in-env")
      }),
    ),
  )

  it.effect("has the rules of folders and files that come up", () =>
    served((tools) =>
      Effect.gen(function* () {
        put(tools, {
          "AGENTS.md": "Top.",
          "web/CLAUDE.md": "In web.",
          ".cursor/rules/css.mdc": "---\nglobs: web/**/*.css\n---\nNo important.",
        })
        const discovery = yield* Discovery
        const { workspace } = tools.place
        const rules = (touched: ReadonlyArray<string>) =>
          Effect.map(discovery.rules({ workspace, folder: "", touched }), (all) =>
            all.map(({ source }) => source),
          )
        expect(yield* rules([])).toEqual(["AGENTS.md"])
        expect(yield* rules(["web/x.ts"])).toEqual(["AGENTS.md", "web/CLAUDE.md"])
        expect(yield* rules(["web/in/x.css"])).toEqual([
          ".cursor/rules/css.mdc",
          "AGENTS.md",
          "web/CLAUDE.md",
        ])
      }),
    ),
  )
})

describe("the map of the sources", () => {
  it.effect("is kept up by what the log says changed, and by nothing else", () =>
    served((tools, log) =>
      Effect.gen(function* () {
        put(tools, {
          "a.ts": "export const one = 1\n",
          "b.ts": "export const two = 2\n",
          ".gitignore": "gone.ts\n",
        })
        put(tools, { "gone.ts": "export const ignored = 1\n" })
        const index = yield* RepositoryIndex
        const page = Effect.map(
          index.map(tools.place.workspace, { room: 4_000, focus: [] }),
          ({ text }) => text,
        )
        expect(yield* page).toBe("a.ts\n  1: export const one = 1\nb.ts\n  1: export const two = 2")
        put(tools, { "a.ts": "export const three = 3\n", "c.ts": "export const four = 4\n" })
        expect(yield* page).toContain("one")
        log.changed("change", "a.ts")
        rmSync(join(tools.place.workspace, "b.ts"))
        log.changed("unlink", "b.ts")
        expect(yield* page).toBe("a.ts\n  1: export const three = 3")
        // a burst too large to be listed: everything is read anew
        log.changed("change", "a.ts", true)
        expect(yield* page).toContain("c.ts")
      }),
    ),
  )
})
