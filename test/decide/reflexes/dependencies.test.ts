/** What is said of dependencies: compromised, out of step, never installed, missing. */
import { assert, describe, it } from "@effect/vitest"
import { Driver, run, save } from "../driver.ts"

describe("dependencies", () => {
  const manifest = (version: string) => ({
    files: [
      { path: "package.json", mtimeMs: 1, text: JSON.stringify({ dependencies: { left: "^1.0.0" } }) },
      {
        path: "package-lock.json",
        mtimeMs: 1,
        text: JSON.stringify({
          lockfileVersion: 3,
          packages: {
            "": {},
            "node_modules/left": { version, resolved: "https://packages.example/left/-/left.tgz" },
          },
        }),
      },
    ],
    manager: "npm",
  })
  it("a lockfile with a compromised version is urgent at once, and nothing is installed from it", () => {
    const hit = { name: "axios", version: "1.14.1", campaign: "axios", advisories: ["MAL-2026-2307"] }
    const driver = new Driver({
      answers: {
        compromised: (request) => (request.path === "package-lock.json" ? [hit] : []),
        manifest: manifest("1.0.0"),
        installed: { left: "1.0.0" },
      },
    })
    const edit = save(driver, "package-lock.json")
    const row = driver.row("compromised-dependency")
    assert.isTrue(row.urgent)
    assert.include(row.title, "axios@1.14.1")
    assert.deepStrictEqual(row.evidence, [edit.seq])
    assert.deepStrictEqual(
      row.actions.map((action) => action.tool),
      ["notify"],
    )
    assert.deepStrictEqual(driver.shown, ["compromised-dependency"])
    driver.answers = { ...driver.answers, compromised: [] }
    save(driver, "package-lock.json")
    assert.strictEqual(driver.row("compromised-dependency").state, "expired")
  })
  it("out of step after a pull: installs what is locked", () => {
    const driver = new Driver({
      answers: { compromised: [], manifest: manifest("1.2.0"), installed: { left: "1.1.0" } },
    })
    driver.see("git.pull", {
      from: "a",
      to: "b",
      fromBranch: "main",
      branch: "main",
      subject: "pull",
      files: ["package-lock.json", "src/a.ts"],
    })
    const row = driver.row("dependencies-out-of-step")
    assert.deepStrictEqual(row.actions[0]?.input, { command: "npm ci" })
    assert.isTrue(row.why.some((why) => why.text === "left 1.1.0, locked 1.2.0"))
    run(driver, "npm ci", 0)
    assert.strictEqual(driver.row("dependencies-out-of-step").state, "expired")
  })
  it("nothing is installed from a lockfile that names a compromised package", () => {
    const bad = manifest("1.2.0")
    const text = JSON.stringify({
      lockfileVersion: 3,
      packages: { "": {}, "node_modules/axios": { version: "1.14.1" } },
    })
    const driver = new Driver({
      answers: {
        compromised: [],
        manifest: { ...bad, files: [bad.files[0]!, { path: "package-lock.json", mtimeMs: 1, text }] },
        installed: { left: "1.1.0" },
      },
    })
    save(driver, "package-lock.json")
    run(driver, "npm test", 1)
    for (const rule of ["dependencies-out-of-step", "dependencies-missing"]) {
      assert.include(driver.silence(rule), "compromised package is named here")
    }
  })
  it("in step, never installed, unreadable: silent", () => {
    for (const installed of [{ left: "1.2.0" }, { left: null }, undefined]) {
      const driver = new Driver({
        answers: {
          compromised: [],
          manifest: manifest("1.2.0"),
          ...(installed === undefined ? {} : { installed }),
        },
      })
      save(driver, "package.json")
      assert.deepStrictEqual(driver.rows, [])
    }
  })
  it("a failing check where nothing is installed: offers the install at once", () => {
    const driver = new Driver({ answers: { manifest: manifest("1.2.0"), installed: { left: null } } })
    run(driver, "npm test", 1)
    assert.deepStrictEqual(driver.row("dependencies-missing").actions[0]?.input, { command: "npm ci" })
    assert.deepStrictEqual(driver.shown, ["dependencies-missing"])
  })
  it("a manifest ahead of its lockfile is installed freely", () => {
    const ahead = {
      ...manifest("1.0.0"),
      files: [
        {
          path: "package.json",
          mtimeMs: 1,
          text: JSON.stringify({ dependencies: { left: "1", right: "2", linked: "file:../x" } }),
        },
        manifest("1.0.0").files[1]!,
      ],
    }
    const driver = new Driver({
      answers: { compromised: [], manifest: ahead, installed: { left: "1.0.0", right: null } },
    })
    save(driver, "package.json")
    assert.deepStrictEqual(driver.row("dependencies-out-of-step").actions[0]?.input, {
      command: "npm install",
    })
  })
  it("leaves to go what go says itself", () => {
    const files = [
      { path: "go.mod", mtimeMs: 1, text: "module x\n\nrequire github.com/google/uuid v1.6.0\n" },
    ]
    const told =
      "main.go:3:8: missing go.sum entry for module providing package github.com/google/uuid; to add:\n\tgo get x\n"
    for (const [output, actions] of [
      [told, ["go mod tidy && go build"]],
      ["main.go:9:1: undefined: x\n", ["go mod tidy"]],
    ] as const) {
      const driver = new Driver({
        answers: {
          manifest: {
            files: [...files, { path: "go.sum", mtimeMs: 1, text: "a v1.0.0 h1:x=\n" }],
            manager: "go",
          },
          installed: {},
        },
      })
      run(driver, "go build", 1, { output })
      assert.deepStrictEqual(
        driver.rows.map((row) => row.actions[0]?.input["command"]),
        [...actions],
      )
    }
  })
  it("vendored manifests are nobody's", () => {
    const driver = new Driver()
    save(driver, "node_modules/a/package.json", "vendor/b/Cargo.toml")
    assert.deepStrictEqual(driver.of("situation.opened"), [])
  })
})

describe("missing module, only from output", () => {
  const manifest = {
    files: [{ path: "package.json", mtimeMs: 1, text: '{"dependencies":{"known":"1"}}' }],
    manager: "pnpm",
  }
  it("declared: installs what is declared; else asks, as high risk", () => {
    for (const [name, line, mode, risk] of [
      ["known", "pnpm install", "draft", "medium"],
      ["@scope/other/deep", "pnpm add @scope/other", "question", "high"],
    ] as const) {
      const driver = new Driver({ answers: { manifest } })
      run(driver, "node a.js", 1, { output: `Error: Cannot find module '${name}'\n` })
      const row = driver.row("missing-module")
      assert.deepStrictEqual([row.actions[0]?.input["command"], row.mode, row.risk], [line, mode, risk])
    }
  })
  it("says one thing of one lack: where what is installed is not what is locked, that", () => {
    const text = '{"dependencies":{"known":"1"}}'
    const lock = {
      path: "package-lock.json",
      mtimeMs: 1,
      text: JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/known": { version: "1.0.0" } } }),
    }
    const driver = new Driver({
      answers: {
        manifest: { files: [{ path: "package.json", mtimeMs: 1, text }, lock], manager: "npm" },
        installed: { known: null },
      },
    })
    run(driver, "node a.js", 1, { output: "Error: Cannot find module 'known'\n" })
    assert.deepStrictEqual(
      driver.rows.map((row) => [row.rule, row.actions[0]?.input["command"]]),
      [["dependencies-missing", "npm ci"]],
    )
  })
  it("python: a name is declared however its words are joined, and comes from where it is declared", () => {
    for (const [path, text, line] of [
      ["requirements.txt", "Flask-SQLAlchemy==3.1.1\n", "pip install -r requirements.txt"],
      ["pyproject.toml", '[project]\ndependencies = ["flask.sqlalchemy>=3"]\n', "pip install -e ."],
      ["requirements.txt", "flask\n", "pip install flask_sqlalchemy"],
    ] as const) {
      const driver = new Driver({
        answers: { manifest: { files: [{ path, mtimeMs: 1, text }], manager: "pip" } },
      })
      run(driver, "python3 app.py", 1, {
        output: "ModuleNotFoundError: No module named 'flask_sqlalchemy'\n",
      })
      assert.strictEqual(driver.row("missing-module").actions[0]?.input["command"], line)
    }
  })
  it("relative paths, hostile names and no output bring nothing", () => {
    for (const output of [
      "Cannot find module './a.js'",
      "Cannot find module 'a; rm -rf ~'",
      "Cannot find module 'node:fsx'",
      undefined,
    ]) {
      const driver = new Driver({ answers: { manifest } })
      run(driver, "node a.js", 1, output === undefined ? {} : { output })
      assert.deepStrictEqual(
        driver.rows.filter((row) => row.rule === "missing-module"),
        [],
        String(output),
      )
    }
  })
})
