/** claw audit end to end: checkpoints, proofs and anchors of a real daemon's log, and a log that was tampered with while it was down. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { chainHash, sha256 } from "../../log-store/canonical.ts"
import { type Claws, clawWorld, ndjson, root, runProgram } from "./claws.ts"

const verifier = join(root, "docs", "verify-claw.mjs")
const independent = (...args: ReadonlyArray<string>) =>
  Effect.promise(() => runProgram([process.execPath, verifier, ...args], { cwd: "/", env: {} }))

/** A world whose configuration names a file and a repository as anchors, its daemon up. */
const anchored = Effect.gen(function* () {
  const world = yield* clawWorld
  const file = join(world.root, "stick", "claw.checkpoints")
  const repository = join(world.root, "notes")
  mkdirSync(join(world.root, "stick"))
  mkdirSync(world.directories.config, { recursive: true })
  yield* world.exec("git", "init", "-q", repository)
  const config = join(world.directories.config, "claw.config.ts")
  const anchors = JSON.stringify([{ file }, { git: repository }])
  writeFileSync(config, `export default { anchors: ${anchors} }\n`)
  assert.strictEqual((yield* world.claw("up", "--workspace", ".")).exit, 0)
  return { world, file, repository, config }
})
const ok = (ran: { readonly exit: number | null; readonly stdout: string; readonly stderr: string }) => {
  assert.strictEqual(ran.exit, 0, ran.stderr)
  return ran.stdout
}
const verified = (world: Claws, ...args: ReadonlyArray<string>) =>
  Effect.map(world.claw("audit", "verify", "--json", ...args), ({ exit, stdout, stderr }) => ({
    exit,
    stderr,
    report: JSON.parse(stdout) as {
      readonly ok: boolean
      readonly failure: { readonly seq: number; readonly message: string } | null
      readonly proof: {
        readonly checkpoints: number
        readonly newest: number
        readonly anchors: ReadonlyArray<{
          readonly to: string
          readonly checkpoints: number
          readonly failure: unknown
        }>
      }
    },
  }))

describe("claw audit", () => {
  it.live(
    "signs the log, proves its events to others, and writes checkpoints to the anchors",
    () =>
      Effect.gen(function* () {
        const { world, file, repository } = yield* anchored
        const made = JSON.parse(ok(yield* world.claw("audit", "checkpoint", "--json")))
        assert.hasAllKeys(made, ["v", "seq", "at", "size", "root", "origin", "key", "note", "anchors"])
        assert.deepStrictEqual(
          made.anchors.map(({ size, problem }: { size: number; problem: null }) => [size, problem]),
          [
            [made.size, null],
            [made.size, null],
          ],
        )
        assert.strictEqual(readFileSync(file, "utf8"), made.note)
        const inGit = yield* world.exec("git", "-C", repository, "show", "refs/claw/log:checkpoint")
        assert.strictEqual(inGit.output, made.note)

        const key = join(world.root, "claw.key")
        writeFileSync(key, ok(yield* world.claw("audit", "key")))
        assert.strictEqual(readFileSync(key, "utf8").trim(), made.key)
        const proof = join(world.root, "2.tlog-proof")
        assert.strictEqual(ok(yield* world.claw("audit", "prove", "2", "--out", proof)), "")
        assert.strictEqual(statSync(proof).mode & 0o777, 0o600)
        assert.strictEqual((yield* world.claw("audit", "prove", "2", "--out", proof)).exit, 1)
        const event = join(world.root, "event.json")
        writeFileSync(event, ok(yield* world.claw("log", "--json", "--since", "2", "--until", "2")))
        assert.include(ok(yield* independent("proof", proof, key, event)), "event 2 (")
        const asJson = JSON.parse(ok(yield* world.claw("audit", "prove", "2", "--json")))
        assert.strictEqual(asJson.text, readFileSync(proof, "utf8"))

        yield* world.claw("pause")
        const [first, second] = [
          made.size,
          JSON.parse(ok(yield* world.claw("audit", "checkpoint", "--json"))).size,
        ]
        assert.isAbove(second, first)
        const both = join(world.root, "both")
        writeFileSync(both, ok(yield* world.claw("audit", "consistency", `${first}`, `${second}`)))
        assert.include(ok(yield* independent("consistency", both, key)), "nothing before was changed")
        const exported = join(world.root, "log.jsonl")
        ok(yield* world.claw("audit", "export", exported))
        assert.include(ok(yield* independent("export", exported, key)), "2 signed checkpoints")

        for (const [args, exit] of [
          [["prove", "99999"], 4],
          [["prove", "2", "--checkpoint", "1"], 4],
          [["prove", `${second}`, "--checkpoint", `${first}`], 4],
          [["consistency", `${second}`, `${first}`], 2],
          [["consistency", "1", `${second}`], 4],
          [["verify", "--anchor", "notes:refs/.."], 2],
        ] as const) {
          const ran = yield* world.claw("audit", ...args)
          assert.strictEqual(ran.exit, exit, `${args.join(" ")}: ${ran.stderr}`)
          assert.strictEqual(ran.stdout, "")
        }

        const { exit, report } = yield* verified(world)
        assert.strictEqual(exit, 0)
        assert.deepInclude(report.proof, { checkpoints: 2, newest: second })
        assert.deepStrictEqual(
          report.proof.anchors.map(({ to, checkpoints }) => [to, checkpoints]),
          [
            [`file:${file}`, 2],
            [`git:${repository} refs/claw/log`, 2],
          ],
        )
        const checks = ndjson((yield* world.claw("doctor", "--json")).stdout)
        const check = (name: string) => checks.find((one) => one["name"] === name)
        assert.include(check("signing key")?.["detail"], join(world.directories.state, "keys"))
        assert.deepInclude(check("checkpoints"), { ok: true })
        assert.deepInclude(check(`anchor file:${file}`), { ok: true })

        ok(yield* world.claw("down"))
        const text = ok(yield* world.claw("audit", "verify"))
        assert.match(text, /3 checkpoints, each signed/)
        assert.include(text, `file:${file}: 3 checkpoints that the log fits`)
        assert.strictEqual((yield* world.claw("audit", "prove", "2")).exit, 3)
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "finds by its anchors a log whose end was cut off, and one that was written anew",
    () =>
      Effect.gen(function* () {
        const { world, file, repository, config } = yield* anchored
        const { log } = world.directories
        ok(yield* world.claw("down"))
        const older = join(world.root, "older")
        cpSync(log, older, { recursive: true })
        ok(yield* world.claw("up"))
        const exported = join(world.root, "log.jsonl")
        ok(yield* world.claw("audit", "export", exported))
        ok(yield* world.claw("down"))
        assert.strictEqual((yield* verified(world)).exit, 0)

        // an older copy in its place: in itself without a fault
        const whole = join(world.root, "whole")
        renameSync(log, whole)
        cpSync(older, log, { recursive: true })
        const { head } = (yield* verified(world)).report as unknown as {
          readonly head: { readonly seq: number }
        }
        const cut = yield* verified(world)
        assert.strictEqual(cut.exit, 1)
        assert.deepInclude(cut.report, { ok: false })
        assert.strictEqual(cut.report.failure?.seq, head.seq + 1)
        for (const where of [`${file}:`, `${repository} refs/claw/log, commit `])
          assert.include(cut.stderr, where)
        assert.match(cut.stderr, /its end was cut off/)

        // every hash made anew behind one changed payload, the signed checkpoints left as they were
        rmSync(log, { recursive: true })
        const lines = readFileSync(exported, "utf8").trimEnd().split("\n")
        let prevHash = ""
        const anew = lines.slice(1).map((line) => {
          const event = JSON.parse(line)
          if (event.blob !== undefined) return line
          if (prevHash !== "") event.prevHash = prevHash
          if (event.type === "daemon.started") event.payload.pid = 1
          event.hash = chainHash({ blobs: [], ...event, payloadHash: sha256(JSON.stringify(event.payload)) })
          prevHash = event.hash
          return JSON.stringify(event)
        })
        const header = { ...JSON.parse(lines[0]!), hash: prevHash }
        const forged = join(world.root, "forged.jsonl")
        writeFileSync(forged, `${[JSON.stringify(header), ...anew].join("\n")}\n`)
        ok(yield* world.claw("audit", "import", forged))
        const rewritten = yield* verified(world)
        assert.strictEqual(rewritten.exit, 1)
        assert.strictEqual(rewritten.report.failure?.seq, 1, rewritten.stderr)
        assert.include(rewritten.stderr, `${file}:1`)

        // without its anchors in the configuration, one that is asked for
        rmSync(config)
        rmSync(log, { recursive: true })
        cpSync(older, log, { recursive: true })
        assert.strictEqual((yield* verified(world)).exit, 0, "nobody remembers the end that was cut off")
        for (const anchor of [file, `${repository}:refs/claw/log`]) {
          const asked = yield* verified(world, "--anchor", anchor)
          assert.strictEqual(asked.exit, 1, anchor)
          assert.include(asked.stderr, "its end was cut off")
        }
        rmSync(log, { recursive: true })
        renameSync(whole, log)
        const again = yield* verified(world, "--anchor", file, "--anchor", `${repository}:refs/claw/log`)
        assert.strictEqual(again.exit, 0, again.stderr)
      }).pipe(Effect.scoped),
    90_000,
  )
})
