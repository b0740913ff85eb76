/** An approval binds to the very digests that were approved and to the verdict they had, whatever is judged later. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft } from "../../src/domain/event.ts"
import { asksAgain, boot, ended, type Place, place, write } from "./loopWorld.ts"

const list = { tool: "bash", input: { command: "ls" } }

/** The user's own rule, in force from the next start on. */
const askForEverything = (at: Place): void => {
  const dir = join(at.home, ".config", "claw", "policies")
  mkdirSync(dir, { recursive: true })
  writeFileSync(
    join(dir, "own.toml"),
    '[[rule]]\nname = "own-ask"\nverdict = "ask"\neffect = "exec"\nreason = "mine"\nmatch = ["ls"]\n',
  )
}

describe("an approval", () => {
  it.live("does not cover what was judged after it: another digest in the row is not the approved one", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const first = yield* boot(at, backend, { executor: false })
      at.write("real.txt", "x")
      at.write("other.txt", "untouched")
      const row = yield* first.suggest("s_1", write("real.txt", "one"))
      const approval = yield* first.approval("s_1")
      // the same call, judged after its path began to lead elsewhere
      unlinkSync(join(at.workspace, "real.txt"))
      symlinkSync("other.txt", join(at.workspace, "real.txt"))
      yield* first.judge("s_1")
      const verdicts = yield* first.events("policy.verdict")
      const later = verdicts.at(-1)!
      assert.isTrue(later.type === "policy.verdict" && verdicts.length === 2)
      if (later.type !== "policy.verdict") return
      assert.notStrictEqual(later.payload.verdict.digest, row.actions[0]!.digest)
      yield* first.crash

      const again = yield* boot(at, backend)
      yield* again.append(
        approval,
        draft("policy.verdict", later.payload, { actor: "gate", correlationId: "s_1" }),
      )
      const end = yield* again.rowWhen("s_1", asksAgain)
      assert.match(end.note ?? "", /changed since it was approved/)
      assert.strictEqual(at.read("other.txt"), "untouched")
      assert.lengthOf(yield* again.events("tool.started"), 0)
    }).pipe(Effect.scoped),
  )

  it.live(
    "does not cover a wider grant: what was allowed and now asks is refused, not run with a shell",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const backend = memoryBackend()
        const first = yield* boot(at, backend, { executor: false, sandboxed: true })
        const row = yield* first.suggest("s_1", list)
        assert.strictEqual(row.actions[0]!.verdict, "allow")
        const approval = yield* first.approval("s_1")
        yield* first.crash
        askForEverything(at)
        const again = yield* boot(at, backend, { sandboxed: true })
        yield* again.append(approval)
        const end = yield* again.rowWhen("s_1", asksAgain)
        assert.match(end.note ?? "", /judged otherwise/)
        assert.lengthOf(yield* again.events("tool.started"), 0)
      }).pipe(Effect.scoped),
  )

  it.live(
    "of a suggestion that is judged otherwise by now asks to look again; the second look can be approved",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const backend = memoryBackend()
        const first = yield* boot(at, backend, { executor: false, sandboxed: true })
        yield* first.suggest("s_1", list)
        yield* first.crash
        askForEverything(at)
        const again = yield* boot(at, backend, { sandboxed: true })
        const error = yield* Effect.flip(again.approve("s_1"))
        assert.strictEqual(error.reason, "stale")
        const row = yield* again.row("s_1")
        assert.deepInclude(row.actions[0]!, { verdict: "ask", rule: "own-ask" })
        assert.strictEqual(row.state, "pending")
        yield* again.approve("s_1")
        assert.strictEqual((yield* again.rowWhen("s_1", ended)).state, "done")
      }).pipe(Effect.scoped),
  )

  it.live(
    "of an action that was denied when it was made is possible once the gate does not deny it any more",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const backend = memoryBackend()
        const first = yield* boot(at, backend)
        symlinkSync("/etc/hostname", join(at.workspace, "a.txt"))
        const row = yield* first.suggest("s_1", write("a.txt", "one"))
        assert.strictEqual(row.actions[0]!.verdict, "deny")
        assert.strictEqual((yield* Effect.flip(first.approve("s_1"))).reason, "refused")
        unlinkSync(join(at.workspace, "a.txt"))
        assert.strictEqual((yield* Effect.flip(first.approve("s_1"))).reason, "stale")
        yield* first.approve("s_1")
        assert.strictEqual((yield* first.rowWhen("s_1", ended)).state, "done")
        assert.strictEqual(at.read("a.txt"), "one")
      }).pipe(Effect.scoped),
  )
})
