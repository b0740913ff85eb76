/** What is held of outputs: bounded in each direction, and only what lies between a command's own marks. */
import { Buffer } from "node:buffer"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CommandOutputs } from "../../../src/cli/shell/CommandOutputs.ts"
import { OutputHold } from "../../../src/cli/shell/OutputHold.ts"

const bytes = (text: string): Buffer => Buffer.from(text, "latin1")

describe("OutputHold", () => {
  it("keeps beginning and end, and counts what it left out", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 50 }), { maxLength: 40 }),
        fc.integer({ min: 8, max: 200 }),
        (chunks, limit) => {
          const hold = new OutputHold(limit)
          const all = Buffer.concat(chunks.map((chunk) => bytes(chunk)))
          for (const chunk of chunks) hold.write(bytes(chunk))
          const { bytes: held, head, left } = hold.held()
          expect(left).toBe(Math.max(0, all.length - limit))
          expect(held.length).toBe(all.length - left)
          expect(held.subarray(0, head)).toEqual(all.subarray(0, head))
          expect(held.subarray(head)).toEqual(all.subarray(head + left))
        },
      ),
    )
  })
})

describe("CommandOutputs", () => {
  const run = (outputs: CommandOutputs, command: number, text: string, recorded = true): void => {
    outputs.mark({ kind: "began", command })
    outputs.write(bytes(text))
    outputs.mark({ kind: "ended", command, exit: recorded ? 0 : null })
  }
  const of = async (outputs: CommandOutputs, command: number): Promise<string | null> =>
    (await outputs.of(command, 0))?.bytes.toString("latin1") ?? null

  it("holds nothing of prompts, of typing, or of what is not recorded", async () => {
    const outputs = new CommandOutputs()
    outputs.write(bytes("prompt "))
    run(outputs, 1, "one")
    outputs.write(bytes("typed"))
    run(outputs, 2, "hidden", false)
    outputs.mark({ kind: "began", command: 3 })
    outputs.write(bytes("three"))
    outputs.mark({ kind: "ended", command: 7, exit: 0 })
    expect(await of(outputs, 1)).toBe("one")
    for (const command of [2, 3, 7]) expect(await of(outputs, command)).toBeNull()
  })

  it("lets the oldest go beyond so many commands, or so many bytes", async () => {
    const few = new CommandOutputs({ command: 100, commands: 2, session: 1_000 })
    for (const command of [1, 2, 3]) run(few, command, "x")
    expect([await of(few, 1), await of(few, 2), await of(few, 3)]).toEqual([null, "x", "x"])
    const small = new CommandOutputs({ command: 100, commands: 9, session: 150 })
    for (const command of [1, 2, 3]) run(small, command, "y".repeat(70))
    expect([await of(small, 1), (await of(small, 2))?.length]).toEqual([null, 70])
    run(small, 4, "z".repeat(500))
    expect((await small.of(4, 0))?.bytes.length).toBe(100)
  })

  it("answers who asks early once the command has ended", async () => {
    const outputs = new CommandOutputs()
    outputs.mark({ kind: "began", command: 1 })
    const asked = outputs.of(1, 60_000)
    outputs.write(bytes("late"))
    outputs.mark({ kind: "ended", command: 1, exit: 0 })
    expect((await asked)?.bytes.toString()).toBe("late")
  })
})
