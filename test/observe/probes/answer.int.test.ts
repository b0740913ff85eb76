/** The probes over a real tree, a real search path and a real listening port. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach } from "vitest"
import { findCompromised } from "../../../src/domain/lockfiles/findCompromised.ts"
import type { ProbeRequest } from "../../../src/domain/probe.ts"
import { Probes, type ProbesOptions } from "../../../src/observe/probes/answer.ts"
import { listenersIn, portOwner } from "../../../src/observe/probes/portOwner.ts"
import { removeTree } from "../../removeTree.ts"

let root: string
let workspace: string
let bin: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "claw-probes-")))
  workspace = join(root, "work")
  bin = join(root, "bin")
  mkdirSync(workspace)
  mkdirSync(bin)
})
afterEach(() => removeTree(root))

const put = (path: string, text: string | Uint8Array = ""): void => {
  const file = join(workspace, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
const program = (name: string, mode = 0o755): void => {
  writeFileSync(join(bin, name), "#!/bin/sh\n")
  chmodSync(join(bin, name), mode)
}
const options = (more: Partial<ProbesOptions> = {}): ProbesOptions => ({
  home: root,
  environment: { PATH: `relative:${bin}::${join(root, "missing")}` },
  findCompromised,
  ...more,
})
const ask = (requests: ReadonlyArray<ProbeRequest>, more: Partial<ProbesOptions> = {}) =>
  Probes.use((probes) => probes.answer(requests, { workspace })).pipe(
    Effect.provide(Probes.layer(options(more))),
  )
const one = (request: ProbeRequest, more: Partial<ProbesOptions> = {}) =>
  Effect.map(ask([request], more), (facts) => facts[0]!)

describe("programs", () => {
  it.effect("finds what was meant, the likeliest slip first, only what can be run", () =>
    Effect.gen(function* () {
      for (const name of ["git", "gist", "gtk", "docker", "npm", "Git"]) program(name)
      program("gtii", 0o644)
      mkdirSync(join(bin, "gtia"))
      const near = yield* one({ _tag: "executablesNear", name: "gti", limit: 3 })
      assert.deepStrictEqual(near.unavailable, null)
      assert.deepStrictEqual((near.answer as Array<string>)[0], "git")
      assert.notIncludeMembers(near.answer as Array<string>, ["gtii", "gtia", "docker"])
      assert.deepStrictEqual((yield* one({ _tag: "executablesNear", name: "x/y", limit: 3 })).answer, [])
      assert.deepStrictEqual((yield* one({ _tag: "executablesNear", name: "dcoker", limit: 3 })).answer, [
        "docker",
      ])
    }),
  )
  it.effect("sees a program that came or went since", () =>
    Effect.gen(function* () {
      const probes = yield* Probes
      const near = probes.answer([{ _tag: "executablesNear", name: "cargoo", limit: 3 }], { workspace })
      utimesSync(bin, 1, 1)
      assert.deepStrictEqual((yield* near)[0]!.answer, [])
      program("cargo")
      assert.deepStrictEqual((yield* near)[0]!.answer, ["cargo"])
      rmSync(join(bin, "cargo"))
      assert.deepStrictEqual((yield* near)[0]!.answer, [])
    }).pipe(Effect.provide(Probes.layer(options()))),
  )
  it.effect("says where a program is, without a workspace too", () =>
    Effect.gen(function* () {
      program("git")
      const facts = yield* Probes.use((probes) =>
        probes.answer([{ _tag: "which", names: ["git", "none", "../bin/git", ""] }, { _tag: "gitDirty" }], {
          workspace: null,
        }),
      ).pipe(Effect.provide(Probes.layer(options())))
      assert.deepStrictEqual(facts[0]!.answer, {
        git: join(bin, "git"),
        none: null,
        "../bin/git": null,
        "": null,
      })
      assert.include(facts[1]!.unavailable, "no workspace")
    }),
  )
  it.effect("sees one that came, went or may not be run any more since it was asked last", () =>
    Effect.gen(function* () {
      const probes = yield* Probes
      const facts = probes.answer([{ _tag: "which", names: ["cargo"] }], { workspace })
      const found = Effect.map(facts, ([fact]) => fact!.answer)
      utimesSync(bin, 1, 1)
      assert.deepStrictEqual(yield* found, { cargo: null })
      program("cargo")
      assert.deepStrictEqual(yield* found, { cargo: join(bin, "cargo") })
      utimesSync(bin, 2, 2)
      assert.deepStrictEqual(yield* found, { cargo: join(bin, "cargo") })
      chmodSync(join(bin, "cargo"), 0o644)
      assert.deepStrictEqual(yield* found, { cargo: null })
      rmSync(join(bin, "cargo"))
      assert.deepStrictEqual(yield* found, { cargo: null })
    }).pipe(Effect.provide(Probes.layer(options()))),
  )
})

describe("files", () => {
  it.effect("tells what paths are, and nothing about paths outside", () =>
    Effect.gen(function* () {
      put("a/b.txt", "x")
      symlinkSync("a/b.txt", join(workspace, "in"))
      symlinkSync("/etc", join(workspace, "out"))
      symlinkSync("nowhere", join(workspace, "dangling"))
      const paths = [
        "a",
        "a/b.txt",
        "in",
        "none",
        "a/b.txt/c",
        "out",
        "out/passwd",
        "../bin",
        "/etc",
        "dangling",
      ]
      const { answer } = yield* one({ _tag: "pathKinds", paths })
      assert.deepStrictEqual(answer, {
        a: "dir",
        "a/b.txt": "file",
        in: "link",
        none: null,
        "a/b.txt/c": null,
        dangling: "link",
      })
    }),
  )
  it.effect("lists a folder within its limit", () =>
    Effect.gen(function* () {
      for (const name of ["c", "a", "b"]) put(`d/${name}`)
      assert.deepStrictEqual((yield* one({ _tag: "listDir", path: "d", limit: 9 })).answer, ["a", "b", "c"])
      assert.lengthOf((yield* one({ _tag: "listDir", path: "d", limit: 2 })).answer as Array<string>, 2)
      assert.include((yield* one({ _tag: "listDir", path: "..", limit: 2 })).unavailable, "outside")
      assert.include((yield* one({ _tag: "listDir", path: "none", limit: 2 })).unavailable, "not there")
    }),
  )
  it.effect("reads text, and only text, inside, and no secrets", () =>
    Effect.gen(function* () {
      put("a.txt", "日本\n")
      put("big", "x".repeat(101))
      put("binary", new Uint8Array([65, 0, 66]))
      put("bytes", new Uint8Array([65, 0xff, 66]))
      for (const name of [
        ".env",
        ".env.local",
        "prod.env",
        ".npmrc",
        "keys/id_rsa",
        "server.PEM",
        ".git/config",
      ])
        put(name, "TOKEN=secret")
      symlinkSync(".env", join(workspace, "innocent"))
      writeFileSync(join(root, "outside"), "secret")
      symlinkSync(join(root, "outside"), join(workspace, "link"))
      execFileSync("mkfifo", [join(workspace, "pipe")])
      const read = (path: string) => one({ _tag: "readText", path, maxBytes: 100 })
      assert.deepStrictEqual((yield* read("a.txt")).answer, "日本\n")
      assert.deepStrictEqual((yield* read("bytes")).answer, "A\ufffdB")
      for (const path of ["big", "binary", "none", "pipe", "."]) {
        const fact = yield* read(path)
        assert.deepStrictEqual([path, fact.answer, fact.unavailable], [path, null, null])
      }
      const secrets = [
        ".env",
        ".env.local",
        "prod.env",
        ".npmrc",
        "keys/id_rsa",
        "server.PEM",
        ".git/config",
        "innocent",
      ]
      for (const path of [...secrets, "link", "../outside", "/etc/hostname", "a\0b"]) {
        const fact = yield* read(path)
        assert.isNotNull(fact.unavailable, path)
        assert.isNull(fact.answer)
      }
    }),
  )
})

describe("portOwner", () => {
  it.live("names the process that listens, and nobody where nobody does", () =>
    Effect.gen(function* () {
      const server = createServer()
      const port = yield* Effect.promise(
        () =>
          new Promise<number>((resolve) =>
            server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
          ),
      )
      const fact = yield* one({ _tag: "portOwner", port })
      assert.deepStrictEqual((fact.answer as { pid: number }).pid, process.pid)
      assert.isAtMost((fact.answer as { command: string }).command.length, 300)
      yield* Effect.promise(() => new Promise((resolve) => server.close(resolve)))
      const none = yield* one({ _tag: "portOwner", port })
      assert.deepStrictEqual([none.answer, none.unavailable], [null, null])
    }),
  )
  it("reads listeners only, of both families", () => {
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 x",
      "   1: 0100007F:0BB8 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1 x",
      "   2: 00000000000000000000000000000000:0BB8 0:0 0A 0:0 00:0 0 1000 0 4244 1 x",
      "   3: rubbish",
    ].join("\n")
    assert.deepStrictEqual(listenersIn(table, 3000), ["4242", "4244"])
    assert.deepStrictEqual(listenersIn(table, 3001), [])
  })
  it("says so where the owner cannot be seen, or nothing can", async () => {
    const proc = join(root, "proc")
    mkdirSync(join(proc, "net"), { recursive: true })
    mkdirSync(join(proc, "77"))
    const refused = (run: Promise<unknown>) =>
      run.then(() => "answered").catch((error: Error) => error.message)
    assert.include(await refused(portOwner(3000, join(root, "none"))), "no table")
    writeFileSync(join(proc, "net/tcp"), "head\n 0: 0100007F:0BB8 0:0 0A 0:0 00:0 0 1000 0 4242 1 x\n")
    assert.include(await refused(portOwner(3000, proc)), "cannot be seen")
    mkdirSync(join(proc, "77/fd"))
    symlinkSync("socket:[4242]", join(proc, "77/fd/5"))
    writeFileSync(join(proc, "77/cmdline"), "node\0server.js\0")
    assert.deepStrictEqual(await portOwner(3000, proc), { pid: 77, command: "node server.js" })
  })
})

describe("packages", () => {
  const manifest = (dir: string) => one({ _tag: "manifest", dir })
  const installed = (dir: string, names: ReadonlyArray<string> = []) =>
    one({ _tag: "installed", dir, names: [...names] })
  const files = (answer: unknown) =>
    (answer as { files: ReadonlyArray<{ path: string }> }).files.map((file) => file.path)

  it.effect("reads manifest and lockfile, the lockfile also from further up", () =>
    Effect.gen(function* () {
      put("package.json", `{"name":"root"}`)
      put("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")
      put("packages/a/package.json", `{"name":"a"}`)
      const { answer } = yield* manifest("packages/a")
      assert.deepStrictEqual(files(answer), ["packages/a/package.json", "pnpm-lock.yaml"])
      assert.deepStrictEqual((answer as { manager: string }).manager, "pnpm")
      assert.deepStrictEqual(files((yield* manifest(".")).answer), ["package.json", "pnpm-lock.yaml"])
    }),
  )
  it.effect.each([
    ["npm", { "package.json": "{}" }],
    ["npm", { "package.json": "{}", "package-lock.json": "{}" }],
    ["yarn", { "package.json": "{}", "yarn.lock": "" }],
    ["bun", { "package.json": "{}", "bun.lockb": "\0" }],
    ["yarn", { "package.json": `{"packageManager":"yarn@4.1.0"}`, "package-lock.json": "{}" }],
    ["cargo", { "Cargo.toml": "", "Cargo.lock": "" }],
    ["go", { "go.mod": "", "go.sum": "" }],
    ["pip", { "requirements.txt": "" }],
    ["uv", { "pyproject.toml": "", "uv.lock": "" }],
    ["poetry", { "pyproject.toml": "", "poetry.lock": "" }],
    ["composer", { "composer.json": "{}", "composer.lock": "{}" }],
    ["bundler", { Gemfile: "", "Gemfile.lock": "" }],
    [null, { "pyproject.toml": "" }],
    [null, { "README.md": "" }],
  ] as ReadonlyArray<readonly [string | null, Record<string, string>]>)("knows %s", ([expected, tree]) =>
    Effect.gen(function* () {
      for (const [path, text] of Object.entries(tree)) put(path, text)
      assert.deepStrictEqual(((yield* manifest(".")).answer as { manager: string | null }).manager, expected)
    }),
  )
  it.effect("does not state half a lockfile, nor one outside", () =>
    Effect.gen(function* () {
      put("package.json", "{}")
      put("package-lock.json", "x".repeat(2 * 1024 * 1024 + 1))
      assert.include((yield* manifest(".")).unavailable, "larger")
      writeFileSync(join(root, "package.json"), "{}")
      assert.include((yield* manifest("..")).unavailable, "outside")
      assert.deepStrictEqual((yield* manifest("none")).answer, { files: [], manager: null })
    }),
  )
  it.effect("looks up what is installed of what is declared", () =>
    Effect.gen(function* () {
      put(
        "package.json",
        `{"dependencies":{"axios":"^1","left-pad":"1"},"devDependencies":{"@t/node":"*","broken":"1","linked":"1"}}`,
      )
      put("package-lock.json", "{}")
      put("node_modules/axios/package.json", `{"version":"1.14.0"}`)
      put("node_modules/@t/node/package.json", `{"version":"26.0.0"}`)
      put("node_modules/broken/package.json", `{"version":`)
      mkdirSync(join(root, "elsewhere"))
      writeFileSync(join(root, "elsewhere/package.json"), `{"version":"6.6.6"}`)
      symlinkSync(join(root, "elsewhere"), join(workspace, "node_modules/linked"))
      assert.deepStrictEqual((yield* installed(".")).answer, {
        axios: "1.14.0",
        "left-pad": null,
        "@t/node": "26.0.0",
      })
      const asked = yield* installed(".", ["axios", "../../elsewhere", "none"])
      assert.deepStrictEqual(asked.answer, { axios: "1.14.0", none: null })
      put("packages/a/package.json", `{"dependencies":{"axios":"1"}}`)
      assert.deepStrictEqual((yield* installed("packages/a")).answer, { axios: "1.14.0" })
      put(".pnp.cjs", "")
      assert.include((yield* installed(".")).unavailable, "Plug")
    }),
  )
  it.effect("looks into virtual environments and vendor folders; others install nothing here", () =>
    Effect.gen(function* () {
      put("py/requirements.txt", "Flask==3.0.0\nruamel.yaml==0.18\nabsent==1\n")
      assert.include((yield* installed("py")).unavailable, "virtual environment")
      put("py/.venv/lib/python3.13/site-packages/flask-3.0.0.dist-info/METADATA")
      put("py/.venv/lib/python3.13/site-packages/ruamel_yaml-0.18.6.dist-info/METADATA")
      const names = ["Flask", "ruamel.yaml", "absent"]
      assert.deepStrictEqual((yield* installed("py", names)).answer, {
        Flask: "3.0.0",
        "ruamel.yaml": "0.18.6",
        absent: null,
      })
      put("php/composer.json", `{"require":{"a/b":"1.0.0"}}`)
      assert.deepStrictEqual((yield* installed("php")).answer, { "a/b": null })
      put("php/vendor/composer/installed.json", `{"packages":[{"name":"a/b","version":"1.0.1"}]}`)
      assert.deepStrictEqual((yield* installed("php")).answer, { "a/b": "1.0.1" })
      put("rs/Cargo.toml", `[dependencies]\nserde = "1"\n`)
      assert.deepStrictEqual((yield* installed("rs")).answer, {})
    }),
  )
  it.effect("finds compromised versions, and never calls an unread file clean", () =>
    Effect.gen(function* () {
      const lock = (version: string): string =>
        JSON.stringify({ lockfileVersion: 3, packages: { "": {}, "node_modules/axios": { version } } })
      const look = (path: string) => one({ _tag: "compromised", path })
      put("package-lock.json", lock("1.14.1"))
      const [hit] = (yield* look("package-lock.json")).answer as ReadonlyArray<{
        name: string
        version: string
      }>
      assert.deepInclude(hit, { name: "axios", version: "1.14.1" })
      put("package-lock.json", lock("1.14.0"))
      assert.deepStrictEqual((yield* look("package-lock.json")).answer, [])
      put("package-lock.json", lock("1.14.1").slice(0, -3))
      assert.include((yield* look("package-lock.json")).unavailable, "cannot be checked")
      assert.include((yield* look("yarn.lock")).unavailable, "not there")
      assert.include((yield* look("../x")).unavailable, "outside")
    }),
  )
})

describe("answers", () => {
  it.effect("come in order, one for each request, with the request", () =>
    Effect.gen(function* () {
      put("a", "1")
      put("b", "2")
      const requests = ["b", "a", "b"].map((path) => ({ _tag: "readText", path, maxBytes: 9 }) as const)
      const facts = yield* ask(requests)
      assert.deepStrictEqual(
        facts.map((fact) => [fact.probe, fact.answer]),
        [
          [requests[0], "2"],
          [requests[1], "1"],
          [requests[2], "2"],
        ],
      )
    }),
  )
  it.live("are unavailable where a probe takes too long, throws, or the workspace is gone", () =>
    Effect.gen(function* () {
      put("package-lock.json", "{}")
      const request: ProbeRequest = { _tag: "compromised", path: "package-lock.json" }
      const thrown = yield* one(request, {
        findCompromised: () => {
          throw new Error("broken")
        },
      })
      assert.include(thrown.unavailable, "broken")
      const searchPath = Array.from({ length: 20_000 }, (_, i) => join(root, `none${i}`)).join(":")
      const late = yield* one(
        { _tag: "executablesNear", name: "gti", limit: 1 },
        { timeoutMs: 0, searchPath },
      )
      assert.include(late.unavailable, "longer than 0 ms")
      rmSync(workspace, { recursive: true })
      const gone = yield* one(request)
      assert.include(gone.unavailable, "ENOENT")
    }),
  )
})
