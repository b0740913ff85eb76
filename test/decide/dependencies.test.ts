/** Manifest, lockfile and what is installed, for each package manager. */
import { assert, describe, it } from "@effect/vitest"
import type { ProbeAnswer } from "../../src/domain/probeAnswers.ts"
import { outOfStep } from "../../src/decide/reflexes/outOfStep.ts"
import { Driver, run, save } from "./driver.ts"

const files = (texts: Readonly<Record<string, string>>): ProbeAnswer<"manifest">["files"] =>
  Object.entries(texts).map(([path, text]) => ({ path, text, mtimeMs: 1 }))

const compared = (
  manager: string,
  texts: Readonly<Record<string, string>>,
  installed: Readonly<Record<string, string | null>> = {},
  dir = ".",
) => {
  const found = outOfStep({ manager, files: files(texts) }, installed, dir)
  return typeof found === "string" ? found : ([found.command, found.differences.length] as const)
}
const json = (value: unknown): string => JSON.stringify(value)
const wants = (spec: string): string => json({ dependencies: { left: spec } })

describe("a manifest that was changed without its lockfile", () => {
  const npm = (spec: string, at = ""): string =>
    json({
      lockfileVersion: 3,
      packages: {
        [at]: { dependencies: { left: spec } },
        "node_modules/left": { version: "1.2.0" },
      },
    })
  it("npm: another range of a locked name, in the root and in a workspace", () => {
    const here = { left: "1.2.0" }
    assert.deepStrictEqual(
      compared("npm", { "package.json": wants("^2.0.0"), "package-lock.json": npm("^1.0.0") }, here),
      ["npm install", 1],
    )
    assert.deepStrictEqual(
      compared("npm", { "package.json": wants("^1.0.0"), "package-lock.json": npm("^1.0.0") }, here),
      ["npm ci", 0],
    )
    const inner = (spec: string) =>
      compared(
        "npm",
        { "packages/a/package.json": wants(spec), "package-lock.json": npm("^1.0.0", "packages/a") },
        here,
        "packages/a",
      )
    assert.deepStrictEqual(inner("^2.0.0"), ["npm install", 1])
    assert.deepStrictEqual(inner("^1.0.0"), ["npm ci", 0])
  })
  it("pnpm, of old and new, and not where overrides stand in the lockfile", () => {
    const six = `lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      left:\n        specifier: ^1.0.0\n        version: 1.2.0\npackages:\n  left@1.2.0:\n    dev: true\n`
    const five = `lockfileVersion: 5.4\nspecifiers:\n  left: ^1.0.0\ndependencies:\n  left: 1.2.0\npackages:\n  /left/1.2.0:\n    dev: true\n`
    for (const lock of [six, five]) {
      const found = (spec: string, more = "") =>
        compared("pnpm", { "package.json": wants(spec), "pnpm-lock.yaml": more + lock }, { left: "1.2.0" })
      assert.deepStrictEqual(found("^2.0.0"), ["pnpm install", 1])
      assert.deepStrictEqual(found("^1.0.0"), ["pnpm install --frozen-lockfile", 0])
      assert.deepStrictEqual(found("^2.0.0", "overrides:\n  left: ^1.0.0\n"), [
        "pnpm install --frozen-lockfile",
        0,
      ])
    }
  })
  it("yarn, each with its own word for frozen", () => {
    const classic = '# yarn lockfile v1\n\nleft@^1.0.0, left@^1.1.0:\n  version "1.2.0"\n'
    const berry =
      '__metadata:\n  version: 8\n\n"left@npm:^1.0.0":\n  version: 1.2.0\n  resolution: "left@npm:1.2.0"\n'
    for (const [lock, frozen] of [
      [classic, "yarn install --frozen-lockfile"],
      [berry, "yarn install --immutable"],
    ] as const) {
      const found = (spec: string, here = "1.2.0") =>
        compared("yarn", { "package.json": wants(spec), "yarn.lock": lock }, { left: here })
      assert.deepStrictEqual(found("^2.0.0"), ["yarn install", 1])
      assert.deepStrictEqual(found("^1.0.0"), [frozen, 0])
      assert.deepStrictEqual(found("^1.0.0", "1.1.0"), [frozen, 1])
    }
  })
  it("bun", () => {
    const lock = `{"lockfileVersion": 1, "workspaces": {"": {"dependencies": {"left": "^1.0.0"}}}, "packages": {"left": ["left@1.2.0"],},}`
    const found = (spec: string) =>
      compared("bun", { "package.json": wants(spec), "bun.lock": lock }, { left: "1.2.0" })
    assert.deepStrictEqual(found("^2.0.0"), ["bun install", 1])
    assert.deepStrictEqual(found("^1.0.0"), ["bun install --frozen-lockfile", 0])
  })
  it("Cargo, Go, Bundler: what is wanted and not locked", () => {
    const cargo = "[package]\nname = 'x'\nversion = '1.0.0'\n[dependencies]\nserde = '1'\n"
    const locked = (name: string) => `version = 4\n[[package]]\nname = "${name}"\nversion = "1.0.0"\n`
    assert.deepStrictEqual(compared("cargo", { "Cargo.toml": cargo, "Cargo.lock": locked("x") }), [
      "cargo fetch",
      1,
    ])
    assert.strictEqual(compared("cargo", { "Cargo.toml": cargo, "Cargo.lock": locked("serde") })[1], 0)
    const go = "module x\ngo 1.22\nrequire a.b/c v1.0.0\n"
    assert.deepStrictEqual(compared("go", { "go.mod": go, "go.sum": "d.e/f v1.0.0 h1:x=\n" }), [
      "go mod tidy",
      1,
    ])
    const gems = "source 'https://rubygems.org'\ngem 'rails', '7.0.0'\ngem 'mine', path: '../mine'\n"
    const lock = (...names: ReadonlyArray<string>) =>
      `GEM\n  remote: https://rubygems.org/\n  specs:\n    rails (7.0.0)\n\nDEPENDENCIES\n${names.map((name) => `  ${name}\n`).join("")}\nBUNDLED WITH\n   2.5.0\n`
    const bundler = (text: string, ...names: ReadonlyArray<string>) =>
      compared("bundler", { Gemfile: text, "Gemfile.lock": lock(...names) })
    assert.deepStrictEqual(bundler(gems, "mine!"), ["bundle install", 1])
    assert.deepStrictEqual(bundler(gems, "mine!", "rails (= 7.0.0)"), ["bundle install", 0])
    assert.strictEqual(bundler(`${gems}if ENV['X']\ngem 'y'\nend\n`, "mine!"), "the Gemfile is a program")
  })
  it("Python's and PHP's: frozen where all is locked, free where it is not", () => {
    const project = "[project]\nname = 'x'\ndependencies = ['flask']\n"
    const lock = (name: string) =>
      `version = 1\n[[package]]\nname = "${name}"\nversion = "3.0.0"\n[metadata]\nlock-version = "2"\n`
    for (const [manager, name, frozen, free] of [
      ["uv", "uv.lock", "uv sync --frozen", "uv sync"],
      ["poetry", "poetry.lock", "poetry install", "poetry lock && poetry install"],
      ["pdm", "pdm.lock", "pdm sync", "pdm install"],
    ] as const) {
      const found = (locked: string) =>
        compared(manager, { "pyproject.toml": project, [name]: lock(locked) }, { flask: "2.0.0" })
      assert.deepStrictEqual(found("flask"), [frozen, 1])
      assert.strictEqual(found("other")[0], free)
    }
    const workspace = `[[package]]\nname = "flask"\nsource = { editable = "libs/flask" }\n`
    const members = { "pyproject.toml": project, "uv.lock": `version = 1\n${workspace}` }
    assert.deepStrictEqual(compared("uv", members, { flask: "2.0.0" }), ["uv sync --frozen", 0])
    const composer = (locked: string) =>
      compared(
        "composer",
        {
          "composer.json": json({ require: { "a/b": "^1" } }),
          "composer.lock": json({ packages: [{ name: locked, version: "1.0.0" }] }),
        },
        { "a/b": "1.0.0" },
      )
    assert.deepStrictEqual(composer("a/b"), ["composer install", 0])
    assert.deepStrictEqual(composer("c/d"), ["composer update", 1])
  })
})

describe("while or after the tool itself runs", () => {
  const rule = "dependencies-out-of-step"
  const answers = {
    compromised: [],
    manifest: {
      manager: "npm",
      files: files({
        "package.json": wants("^1.0.0"),
        "package-lock.json": json({
          lockfileVersion: 3,
          packages: { "": {}, "node_modules/left": { version: "1.2.0" } },
        }),
      }),
    },
    installed: { left: "1.1.0" },
  }
  it("nothing is shown of what an installation left behind while it ran", () => {
    for (const line of ["npm install left@1", "npm i", "npm ci", "cd x && npm update"]) {
      const driver = new Driver({ answers })
      save(driver, "package-lock.json")
      run(driver, line, 0)
      assert.deepStrictEqual(driver.shown, [], line)
      assert.strictEqual(driver.row(rule).state, "expired", line)
    }
  })
  it("a failed installation, or another command, leaves it standing", () => {
    for (const [line, exit] of [
      ["npm install left@1", 1],
      ["npm test", 0],
    ] as const) {
      const driver = new Driver({ answers })
      save(driver, "package-lock.json")
      run(driver, line, exit)
      assert.notStrictEqual(driver.row(rule).state, "expired", line)
    }
  })
})
