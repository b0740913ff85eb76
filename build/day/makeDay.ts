/**
 * A made working day in a log: from eight in the morning to eight in the evening, as many events as asked for, three
 * repositories, one person. Deterministic by seed, but for the random part of the events' ids.
 * Invariant: everything thought in it comes from the real decider and the real gate (see `Day.ts`).
 */
import { Effect } from "effect"
import type { LogStore } from "../../log-store/LogStore.ts"
import { memoryOracle } from "../../policies/memoryOracle.ts"
import { Policies } from "../../policies/Policies.ts"
import { isCompromised } from "../../src/domain/compromised/compromised.ts"
import { thinkingComponent } from "../../src/decide/deliberation/state.ts"
import { draft } from "../../src/domain/event.ts"
import { Day } from "./Day.ts"
import { Person } from "./person.ts"
import { Random } from "./Random.ts"
import { work } from "./work.ts"
import { madeWorkspaces, manifestOf } from "./workspaces.ts"

export interface DayOptions {
  readonly store: LogStore["Service"]
  readonly events: number
  readonly seed: number
  readonly home: string
  /** Claw's own directories on that machine. */
  readonly own?: ReadonlyArray<string>
  /** ISO time at which the day begins. */
  readonly from?: string
  /** A model can be asked, and has nothing to say. */
  readonly thinking?: boolean
  readonly progress?: (events: number) => void
}

const dayMs = 12 * 60 * 60_000
/** Milliseconds an event takes at an even pace; learned as the day goes on. */
const firstGuessMs = 700

export const makeDay = (options: DayOptions) =>
  Effect.gen(function* () {
    const policies = yield* Policies
    const random = new Random(options.seed)
    const workspaces = madeWorkspaces(options.home)
    const startMs = Date.parse(options.from ?? "2026-03-02T08:00:00.000Z")
    const { store, home } = options
    const day = new Day({ store, policies, random, workspaces, home, startMs })
    new Person(day)

    yield* day.put(
      draft("daemon.started", { version: "made", pid: 1, node: "made" }, { actor: "daemon" }),
      ...(options.thinking === true
        ? [
            draft(
              "daemon.health",
              { component: thinkingComponent, state: "running", backend: null, detail: "made" },
              { actor: "daemon" },
            ),
          ]
        : []),
      ...workspaces.map((at) =>
        draft("daemon.workspace", { action: "added", path: at.path }, { actor: "user", workspace: at.path }),
      ),
    )
    for (const at of workspaces) {
      yield* day.see(at, "git", "git.repository", {
        state: "appeared",
        gitDir: `${at.path}/.git`,
        bare: false,
        worktree: false,
        head: at.head,
        branch: at.branch,
        notPlain: [],
        reason: null,
      })
    }
    let at = workspaces[0]!
    let pace = 1
    let evenMs = 0
    while (day.events < options.events - 1) {
      if (random.chance(0.03)) at = random.pick(workspaces)
      const before = day.nowMs
      yield* work(day, at, pace)
      evenMs += (day.nowMs - before) / pace
      options.progress?.(day.events)
      const perEvent = day.events < 500 ? firstGuessMs : evenMs / day.events
      const left = Math.max(1, options.events - day.events)
      const leftMs = Math.max(60_000, startMs + dayMs - day.nowMs)
      pace = Math.min(4, Math.max(0.05, leftMs / (left * perEvent)))
    }
    yield* day.put(draft("daemon.stopped", { reason: "the day is over" }, { actor: "daemon" }))
    return { events: day.events, endMs: day.nowMs }
  }).pipe(
    Effect.provide(
      Policies.layer({
        userDir: null,
        own: options.own ?? [],
        isCompromised: (name, version) => isCompromised("any", name, version ?? "*") !== null,
        oracle: memoryOracle(madeTree(options.home)),
      }),
    ),
  )

/** The made repositories as the gate sees them. */
export const madeTree = (home: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    madeWorkspaces(home).flatMap((at) =>
      [".git/config", "README.md", ...manifestOf(at).files.map((file) => file.path), ...at.sources].map(
        (path) => [`${at.path}/${path}`, "file"],
      ),
    ),
  )
