/**
 * From a key to the painted screen, with a million events in the log: the real screen on a terminal of 160x50 that
 * takes what is written, and a daemon in memory, so that only what is ours is measured.
 * Invariant: every key of the round changes the screen, and the next one waits for the paint of the one before.
 */
import { Deferred, Effect } from "effect"
import { type BenchRow, limited, percentile } from "../src/domain/bench.ts"
import type { EventRecord } from "../src/domain/event.ts"
import type { Suggestion } from "../src/domain/suggestion.ts"
import type { Detail } from "../src/rpc/shapes.ts"
import { openBenchScreen } from "./benchScreen.ts"
import { scriptedClient } from "./ScriptedClient.ts"

type BenchScreen = Effect.Success<ReturnType<typeof openBenchScreen>>

const head = 1_000_000
const goalMs = 16
const hash = "0".repeat(64)

const payloads: ReadonlyArray<readonly [string, (seq: number) => unknown]> = [
  [
    "terminal.command",
    (seq) => ({
      command: `npm run step-${seq} -- --watch=日本語`,
      exit: seq % 5 === 0 ? 1 : 0,
      authorKind: "user",
    }),
  ],
  [
    "git.commit",
    (seq) => ({
      sha: `${seq}`.padStart(40, "a"),
      subject: `Change ${seq} things 🚀`,
      files: [],
      parents: [],
    }),
  ],
  [
    "fs.changed",
    (seq) => ({
      changes: [{ kind: "change", path: `src/part-${seq % 100}/file.ts` }],
      counts: { add: 0, change: 1, unlink: 0, rename: 0 },
    }),
  ],
]

const event = (seq: number): EventRecord => {
  const [type, payload] = payloads[seq % payloads.length]!
  return {
    seq,
    id: `e-${seq}`,
    at: new Date(1_790_000_000_000 + seq * 1_000).toISOString(),
    type,
    v: 1,
    workspace: "/bench",
    actor: "source:bench",
    trust: "untrusted",
    causationId: null,
    correlationId: null,
    payload: payload(seq),
    prevHash: hash,
    hash,
  }
}

const suggestion = (index: number): Suggestion => ({
  id: `s_${index}`,
  workspace: "/bench",
  state: "pending",
  mode: "question",
  title: `Something worth doing, number ${index}`,
  rule: "bench/rule",
  fingerprint: `f-${index}`,
  risk: index % 3 === 0 ? "high" : "low",
  urgent: index === 0,
  tainted: false,
  why: [{ text: "it was seen in a file that changed", seq: 10 + index }],
  evidence: [10 + index],
  proposed: [],
  actions: [],
  alternatives: [],
  expiresWhen: [],
  createdAt: "2026-11-22T09:00:00.000Z",
  visibleAt: "2026-11-22T09:00:00.000Z",
  expiresAt: null,
  snoozedUntil: null,
  note: null,
  decidedSeq: 100 + index,
  lastSeq: 100 + index,
  undoable: false,
})

const diff = Array.from(
  { length: 120 },
  (_, index) => `${"+- "[index % 3]} line ${index} of the change`,
).join("\n")

const detail = (row: Suggestion): Detail => ({
  v: 1,
  suggestion: row,
  plans: [
    {
      call: { tool: "write_file", input: {} },
      verdict: {
        verdict: "ask",
        rule: "bench/rule",
        file: "bench.toml",
        line: 1,
        reason: "it writes",
        effects: [],
        commands: [],
        matched: [],
        missing: null,
        digest: hash,
      },
      summary: "Write a file",
      preview: diff,
      sandbox: "not-needed",
      undoable: true,
      undoReason: null,
      commands: [],
      reads: [],
      digest: hash,
      problem: null,
    },
  ],
})

const escape = "\u001b"
/** A round through the screen: the log by lines, pages and ends, the queue, the detail, help. */
const round: ReadonlyArray<string> = [
  ..."3gjjjjjj",
  "\u0004",
  "\u0004",
  "\u001b[6~",
  "\u001b[6~",
  ..."Gkk",
  "\u0015",
  "\u001b[5~",
  ..."k1jjjjkk2jj",
  "\u0004",
  "\u0015",
  ..."?ne",
  "\u001b[B",
  escape,
  "\u001b[Z",
  "g",
]

export const benchTui = Effect.fn("Tui.bench")(function* ({ quick }: { readonly quick: boolean }) {
  const rows = Array.from({ length: 20 }, (_, index) => suggestion(index))
  const { client } = yield* scriptedClient({
    queue: rows,
    details: Object.fromEntries(rows.map((row) => [row.id, detail(row)])),
    status: {
      v: 1,
      version: "bench",
      pid: 1,
      startedAt: "2026-11-22T09:00:00.000Z",
      log: { dir: "/bench", seq: head, hash },
      workspaces: ["/bench"],
      sources: [],
      queue: { visible: rows.length, waiting: 0, urgent: 1 },
      paused: false,
      pausedUntil: null,
      degraded: [],
      spentToday: 0,
      lastEvent: null,
    },
    head,
    event,
  })
  const taken: Array<number> = []

  const press = Effect.fnUntraced(function* (screen: BenchScreen, key: string) {
    const done = yield* Deferred.make<number>()
    const began = performance.now()
    screen.painted(() => Deferred.doneUnsafe(done, Effect.succeed(performance.now() - began)))
    screen.type(key)
    const ms = yield* Deferred.await(done).pipe(Effect.timeoutOption("500 millis"))
    // let what the key asked for arrive, so that its paint is not taken for the next key's
    yield* Effect.sleep(12)
    return ms
  })

  yield* Effect.gen(function* () {
    const screen = yield* openBenchScreen(client)
    for (let turn = 0; turn < (quick ? 4 : 10); turn++) {
      for (const key of round) {
        const ms = yield* press(screen, key)
        // the wait that tells a lone ESC from a sequence is not the screen's; the first round warms up
        if (turn > 0 && key !== escape && ms._tag === "Some") taken.push(ms.value)
      }
    }
  }).pipe(Effect.scoped)

  const figures: ReadonlyArray<BenchRow> = [
    limited("tui.key_to_paint", percentile(taken, 0.95), "ms", goalMs),
  ]
  return figures
})
