/**
 * The made person at the queue: approves, rejects with a reason, edits, snoozes, lets lie, and takes back; and the made
 * executor, which does what was approved. Answers follow what was shown, after as long as people take.
 * Invariants: what the gate denies is never approved; an approval names the digests that were judged.
 */
import { Effect } from "effect"
import type { LogError } from "../../log-store/LogStore.ts"
import { draft, type EventType, type PayloadOf } from "../../src/domain/event.ts"
import { callId } from "../../src/domain/ids.ts"
import type { QueueRow } from "../../src/domain/queue.ts"
import type { JudgedCall } from "../../src/domain/suggestion.ts"
import type { Day } from "./Day.ts"
import { Hands } from "./Hands.ts"

type Done = Effect.Effect<void, LogError>
type Answer = "approve" | "reject" | "ignore" | "snooze" | "edit"

/** How the made person takes what each rule says; others as `usual`. */
const tastes: Readonly<Record<string, ReadonlyArray<readonly [number, Answer]>>> = {
  "secret-staged": [
    [92, "approve"],
    [8, "reject"],
  ],
  "leftovers-staged": [
    [70, "approve"],
    [18, "reject"],
    [12, "ignore"],
  ],
  "run-again": [
    [66, "approve"],
    [7, "reject"],
    [27, "ignore"],
  ],
  "dependencies-out-of-step": [
    [55, "approve"],
    [25, "reject"],
    [15, "ignore"],
    [5, "snooze"],
  ],
  "work-uncommitted": [
    [25, "approve"],
    [40, "reject"],
    [20, "ignore"],
    [10, "snooze"],
    [5, "edit"],
  ],
  "git-push-failed": [
    [75, "approve"],
    [12, "reject"],
    [13, "ignore"],
  ],
}
const usual: ReadonlyArray<readonly [number, Answer]> = [
  [62, "approve"],
  [10, "reject"],
  [20, "ignore"],
  [5, "snooze"],
  [3, "edit"],
]
const reasons = ["not now", "that is meant so", "I do this by hand", "wrong branch", ""]

/** How often what was done is taken back. */
const regret = (call: JudgedCall): number =>
  call.tool === "bash" ? (/install|ci\b|sync|add/.test(String(call.input["command"])) ? 0.3 : 0.05) : 0.12

const undoable = (call: JudgedCall): boolean =>
  call.tool !== "notify" && !(call.tool === "git" && /push|pull|fetch/.test(String(call.input["operation"])))

const open = (row: QueueRow | undefined): row is QueueRow => row?.state === "pending"

export class Person {
  readonly #day: Day

  constructor(day: Day) {
    this.#day = day
    day.onEvent = (event) => {
      if (event.type !== "decision.shown") return
      const id = event.payload.suggestion
      const wait = day.random.gap(5_000, 0.9)
      day.after(wait, () => this.#answer(id))
    }
  }

  #say<T extends EventType>(row: QueueRow, actor: string, type: T, payload: PayloadOf<T>) {
    return this.#day.put(
      draft(type, payload, { actor, workspace: row.workspace, trust: "trusted", correlationId: row.id }),
    )
  }

  #answer(id: string): Done {
    return Effect.suspend(() => {
      const day = this.#day
      const row = day.row(id)
      if (!open(row) || row.actions.length !== row.proposed.length) return Effect.void
      const denied = row.actions.some((action) => action.verdict === "deny")
      const wanted = day.random.weighted(tastes[row.rule] ?? usual)
      switch (denied && wanted === "approve" ? "reject" : wanted) {
        case "approve":
          return this.#approve(row)
        case "reject":
          return Effect.asVoid(
            this.#say(row, "user:tui", "approval.rejected", {
              suggestion: id,
              reason: denied ? "it may not be done here" : day.random.pick(reasons),
              surface: "tui",
            }),
          )
        case "snooze": {
          const until = new Date(day.nowMs + day.random.int(5, 60) * 60_000).toISOString()
          return Effect.asVoid(
            this.#say(row, "user:tui", "approval.snoozed", { suggestion: id, until, surface: "tui" }),
          )
        }
        case "edit":
          return this.#edit(row)
        case "ignore":
          return Effect.void
      }
    })
  }

  #edit(row: QueueRow): Done {
    const day = this.#day
    const actions = row.proposed.map((call) =>
      call.tool === "bash"
        ? { ...call, input: { command: `${String(call.input["command"])} --silent` } }
        : call,
    )
    return Effect.andThen(
      this.#say(row, "user:tui", "approval.edited", { suggestion: row.id, actions, surface: "tui" }),
      Effect.sync(() =>
        day.after(4_000, () =>
          Effect.suspend(() => {
            const now = day.row(row.id)
            const ready =
              open(now) &&
              now.actions.length === now.proposed.length &&
              now.actions.every((action) => action.verdict !== "deny")
            return ready ? this.#approve(now) : Effect.void
          }),
        ),
      ),
    )
  }

  #approve(row: QueueRow): Done {
    const day = this.#day
    return Effect.andThen(
      this.#say(row, "user:tui", "approval.approved", {
        suggestion: row.id,
        digests: row.actions.map((action) => action.digest),
        unsandboxed: false,
        surface: "tui",
      }),
      Effect.sync(() => {
        if (row.actions.length > 0) day.after(day.random.int(5, 40), () => this.#run(row, 0))
      }),
    )
  }

  #run(row: QueueRow, index: number): Done {
    const day = this.#day
    const call = row.actions[index]!
    const id = callId(row.id, index)
    const durationMs = day.random.gap(call.tool === "bash" ? 2_500 : 60, 0.6)
    return Effect.andThen(
      this.#say(row, "claw", "tool.started", {
        suggestion: row.id,
        call: id,
        tool: call.tool,
        input: call.input,
        commands: [],
        sandbox: call.tool === "bash" ? "bubblewrap" : "not-needed",
        digest: call.digest,
        undo: {
          possible: undoable(call),
          reason: undoable(call) ? null : "it went to another machine",
          before: [],
          refs: {},
        },
      }),
      Effect.sync(() => day.after(durationMs, () => this.#end(row, index, durationMs))),
    )
  }

  #end(row: QueueRow, index: number, durationMs: number): Done {
    const day = this.#day
    const call = row.actions[index]!
    const at = day.workspace(row.workspace)
    const broken = at?.broken ?? null
    const again = call.tool === "bash" && broken !== null && broken.check === call.input["command"]
    if (again) broken.left -= 1
    const checkFails = again && broken.left > 0 && day.random.chance(0.5)
    const ok = !checkFails && !day.random.chance(0.03)
    const ended = this.#say(row, "claw", "tool.finished", {
      suggestion: row.id,
      call: callId(row.id, index),
      ok,
      exit: call.tool === "bash" ? (ok ? 0 : 1) : null,
      output: { head: ok ? "ok\n" : "failed\n", tail: "", bytes: ok ? 3 : 7, blob: null },
      durationMs,
      after: [],
      refs: {},
    })
    return Effect.gen({ self: this }, function* () {
      yield* ended
      if (ok && at !== undefined) yield* this.#effect(new Hands(day, at), call)
      if (!ok) return
      if (index + 1 < row.actions.length) day.after(20, () => this.#run(row, index + 1))
      else if (undoable(call) && day.random.chance(regret(call))) {
        day.after(day.random.gap(90_000, 1), () => this.#undo(row))
      }
    })
  }

  /** What the sources see of it. */
  #effect(hands: Hands, call: JudgedCall): Done {
    const { at, day } = hands
    if (call.tool === "bash") {
      const command = String(call.input["command"])
      if (at.broken?.check === command) at.broken = null
      if (/install|npm ci|sync|fetch/.test(command)) at.installed = at.locked
      return Effect.void
    }
    if (call.tool === "edit_file") return hands.save(String(call.input["path"]))
    if (call.tool !== "git") return Effect.void
    const paths = Array.isArray(call.input["paths"]) ? (call.input["paths"] as ReadonlyArray<string>) : []
    switch (call.input["operation"]) {
      case "unstage":
        at.staged = at.staged.filter((file) => !paths.includes(file.path))
        return hands.stagedNow()
      case "stage":
        at.staged = [
          ...at.staged.filter((file) => !paths.includes(file.path)),
          ...paths.map((path) => ({
            path,
            status: "M" as const,
            bytes: 800,
            lines: [`// ${day.random.hex(6)}`],
          })),
        ]
        return hands.stagedNow()
      case "commit":
        return hands.commit(String(call.input["message"]))
      case "push":
        return hands.pushed()
      case "pull":
        at.behind = 0
        return hands.moved("git.pull", { branch: at.branch, files: [], subject: "pull: fast-forward" })
      case "fetch":
        return hands.fetched(1)
      case "remove-stale-lock":
        at.lockLeft = false
        return Effect.void
      default:
        return Effect.void
    }
  }

  #undo(row: QueueRow): Done {
    const day = this.#day
    return Effect.gen({ self: this }, function* () {
      const now = day.row(row.id)
      if (now?.state !== "done" || !now.undoable) return
      yield* this.#say(row, "user:tui", "approval.undo", { suggestion: row.id, surface: "tui" })
      for (const call of now.undoCalls.toReversed()) {
        yield* this.#say(row, "claw", "tool.undone", { suggestion: row.id, call, paths: [] })
      }
      const at = day.workspace(row.workspace)
      if (at !== undefined && row.actions.some((action) => action.tool === "git"))
        yield* new Hands(day, at).stagedNow()
    })
  }
}
