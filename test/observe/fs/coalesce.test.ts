import { assert, describe, it } from "vitest"
import { Coalescer } from "../../../src/observe/fs/coalesce.ts"

const make = () =>
  new Coalescer({
    settleMs: 30,
    holdMs: 500,
    tokens: 3,
    tokenMs: 1000,
    urgentMs: 200,
    mostPaths: 100,
    urgentNames: new Set(["package.json"]),
  })

/** Feeds changes at the given times and takes whenever something is due; answers the times of the writes. */
const writes = (changes: ReadonlyArray<readonly [number, string]>): ReadonlyArray<number> => {
  const coalescer = make()
  const taken: Array<number> = []
  let now = 0
  const drain = (until: number) => {
    for (;;) {
      const due = coalescer.dueAt(now)
      if (due === null || due > until) return
      now = due
      if (coalescer.take(now) !== null) taken.push(now)
    }
  }
  for (const [at, path] of changes) {
    drain(at)
    now = at
    coalescer.add("change", path, "watch", at)
  }
  drain(Number.POSITIVE_INFINITY)
  return taken
}

describe("the coalescer", () => {
  it("lets a lone change go as soon as it settled, and holds nothing at rest", () => {
    assert.deepStrictEqual(writes([[1000, "a"]]), [1030])
    assert.strictEqual(make().dueAt(0), null)
    assert.strictEqual(make().take(0), null)
  })

  it("makes one write of a burst, and cuts one that does not end", () => {
    const burst = Array.from({ length: 10 }, (_, index) => [1000 + index * 10, `f${index}`] as const)
    assert.deepStrictEqual(writes(burst), [1120])
    const endless = Array.from({ length: 60 }, (_, index) => [1000 + index * 10, "same"] as const)
    assert.deepStrictEqual(writes(endless).slice(0, 1), [1500])
  })

  it("groups a trickle of 20 a second into at most a fifth of the writes, each at most a second late", () => {
    const trickle = Array.from({ length: 200 }, (_, index) => [1000 + index * 50, `f${index}`] as const)
    const at = writes(trickle)
    assert.isAtMost(at.length, 40)
    for (const [time] of trickle) assert.isAtMost(at.find((write) => write >= time)! - time, 1030)
  })

  it("keeps saves of a person one by one", () => {
    assert.deepStrictEqual(
      writes([
        [1000, "a"],
        [2000, "a"],
        [3000, "b"],
        [4000, "a"],
      ]),
      [1030, 2030, 3030, 4030],
    )
  })

  it("does not let urgent names wait behind a trickle, nor write them without end", () => {
    const trickle = Array.from({ length: 100 }, (_, index) => [1000 + index * 50, `f${index}`] as const)
    const with_ = [...trickle, [4012, "sub/package.json"] as const].sort((a, b) => a[0] - b[0])
    const at = writes(with_).find((write) => write >= 4012)!
    assert.isAtMost(at - 4012, 230)
    const flood = Array.from({ length: 100 }, (_, index) => [1000 + index * 40, "package.json"] as const)
    assert.isAtMost(writes(flood).length, 24)
  })

  it("counts for each path only whether it was there and is there", () => {
    const coalescer = make()
    const see = (path: string, ...kinds: ReadonlyArray<"add" | "change" | "unlink">) =>
      kinds.forEach((kind) => coalescer.add(kind, path, "watch", 0))
    see("cancelled", "add", "change", "unlink")
    see("saved", "unlink", "add")
    see("new", "add", "change")
    see("gone", "change", "unlink")
    see("back and gone", "unlink", "add", "unlink")
    assert.deepStrictEqual(Object.fromEntries(coalescer.take(100)!.paths), {
      cancelled: { before: false, now: false },
      saved: { before: true, now: true },
      new: { before: false, now: true },
      gone: { before: true, now: false },
      "back and gone": { before: true, now: false },
    })
  })

  it("spends nothing on a burst that cancelled itself", () => {
    const coalescer = make()
    for (let index = 0; index < 10; index++) {
      coalescer.add("add", "tmp", "watch", index * 40)
      coalescer.add("unlink", "tmp", "watch", index * 40)
      assert.isNotNull(coalescer.take(index * 40 + 30))
    }
    coalescer.add("change", "a", "watch", 1000)
    assert.strictEqual(coalescer.dueAt(1000), 1030)
  })

  it("holds no more paths than it may, and names the strongest cause", () => {
    const coalescer = make()
    for (let index = 0; index < 100; index++) coalescer.add("add", `f${index}`, "watch", 0)
    coalescer.add("add", "f0", "reconcile", 0)
    coalescer.add("add", "f1", "watch", 0)
    assert.strictEqual(coalescer.dueAt(0), 0)
    assert.strictEqual(coalescer.take(0)!.cause, "reconcile")
  })
})
