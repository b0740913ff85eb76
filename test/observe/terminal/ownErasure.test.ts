/** A command that asks Claw to erase a text is not logged with it. */
import { assert, describe, it } from "@effect/vitest"
import { withoutErasure } from "../../../src/observe/terminal/ownErasure.ts"

describe("an erasure's own command line", () => {
  it("loses all that follows the word", () => {
    for (const command of [
      "claw log erase --matching hunter2 --reason x",
      "npx claw log erase --reason x --matching 'hunter2 and more'",
      "cd /tmp && claw --color never log erase\n--matching hunter2",
      "./bin/claw.cjs log erase --matching=hunter2",
    ]) {
      const after = withoutErasure(command)
      assert.notInclude(after, "hunter2")
      assert.match(after, /claw.* log erase <redacted:erasure>$/s)
    }
  })
  it("leaves every other command as it is", () => {
    for (const command of [
      "claw log -n 5",
      "claw log erase",
      "git erase hunter2",
      "ls",
      "clawed log erase-me x",
    ])
      assert.strictEqual(withoutErasure(command), command)
  })
})
