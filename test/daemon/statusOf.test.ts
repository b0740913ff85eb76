/** What is to be seen now, by the clock: also where the log has not said yet that its time is over. */
import { assert, describe, it } from "@effect/vitest"
import { isOver, isVisible } from "../../src/daemon/statusOf.ts"

const at = (seconds: number): string => new Date(seconds * 1000).toISOString()
const row = { state: "pending", visibleAt: at(10), expiresAt: at(60) }

describe("a suggestion", () => {
  it("is seen from the moment it is shown until its time is over, to the moment", () => {
    assert.isFalse(isVisible(row, 9_999))
    assert.isTrue(isVisible(row, 10_000))
    assert.isTrue(isVisible(row, 59_999))
    assert.isFalse(isVisible(row, 60_000))
    assert.isTrue(isOver(row, 60_000))
  })
  it("without an end is seen until it is answered", () => {
    assert.isTrue(isVisible({ ...row, expiresAt: null }, 1e12))
    assert.isFalse(isVisible({ ...row, expiresAt: null, state: "approved" }, 1e12))
    assert.isFalse(isVisible({ ...row, visibleAt: null }, 30_000))
  })
})
