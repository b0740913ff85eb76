/** How far each source has read, folded from the log. */
import { assert, describe, it } from "@effect/vitest"
import type { Event, EventType, PayloadOf } from "../../src/domain/event.ts"
import { positionsProjection } from "../../src/observe/positions.ts"

const event = <T extends EventType>(
  type: T,
  payload: PayloadOf<T> | null,
  workspace: string | null = "/w",
): Event => ({ type, payload, workspace, at: "2026-01-01T00:00:00.000Z" }) as unknown as Event
const fold = (...events: ReadonlyArray<Event>) =>
  events.reduce(positionsProjection.evolve, positionsProjection.initial)

const appeared = event("git.repository", {
  state: "appeared",
  gitDir: "/w/.git",
  bare: false,
  worktree: false,
  head: "1",
  branch: "main",
  notPlain: [],
  reason: null,
  positions: [{ file: "/w/.git/logs/HEAD", offset: 10, mark: "m" }],
  refs: { "refs/heads/main": "1" },
})
const command = (file: string, offset: number) =>
  event("terminal.command", { position: { file, offset } } as PayloadOf<"terminal.command">)

describe("positions", () => {
  it("keeps the newest position of each reflog and spool", () => {
    const state = fold(
      appeared,
      command("/spool/a", 5),
      event("git.commit", {
        sha: "2",
        parents: ["1"],
        branch: "main",
        subject: "",
        files: [],
        position: { file: "/w/.git/logs/HEAD", offset: 20, mark: "n" },
      }),
      command("/spool/b", 7),
      event("terminal.lost", { reason: "x", bytes: 1, position: { file: "/spool/a", offset: 9 } }),
    )
    assert.deepStrictEqual(state.terminal, { "/spool/a": 9, "/spool/b": 7 })
    assert.deepStrictEqual(state.git["/w"]!.files, { "/w/.git/logs/HEAD": { offset: 20, mark: "n" } })
    assert.deepStrictEqual(state.git["/w"]!.refs, { "refs/heads/main": "2" })
    assert.deepStrictEqual(JSON.parse(JSON.stringify(state)), state)
  })

  it("knows when files were last seen to change, also where that is all that is left of the event", () => {
    const added = event("daemon.workspace", { action: "added", path: "/w" }, "/w")
    const at = (text: string, given: Event): Event => ({ ...given, at: text }) as Event
    const [first, then, last] = [
      "2026-01-01T00:00:00.000Z",
      "2026-01-02T00:00:00.000Z",
      "2026-01-03T00:00:00.000Z",
    ]
    const state = fold(at(first, added))
    assert.deepStrictEqual(state.fs, { "/w": Date.parse(first) })
    const changed = positionsProjection.evolve(state, at(then, event("fs.changed", null)))
    assert.deepStrictEqual(changed.fs, { "/w": Date.parse(then) })
    // Said again while it is watched: it goes on from where it stood.
    assert.deepStrictEqual(positionsProjection.evolve(changed, at(last, added)).fs, changed.fs)
    const removed = event("daemon.workspace", { action: "removed", path: "/w" }, "/w")
    assert.deepStrictEqual(positionsProjection.evolve(changed, removed).fs, {})
  })

  it("a commit on a branch the log has not heard of leaves its creation to be stated", () => {
    const state = fold(
      appeared,
      event("git.commit", { sha: "2", parents: [], branch: "new", subject: "", files: [] }),
    )
    assert.deepStrictEqual(state.git["/w"]!.refs, { "refs/heads/main": "1" })
  })

  it("forgets a repository that went and a workspace that was removed", () => {
    const gone = event("git.repository", {
      state: "gone",
      gitDir: null,
      bare: false,
      worktree: false,
      head: null,
      branch: null,
      notPlain: [],
      reason: null,
    })
    assert.deepStrictEqual(fold(appeared, gone).git["/w"]!.files, {})
    assert.deepStrictEqual(
      fold(appeared, event("daemon.workspace", { action: "removed", path: "/w" }, null)).git,
      {},
    )
  })

  it("is bounded by the spools used last", () => {
    const many = Array.from({ length: 1_100 }, (_, n) => command(`/spool/${n}`, n))
    const state = fold(command("/spool/0", 1), ...many, command("/spool/700", 1), command("/spool/x", 1))
    assert.strictEqual(Object.keys(state.terminal).length, 1_024)
    assert.isFalse("/spool/0" in state.terminal)
    assert.strictEqual(Object.keys(state.terminal).at(-2), "/spool/700")
  })

  it("passes over erased payloads and events of others", () => {
    assert.strictEqual(fold(event("git.commit", null)), positionsProjection.initial)
    assert.strictEqual(
      fold(event("daemon.started", { version: "", pid: 1, node: "" }, null)),
      positionsProjection.initial,
    )
  })
})
