/**
 * A disk that refuses, at any call that changes it: the files', and the ones inside LMDB's commits. What it refuses is told, the
 * process survives, nothing of it is seen, and the log goes on. Whole by `npm run test:crash`.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { failAtEach } from "../faults/steps.ts"
import { canTrace, failCalls } from "../faults/systemCalls.ts"

it.live(
  "survives every call that fails, and loses nothing",
  () =>
    Effect.gen(function* () {
      const { broken, figures } = yield* failAtEach(48, ["ENOSPC", "EIO", "short", "ENOSPC+"])
      assert.deepStrictEqual(broken, [])
      assert.match(figures[0]!, /, \d{2,} operations refused/)
    }),
  120_000,
)

it.live(
  "loses nothing where a system call inside a commit fails or is the last one",
  (context) =>
    Effect.gen(function* () {
      if (!canTrace()) return context.skip("strace is missing, or may not trace here")
      const { broken } = yield* failCalls(36, ["EIO", "ENOSPC", "EINTR", "KILL"])
      assert.deepStrictEqual(broken, [])
    }),
  120_000,
)
