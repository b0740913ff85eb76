/**
 * Finding: a scan of the past, in both directions, and the filter of a live tail say the same as a plain reading of each
 * condition, for any combination of them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import fc from "fast-check"
import type { Query } from "../../log-store/LogStore.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { emptyCommit } from "../../log-store/Backend.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { Reader } from "../../log-store/Reader.ts"
import { decodeHead, decodeTypes, headRecord, typesRecord } from "../../log-store/records.ts"
import { Scan } from "../../log-store/Scan.ts"
import { Sketches } from "../../log-store/Sketches.ts"
import { queryMatcher } from "../../log-store/queryMatcher.ts"
import { upcaster } from "../../log-store/upcasts.ts"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"

const workspace = "/home/dev/shop"
const changed = (paths: ReadonlyArray<string>, header = {}) =>
  draft(
    "fs.changed",
    {
      changes: paths.map((path) => ({ path, kind: "change" as const })),
      counts: { add: 0, change: paths.length, unlink: 0, rename: 0 },
      truncated: false,
      cause: "watch",
    },
    { actor: "source:fs", workspace, ...header },
  )
const ran = (command: string, exit: number, header = {}) =>
  draft(
    "terminal.command",
    {
      command,
      cwd: workspace,
      exit,
      durationMs: 5,
      shell: "zsh",
      session: "zsh-1-1",
      authorKind: "user",
      startedAt: "2026-01-02T03:04:05.000Z",
      position: { file: "spool", offset: 137 },
    },
    { actor: "source:terminal", workspace, ...header },
  )
const health = (detail: string, header = {}) =>
  draft(
    "daemon.health",
    { component: "c", state: "running", backend: null, detail },
    { actor: "daemon", ...header },
  )
const started = (argv: ReadonlyArray<string>, header = {}) =>
  draft(
    "tool.started",
    {
      suggestion: "s_1",
      call: "s_1#0",
      tool: "bash",
      input: { path: `${workspace}/src/deep/x.ts` },
      commands: [argv],
      sandbox: "none",
      digest: "0".repeat(64),
      undo: { possible: true, reason: null, before: [], refs: {} },
    },
    { actor: "tool:bash", workspace, ...header },
  )

/** One event of each sort: what they say differs by `n`. */
const sorts: ReadonlyArray<(n: number, header: Partial<EventDraft>) => EventDraft> = [
  (n, header) => changed([`src/deep/x${n % 5}.ts`, "docs/é.md"], header),
  (n, header) =>
    ran(n % 2 === 0 ? "npm test -- --run" : 'git commit -m "Größe"', n % 4 === 0 ? 1 : 0, header),
  (n, header) => health(n % 7 === 0 ? "x".repeat(6000) + ' Größe said "no"\n' : `C:\\new ${n}`, header),
  (n, header) => started(["npm", "test", `src/x${n % 3}.ts`], header),
  (_, header) => changed(["package.json"], { ...header, workspace: null }),
]

const backend = memoryBackend()
const log = Effect.gen(function* () {
  const store = yield* makeStore({ backend, upcast: upcaster({}), place: "memory" })
  const ids: Array<string> = []
  for (let n = 0; n < 260; n++) {
    const header = {
      causationId: n % 3 === 0 || n < 8 ? null : ids[(n * 7) % ids.length]!,
      correlationId: n % 11 === 0 ? `s_${n % 4}` : null,
    }
    // In commits of one, of some and of many events, so that chunks of every size are there.
    const many = n > 240 ? 25 : n > 100 ? 3 : 1
    const drafts = Array.from({ length: many }, (_, m) => sorts[(n + m) % sorts.length]!(n + m, header))
    for (const event of yield* store.append(drafts)) ids.push(event.id)
  }
  yield* store.erase([3, 8, 40, 300], "test", "user:cli")
  return store
})

const pathsIn: Record<string, (payload: never) => ReadonlyArray<string>> = {
  "fs.changed": (p: { changes: ReadonlyArray<{ path: string }> }) => p.changes.map(({ path }) => path),
  "tool.started": (p: { input: { path: string } }) => [p.input.path.slice(workspace.length + 1)],
}
const commandsIn: Record<string, (payload: never) => ReadonlyArray<string>> = {
  "terminal.command": (p: { command: string }) => [p.command],
  "tool.started": (p: { commands: ReadonlyArray<ReadonlyArray<string>> }) =>
    p.commands.map((argv) => argv.join(" ")),
}
const strings = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)])
      : []
/** The conditions once more, read off the query in the plainest way; path globs are folders or whole names here. */
const answers = (query: Query, event: Event, caused: ReadonlySet<number>): boolean => {
  const erased = event.payload === null
  const any = (table: typeof pathsIn, holds: (text: string) => boolean) =>
    !erased && (table[event.type]?.(event.payload as never) ?? []).some(holds)
  const lower = (text: string) => text.toLowerCase()
  const asks: ReadonlyArray<boolean> = [
    query.from === undefined || event.seq >= query.from,
    query.to === undefined || event.seq <= query.to,
    query.types === undefined || query.types.includes(event.type) || query.types.includes("*"),
    query.workspace === undefined || event.workspace === query.workspace,
    query.actors === undefined || query.actors.some((glob) => event.actor.startsWith(glob.replace("*", ""))),
    query.correlationId === undefined || event.correlationId === query.correlationId,
    query.cause === undefined || caused.has(event.seq),
    query.paths === undefined ||
      query.paths.some((glob) =>
        any(pathsIn, (path) => path.split("/").includes(glob) || path.startsWith(`${glob}/`)),
      ),
    query.command === undefined || any(commandsIn, (text) => lower(text).includes(lower(query.command!))),
    query.exit === undefined ||
      (!erased &&
        event.type === "terminal.command" &&
        (event.payload.exit === query.exit.code) !== query.exit.not),
    query.grep === undefined ||
      query.grep === "" ||
      (!erased &&
        (lower(JSON.stringify(event.payload)).includes(lower(query.grep)) ||
          strings(event.payload).some((text) => lower(text).includes(lower(query.grep!))))),
  ]
  return asks.every(Boolean)
}
const causedBy = (all: ReadonlyArray<Event>, cause: number): ReadonlySet<number> => {
  const seqs = new Set<number>()
  const known = new Set<string>()
  for (const event of all)
    if (event.seq === cause || known.has(event.causationId ?? "") || known.has(event.correlationId ?? "")) {
      seqs.add(event.seq)
      known.add(event.id)
      if (event.correlationId !== null) known.add(event.correlationId)
    }
  return seqs
}

const conditions = {
  from: fc.nat(900),
  to: fc.nat(900),
  types: fc.subarray(["fs.changed", "terminal.command", "daemon.health", "tool.started", "*"]),
  workspace: fc.constantFrom(workspace, "/elsewhere"),
  actors: fc.subarray(["source:*", "daemon", "tool:*"]),
  correlationId: fc.constantFrom("s_0", "s_3", "s_9"),
  cause: fc.constantFrom(1, 2, 9, 120, 700, 99_999),
  paths: fc.subarray(["src", "x1.ts", "é.md", "package.json", "src/deep", "nowhere"], { minLength: 1 }),
  command: fc.constantFrom("npm test", "NPM", "größe", "git commit -m", "src/x1", '"Gr', " "),
  exit: fc.record({ code: fc.constantFrom(0, 1, 137), not: fc.boolean() }),
  grep: fc.constantFrom(
    "GRÖSSE",
    "größe",
    "npm",
    'said "no"\n',
    "C:\\new",
    "c:\\\\NEW",
    "new 17",
    "null",
    "",
    '"exit":1',
    "\n",
  ),
}
const names = Object.keys(conditions) as ReadonlyArray<keyof typeof conditions>
const queries = fc
  .tuple(fc.record(conditions), fc.subarray([...names], { minLength: 1, maxLength: 3 }))
  .map(([all, chosen]): Query => Object.fromEntries(chosen.map((name) => [name, all[name]])))

/** Scans over sketches of small blocks; the end of the log has none, and in one block they are damaged. */
const sketchedScan = (last: number) =>
  Effect.promise(async () => {
    const sketches = new Sketches(backend, 64)
    const reader = new Reader(backend, upcaster({}), sketches)
    for (let block = 0; sketches.lastOf(block) < last - 100; block++) {
      assert.strictEqual(sketches.next(last), block)
      const step = sketches.make(reader, block)
      let records = step()
      while (records === null) records = step()
      if (block === 3) records[0]!.value[9]! ^= 1
      await backend.commit({ ...emptyCommit, records })
    }
    assert.isAbove(sketches.next(last), 5)
    const head = decodeHead(backend.record(headRecord)!)!
    const types = new Set(decodeTypes(backend.record(typesRecord)))
    return (query: Query): ReadonlyArray<Event> => {
      const scan = new Scan(reader, query, head, types)
      const events: Array<Event> = []
      for (let page = scan.next(); ; page = scan.next()) {
        events.push(...page.events)
        if (page.done) return events
      }
    }
  })

describe("finding", () => {
  it.live(
    "a scan in both directions and the filter of a live tail agree with the conditions read plainly",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const store = yield* log
          const collect = (query: Query) =>
            Effect.map(Stream.runCollect(store.read(query)), (events) => [...events])
          const all = yield* collect({})
          const scanned = yield* sketchedScan(all.length)
          const seqs = (events: ReadonlyArray<Event>) => events.map(({ seq }) => seq)
          let found = 0
          for (const query of fc.sample(queries, { numRuns: 300, seed: 7 })) {
            const caused = query.cause === undefined ? new Set<number>() : causedBy(all, query.cause)
            const expected = seqs(all.filter((event) => answers(query, event, caused)))
            const what = JSON.stringify(query)
            found += expected.length > 0 ? 1 : 0
            assert.deepStrictEqual(seqs(yield* collect(query)), expected, what)
            assert.deepStrictEqual(seqs(all.filter(queryMatcher(query))), expected, `live ${what}`)
            const newest = expected.toReversed().slice(0, 7)
            assert.deepStrictEqual(seqs(yield* collect({ ...query, reverse: true, limit: 7 })), newest, what)
            assert.deepStrictEqual(seqs(scanned(query)), expected, `sketched ${what}`)
            assert.deepStrictEqual(
              seqs(scanned({ ...query, reverse: true, limit: 7 })),
              newest,
              `sketched ${what}`,
            )
          }
          assert.isAbove(found, 100)
        }),
      ),
    60_000,
  )

  it.live("a text is found as it is shown, never in the middle of an escape", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const store = yield* makeStore({ backend: memoryBackend(), upcast: upcaster({}), place: "memory" })
        yield* store.append([
          health('say "hi"'),
          health("C:\\nx"),
          health("line\nx"),
          health("\u001b[31mred"),
          health("K\u212a ſ"),
          health("a\\"),
        ])
        const found = (grep: string) =>
          Effect.map(Stream.runCollect(store.read({ grep })), (events) => [...events].map(({ seq }) => seq))
        assert.deepStrictEqual(yield* found('SAY "hi'), [1])
        assert.deepStrictEqual(yield* found('\\"hi'), [1])
        assert.deepStrictEqual(yield* found("c:\\NX"), [2])
        assert.deepStrictEqual(yield* found("line\nx"), [3])
        // A line end and an x; not the backslash, the n and the x of the second.
        assert.deepStrictEqual(yield* found("\nx"), [3])
        assert.deepStrictEqual(yield* found("\u001b[31"), [4])
        assert.deepStrictEqual(yield* found("k\u212a"), [5])
        assert.deepStrictEqual(yield* found("s\u017f"), [])
        assert.deepStrictEqual(yield* found("a\\"), [6])
        assert.deepStrictEqual(yield* found('"detail":"a\\\\"'), [6])
      }),
    ),
  )

  it.live("a payload in the side table is found, one that was erased is not", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const store = yield* makeStore({ backend: memoryBackend(), upcast: upcaster({}), place: "memory" })
        const large = `${"y".repeat(9000)}needle`
        yield* store.append([health(large), health("needle"), health(`${large}!`)])
        yield* store.erase([2, 3], "test", "user:cli")
        const found = yield* Stream.runCollect(store.read({ grep: "needle", types: ["daemon.*"] }))
        assert.deepStrictEqual(
          [...found].map(({ seq }) => seq),
          [1],
        )
      }),
    ),
  )
})
