/** What the machine answers of itself, and what a folder wants: over real files, a real repository, the real `/proc`. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach } from "vitest"
import { findCompromised } from "../../../src/domain/lockfiles/findCompromised.ts"
import type { ProbeRequest } from "../../../src/domain/probe.ts"
import type { ProbeAnswers } from "../../../src/domain/probeAnswers.ts"
import { Probes } from "../../../src/observe/probes/answer.ts"
import { hasWay, mountOf } from "../../../src/observe/probes/machine.ts"
import { removeTree } from "../../removeTree.ts"

let root: string
let workspace: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "claw-machine-")))
  workspace = join(root, "work")
  mkdirSync(workspace)
})
afterEach(() => removeTree(root))

const put = (path: string, text = ""): void => {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
const one = <T extends ProbeRequest["_tag"]>(request: Extract<ProbeRequest, { readonly _tag: T }>) =>
  Probes.use((probes) => probes.answer([request], { workspace })).pipe(
    Effect.provide(Probes.layer({ home: root, environment: { PATH: join(root, "bin") }, findCompromised })),
    Effect.map((facts) => ({ ...facts[0]!, answer: facts[0]!.answer as ProbeAnswers[T] })),
  )
const git = (...words: ReadonlyArray<string>): string =>
  execFileSync("git", ["-C", workspace, "-c", "user.name=a", "-c", "user.email=a@b.c", ...words], {
    encoding: "utf8",
  })

describe("the machine", () => {
  it.effect("knows the room on the disk of a folder, inside the workspace only", () =>
    Effect.gen(function* () {
      const { answer } = yield* one({ _tag: "diskSpace", path: "." })
      assert.isAbove(answer.totalBytes, 0)
      assert.isAtMost(answer.freeBytes, answer.totalBytes)
      assert.isTrue(workspace.startsWith(answer.mount))
      assert.isNotNull((yield* one({ _tag: "diskSpace", path: "/etc" })).unavailable)
    }),
  )
  it("finds the longest mount, with blanks in its name", () => {
    const table = "1 0 0:1 / / rw\n2 1 0:2 / /home rw\n3 2 0:3 / /home/my\\040disk rw\n"
    assert.strictEqual(mountOf(table, "/home/my disk/a"), "/home/my disk")
    assert.strictEqual(mountOf(table, "/homes"), "/")
    assert.strictEqual(mountOf("", "/a"), "/")
  })
  it.effect("knows whose a file is, also of a path that is not there yet", () =>
    Effect.gen(function* () {
      put("work/locked/a")
      chmodSync(join(workspace, "locked"), 0o555)
      const { answer } = yield* one({ _tag: "owners", paths: ["locked/new/deep", "/etc/passwd", "/usr/bin"] })
      chmodSync(join(workspace, "locked"), 0o755)
      const found = answer["locked/new/deep"]!
      assert.strictEqual(found.path, join(workspace, "locked"))
      assert.strictEqual(found.owner, userInfo().username)
      assert.isTrue(found.mine)
      // root may write anywhere
      assert.strictEqual(found.writable, userInfo().uid === 0)
      assert.strictEqual(answer["/usr/bin"]!.owner, "root")
      assert.notProperty(answer, "/etc/passwd")
    }),
  )
  it.effect("knows the limits of a process", () =>
    Effect.gen(function* () {
      const { answer } = yield* one({ _tag: "limits", pid: process.pid })
      assert.isAbove(answer.openFiles ?? 0, 0)
      assert.isNull((yield* one({ _tag: "limits", pid: null })).answer.openFiles)
    }),
  )
  it("sees a way out in the tables of routes", () => {
    const head = "Iface\tDestination\tGateway \tFlags\n"
    assert.isTrue(hasWay(`${head}eth0\t00000000\t0100A8C0\t0003\t0\n`, null))
    assert.isFalse(hasWay(`${head}eth0\t0000A8C0\t00000000\t0001\t0\n`, null))
    assert.isFalse(hasWay(head, ""))
    const zero = "0".repeat(32)
    assert.isTrue(
      hasWay(
        head,
        `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n`,
      ),
    )
    // what may not be reached is in the table too
    assert.isFalse(
      hasWay(head, `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo\n`),
    )
  })
})

describe("versions", () => {
  it.effect("wanted in the folder's files, and there by where they lie; nothing is run", () =>
    Effect.gen(function* () {
      put("work/.nvmrc", "v22.4.1\n")
      put("work/.tool-versions", "nodejs 20.11.1\npython 3.12.1\n")
      put("work/package.json", `{"engines":{"node":">=20"}}`)
      put(".nvm/versions/node/v18.19.0/bin/node")
      put(".pyenv/versions/3.11.7/bin/python3.11")
      put("node-20.1.0/bin/node", "#!/bin/sh\ntouch ran\n")
      chmodSync(join(root, "node-20.1.0/bin/node"), 0o755)
      put(
        "node-20.1.0/include/node/node_version.h",
        "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 1\n#define NODE_PATCH_VERSION 0\n",
      )
      mkdirSync(join(root, "bin"))
      symlinkSync(join(root, "node-20.1.0/bin/node"), join(root, "bin/node"))
      const { answer } = yield* one({ _tag: "toolVersions", dir: "." })
      assert.deepStrictEqual(answer.wants, [
        { tool: "node", file: ".nvmrc", text: "v22.4.1" },
        { tool: "node", file: ".tool-versions", text: "20.11.1" },
        { tool: "python", file: ".tool-versions", text: "3.12.1" },
        { tool: "node", file: "package.json", text: ">=20" },
      ])
      assert.deepStrictEqual(answer.found, [
        { tool: "node", version: "18.19.0", by: "nvm" },
        { tool: "python", version: "3.11.7", by: "pyenv" },
        { tool: "node", version: "20.1.0", by: "PATH" },
      ])
    }),
  )
})

describe("a node that is a package", () => {
  it.effect("says its version in the package's own file, and another's file is none", () =>
    Effect.gen(function* () {
      const program = "pkg/node_modules/node/bin/node"
      put(program, "")
      chmodSync(join(root, program), 0o755)
      mkdirSync(join(root, "bin"))
      symlinkSync(join(root, program), join(root, "bin/node"))
      const found = Effect.map(one({ _tag: "toolVersions", dir: "." }), ({ answer }) => answer.found)
      put("work/a.txt", "")
      put("pkg/node_modules/node/package.json", '{"name":"node","version":"26.10.0"}')
      assert.deepStrictEqual(yield* found, [{ tool: "node", version: "26.10.0", by: "PATH" }])
      put("pkg/node_modules/node/package.json", '{"name":"nodes","version":"1.0.0"}')
      assert.deepStrictEqual(yield* found, [])
    }),
  )
})

describe("names of variables", () => {
  it.effect("are those of the example; no value is in the answer", () =>
    Effect.gen(function* () {
      put("work/.env.example", "PORT=3000\nexport API_URL=\n# OPTIONAL=1\nSMTP_HOST=localhost\n")
      put("work/.env", "PORT=80\nOWN_SECRET=hunter2-is-my-value\n")
      const { answer } = yield* one({ _tag: "envNames", dir: ".", since: null })
      assert.deepStrictEqual(answer, {
        example: ".env.example",
        present: true,
        missing: ["API_URL", "SMTP_HOST"],
        added: null,
      })
    }),
  )
  it.effect("that a commit brought are told from those that were wanting before", () =>
    Effect.gen(function* () {
      put("work/.env.example", "PORT=\nAPI_URL=\n")
      git("init", "-q")
      git("add", ".")
      git("commit", "-qm", "one")
      const before = git("rev-parse", "HEAD").trim()
      put("work/.env.example", "PORT=\nAPI_URL=\nSMTP_HOST=\n")
      put("work/.env", "PORT=80\n")
      const { answer } = yield* one({ _tag: "envNames", dir: ".", since: before })
      assert.deepStrictEqual(answer?.added, ["SMTP_HOST"])
      assert.isNull((yield* one({ _tag: "envNames", dir: ".", since: "f".repeat(40) })).answer?.added ?? null)
    }),
  )
  it.effect("are none without an example, and where links lead out", () =>
    Effect.gen(function* () {
      assert.isNull((yield* one({ _tag: "envNames", dir: ".", since: null })).answer)
      put("outside", "A_B=1\n")
      symlinkSync(join(root, "outside"), join(workspace, ".env.example"))
      assert.isNull((yield* one({ _tag: "envNames", dir: ".", since: null })).answer)
    }),
  )
})
