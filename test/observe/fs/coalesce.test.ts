/** Signals of a watcher made into one statement a file. */
import { assert, describe, it } from "vitest"
import { Coalescer } from "../../../src/observe/fs/coalesce.ts"

const make = (mostPaths = 100) =>
  new Coalescer({
    settleMs: 30,
    holdMs: 500,
    tokens: 3,
    tokenMs: 1000,
    urgentMs: 200,
    mostPaths,
    busyMs: 100,
    longestBusyMs: 60_000,
    urgentBusyMs: 600,
    calmMs: 300,
    urgentNames: new Set(["package.json"]),
  })

/** Feeds changes at the given times and takes whenever something is due; answers the times of the writes. */
const writes = (
  changes: ReadonlyArray<readonly [number, string]>,
  mostPaths?: number,
): ReadonlyArray<number> => {
  const coalescer = make(mostPaths)
  const taken: Array<number> = []
  let now = 0
  const drain = (until: number) => {
    for (;;) {
      const due = coalescer.dueAt(now)
      if (due === null || due > until) return
      now = due
      if (coalescer.take(now, false) !== null) taken.push(now)
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
    assert.strictEqual(make().take(0, false), null)
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
    assert.deepStrictEqual(Object.fromEntries(coalescer.take(100, false)!.paths), {
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
      assert.isNotNull(coalescer.take(index * 40 + 30, false))
    }
    coalescer.add("change", "a", "watch", 1000)
    assert.strictEqual(coalescer.dueAt(1000), 1030)
  })

  it("holds a burst whole until its writer is done and it is calm", () => {
    const coalescer = make()
    const busyUntil = 4000
    const taken: Array<readonly [number, number]> = []
    const drain = (until: number) => {
      for (let due = coalescer.dueAt(0); due !== null && due <= until; due = coalescer.dueAt(due)) {
        const burst = coalescer.take(due, due < busyUntil)
        if (burst !== null) taken.push([due, burst.paths.size])
      }
    }
    // Pauses longer than the settling.
    for (let index = 0; index < 96; index++) {
      drain(index * 42)
      coalescer.add("change", `f${index}`, "watch", index * 42)
    }
    drain(5000)
    assert.strictEqual(taken.length, 1)
    const [at, paths] = taken[0]!
    assert.strictEqual(paths, 96)
    assert.isAtLeast(at, busyUntil)
    assert.isAtMost(at, busyUntil + 100)

    const large = make(200)
    for (let index = 0; index < 150; index++) large.add("change", `f${index}`, "watch", 0)
    assert.isNull(large.take(30, true))
    assert.strictEqual(large.dueAt(30), 130)
    large.add("change", "late", "watch", 125)
    assert.isNull(large.take(155, false))
    assert.strictEqual(large.dueAt(155), 425)
    assert.strictEqual(large.take(425, false)!.paths.size, 151)
  })

  it("lets urgent names of a burst that is held go ahead alone, once they have waited", () => {
    const coalescer = make()
    for (const path of ["a", "sub/package.json", "b"]) coalescer.add("change", path, "watch", 0)
    const taken: Array<readonly [number, ReadonlyArray<string>]> = []
    for (let now = 0; now <= 2000; now += 10) {
      const burst = coalescer.take(now, now < 1500)
      if (burst !== null) taken.push([now, [...burst.paths.keys()]])
    }
    assert.deepStrictEqual(taken, [
      [600, ["sub/package.json"]],
      [1500, ["a", "b"]],
    ])
  })

  it("waits for nobody longer than it may", () => {
    const coalescer = make()
    coalescer.add("change", "a", "watch", 0)
    for (let now = 0; now < 60_000; now += 100) assert.isNull(coalescer.take(now, true))
    assert.strictEqual(coalescer.take(60_100, true)!.paths.size, 1)
  })

  it("writes a build of 50,000 files a few times", () => {
    const flood = Array.from({ length: 50_000 }, (_, index) => [1000 + index / 5, `f${index}`] as const)
    assert.isAtMost(writes(flood, 50_000).length, 15)
  })

  it("holds no more paths than it may, and names the strongest cause", () => {
    const coalescer = make()
    for (let index = 0; index < 100; index++) coalescer.add("add", `f${index}`, "watch", 0)
    coalescer.add("add", "f0", "reconcile", 0)
    coalescer.add("add", "f1", "watch", 0)
    assert.strictEqual(coalescer.dueAt(0), 0)
    assert.strictEqual(coalescer.take(0, false)!.cause, "reconcile")
  })
})
