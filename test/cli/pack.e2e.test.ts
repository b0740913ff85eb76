/** The package as a user gets it: packed, installed into an empty folder, run there; and on a Node that is too old. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import manifest from "../../package.json" with { type: "json" }
import { root, sourceLauncher } from "../launcher.ts"
import { clawWorld, isAlive, ndjson, runProgram } from "./claws.ts"

/** npm of the machine, with its cache, whatever the throw-away world's home is. */
const npm = (cwd: string, ...args: ReadonlyArray<string>) =>
  Effect.promise(() => runProgram(["npm", ...args], { cwd, env: process.env, timeoutMs: 100_000 }))

it.live(
  "installs from its tarball and runs: version, doctor, a daemon of the bundle",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const packed = yield* npm(root, "pack", "--json", "--pack-destination", world.root)
      assert.strictEqual(packed.exit, 0, packed.stderr)
      const tarball = readdirSync(world.root).find((name) => name.endsWith(".tgz"))!
      assert.strictEqual(tarball, `${manifest.name}-${manifest.version}.tgz`)
      const names = execFileSync("tar", ["-tzf", join(world.root, tarball)], { encoding: "utf8" })
        .trimEnd()
        .split("\n")
        .map((name) => name.replace("package/", ""))
      for (const needed of [
        "package.json",
        "bin/claw.cjs",
        "dist/claw.js",
        "dist/folderWorker.js",
        "dist/config.js",
        "LICENSE",
      ]) {
        assert.include(names, needed)
      }
      const told = readFileSync(join(root, "README.md"), "utf8").match(/docs\/[\w-]+\.\w+/g) ?? []
      assert.isAbove(told.length, 3)
      assert.includeMembers(names, told, "pages that the README sends to")
      assert.isTrue(names.some((name) => /^dist\/policies\/.*\.toml$/.test(name)))
      assert.deepStrictEqual(
        names.filter((name) => /^(src|test|tui|log-store|node_modules)\//.test(name)),
        [],
      )

      const empty = join(world.root, "installed")
      mkdirSync(empty)
      writeFileSync(join(empty, "package.json"), '{"private":true}')
      const installed = yield* npm(
        empty,
        "install",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        join(world.root, tarball),
      )
      assert.strictEqual(installed.exit, 0, installed.stderr)
      const claw = (...args: ReadonlyArray<string>) =>
        Effect.promise(() =>
          runProgram([process.execPath, join(empty, "node_modules", ".bin", "claw"), ...args], {
            cwd: world.repository,
            env: world.env,
          }),
        )
      assert.strictEqual((yield* claw("--version")).stdout, `${manifest.version}\n`)
      const doctor = yield* claw("doctor", "--json")
      const checks = ndjson(doctor.stdout)
      assert.isAtLeast(checks.length, 8, doctor.stderr)
      // only what the machine itself lacks may be wrong
      assert.deepStrictEqual(
        checks.filter(
          (check) => check["ok"] === false && !["inotify", "disk"].includes(String(check["name"])),
        ),
        [],
      )

      const up = yield* claw("up", "--workspace", ".")
      assert.strictEqual(up.exit, 0, up.stderr)
      const pid = (yield* world.daemonPid)!
      mkdirSync(world.directories.config, { recursive: true, mode: 0o700 })
      writeFileSync(
        join(world.directories.config, "claw.config.ts"),
        'import { defineConfig } from "claw-assistant/config"\nexport default defineConfig({ attention: { perHour: 4 } })\n',
      )
      const config = yield* claw("config", "show", "--json")
      assert.match(config.stdout, /"perHour":4/, config.stdout)
      const explained = yield* claw("policy", "explain", "git status", "--json")
      assert.match(explained.stdout, /"verdict":"allow"/)
      assert.strictEqual((yield* claw("down")).exit, 0)
      assert.isFalse(isAlive(pid))
      assert.strictEqual((yield* claw("audit", "verify")).exit, 0)
      const types = execFileSync(
        process.execPath,
        [
          "--input-type=module",
          "-e",
          'import { defineConfig } from "claw-assistant/config"; console.log(defineConfig({}) !== undefined)',
        ],
        {
          cwd: empty,
          encoding: "utf8",
        },
      )
      assert.strictEqual(types, "true\n")
    }).pipe(Effect.scoped),
  150_000,
)

/** A Node of the system that is too old for Claw; null where there is none. */
const oldNode = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
  if (!existsSync(path)) return false
  const version = execFileSync(path, ["--version"], { encoding: "utf8" })
  return Number(/^v(\d+)/.exec(version)?.[1]) < 24
})

it.live.skipIf(oldNode === undefined)("on a Node that is too old it says so in one line", () =>
  Effect.gen(function* () {
    const world = yield* clawWorld
    const bin = join(world.root, "package", "bin")
    mkdirSync(bin, { recursive: true })
    copyFileSync(sourceLauncher, join(bin, "claw.cjs"))
    const ran = yield* Effect.promise(() =>
      runProgram([oldNode!, join(bin, "claw.cjs"), "--version"], { cwd: world.root, env: world.env }),
    )
    assert.strictEqual(ran.exit, 1)
    assert.strictEqual(ran.stdout, "")
    assert.match(ran.stderr, /^claw needs Node 24 or later; this is v\d+\.\d+\.\d+ \(\/.*\/node\)\n$/)
    const clone = yield* Effect.promise(() =>
      runProgram([oldNode!, sourceLauncher, "--version"], { cwd: world.root, env: world.env }),
    )
    assert.strictEqual(clone.stdout, `${manifest.version}\n`, "a clone runs on the Node it pins")
    const wrong = yield* Effect.promise(() =>
      runProgram([oldNode!, sourceLauncher, "bogus"], { cwd: world.root, env: world.env }),
    )
    assert.strictEqual(wrong.exit, 2, "exit codes pass through")
  }).pipe(Effect.scoped),
)
