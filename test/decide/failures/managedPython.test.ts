/** What pip may not install into the system's Python. */
import { assert, describe, it } from "@effect/vitest"
import { Driver, run } from "../driver.ts"

const output = "error: externally-managed-environment\n\n× This environment is externally managed\n"
const given = (...there: ReadonlyArray<string>) =>
  new Driver({
    answers: {
      pathKinds: ({ paths }) =>
        Object.fromEntries(paths.map((path) => [path, there.includes(path) ? "dir" : null])),
    },
  })

describe("managed-python", () => {
  it("installs into the virtual environment that is there, or makes one first", () => {
    for (const [line, there, does] of [
      [
        "pip install -r requirements.txt",
        [],
        "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
      ],
      ["pip3 install 'httpx[http2]'", ["venv"], "venv/bin/pip3 install 'httpx[http2]'"],
      ["python3 -m pip install httpx", [".venv", "venv"], ".venv/bin/python3 -m pip install httpx"],
    ] as const) {
      const driver = given(...there)
      const failed = run(driver, line, 1, { output })
      const row = driver.row("managed-python")
      assert.strictEqual(row.actions[0]?.input["command"], does)
      assert.deepStrictEqual(row.evidence, [failed.seq])
      assert.deepStrictEqual(driver.shown, ["managed-python"])
      run(driver, "python3 -m venv env")
      assert.strictEqual(driver.row("managed-python").state, "expired")
    }
  })
  it("says nothing of other failures, of what means the system's own, or of more than an installation", () => {
    for (const [line, said] of [
      ["pip install httpx", "ERROR: No matching distribution found for httpx\n"],
      ["pip install --user httpx", output],
      ["sudo pip install httpx", output],
      ["pip install httpx; ls", output],
      ["pip list", output],
    ] as const) {
      const driver = given()
      run(driver, line, 1, { output: said })
      assert.deepStrictEqual(
        driver.rows.filter((row) => row.rule === "managed-python"),
        [],
        line,
      )
    }
  })
})
