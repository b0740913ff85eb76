/** The shapes other programs rely on, and the exit codes, of the real program with a real daemon and a real suggestion. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { spawn } from "node:child_process"
import { openShell } from "../../src/cli/DemoShell.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { rawClient } from "../daemon/rawClient.ts"
import { type Claws, clawWorld, launcher, ndjson, runProgram, until } from "./claws.ts"

class Suggested extends Context.Service<Suggested, { readonly world: Claws; readonly id: string }>()(
  "test/Suggested",
) {}

/** A daemon that watches a repository where `gti status` was typed. */
const suggested = Layer.effect(
  Suggested,
  Effect.gen(function* () {
    const world = yield* clawWorld
    const up = yield* world.claw("up", "--workspace", ".")
    assert.strictEqual(up.exit, 0, up.stderr)
    const shell = yield* openShell(world)
    const client = yield* rawClient(world.directories.socket)
    const queue = Effect.map(
      client.ask("Queue", { all: false }),
      (answer) => answer?.exit?.value as Array<Suggestion>,
    )
    yield* shell.type("gti status")
    yield* until(
      "there is a suggestion",
      Effect.map(queue, (rows) => rows.length > 0 && rows[0]!.actions.length > 0),
    )
    return { world, id: (yield* queue)[0]!.id }
  }),
)

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const one = (text: string) => {
  const lines = ndjson(text)
  assert.lengthOf(lines, 1)
  assert.strictEqual(lines[0]!["v"], 1)
  return lines[0]!
}

layer(suggested, { excludeTestServices: true, timeout: "60 seconds" })("with a daemon", (test) => {
  const claw = (...args: ReadonlyArray<string>) =>
    Effect.flatMap(Suggested, ({ world }) => world.claw(...args))
  const well = (...args: ReadonlyArray<string>) =>
    Effect.map(claw(...args), (ran) => {
      assert.strictEqual(ran.exit, 0, `${args.join(" ")}: ${ran.stderr}`)
      assert.strictEqual(ran.stderr, "", args.join(" "))
      return ran.stdout
    })

  test.effect("status is one object; a bare claw on a pipe prints it as text", () =>
    Effect.gen(function* () {
      const { world } = yield* Suggested
      const status = one(yield* well("status", "--json"))
      assert.hasAllKeys(status, [
        "v",
        "version",
        "pid",
        "startedAt",
        "log",
        "workspaces",
        "sources",
        "queue",
        "tasks",
        "sandbox",
        "paused",
        "pausedUntil",
        "degraded",
        "spentToday",
        "lastEvent",
      ])
      assert.match(String(status["startedAt"]), iso)
      assert.deepStrictEqual(status["workspaces"], [world.repository])
      const bare = yield* well()
      assert.include(bare, world.repository)
      assert.match(bare, /^daemon {2,}claw \d/)
    }),
  )

  test.effect("the log is one event a line, in the shape of the contract, filtered as asked", () =>
    Effect.gen(function* () {
      const { world } = yield* Suggested
      const all = ndjson(yield* well("log", "--json"))
      assert.isAtLeast(all.length, 6)
      for (const [index, event] of all.entries()) {
        assert.deepStrictEqual(Object.keys(event), [
          "v",
          "seq",
          "id",
          "at",
          "type",
          "workspace",
          "actor",
          "trust",
          "causationId",
          "correlationId",
          "payload",
          "hash",
        ])
        assert.strictEqual(event["v"], 1)
        assert.strictEqual(event["seq"], index + 1)
        assert.match(String(event["at"]), iso)
        assert.match(String(event["type"]), /^[a-z]+\.[a-z-]+$/)
        assert.match(String(event["hash"]), /^[0-9a-f]{64}$/)
        assert.include(["trusted", "untrusted"], event["trust"])
      }
      const command = all.find(({ type }) => type === "terminal.command")!
      assert.deepInclude(command["payload"] as Record<string, unknown>, {
        command: "gti status",
        cwd: world.repository,
        exit: 127,
        shell: "bash",
        authorKind: "user",
      })
      const seqs = (...flags: ReadonlyArray<string>) =>
        Effect.map(well("log", "--json", ...flags), (text) => ndjson(text).map(({ seq }) => seq as number))
      assert.deepStrictEqual(yield* seqs("--since", "2", "--until", "4"), [2, 3, 4])
      assert.deepStrictEqual(
        yield* seqs("--type", "terminal.*", "--type", "daemon.started"),
        all
          .filter(({ type }) => /^(terminal\.|daemon\.started)/.test(String(type)))
          .map(({ seq }) => seq as number),
      )
      assert.deepStrictEqual(
        yield* seqs("-n", "2"),
        all.slice(-2).map(({ seq }) => seq as number),
      )
      const ended = command["seq"] as number
      assert.include(yield* seqs("--grep", "GTI STATUS"), ended)
      assert.deepStrictEqual(yield* seqs("--exit", "127"), [ended])
      assert.deepStrictEqual(yield* seqs("--exit", "!0", "--command", "GTI", "--actor", "source:*"), [ended])
      assert.deepStrictEqual(yield* seqs("--exit", "0", "--command", "gti"), [])
      assert.deepStrictEqual(yield* seqs("--path", "no/such/file"), [])
      const caused = all.filter(({ causationId }) => causationId === command["id"]).map(({ seq }) => seq)
      const story = yield* seqs("--cause", String(ended))
      assert.strictEqual(story[0], ended)
      assert.includeMembers(story, caused as Array<number>)
      assert.deepStrictEqual(yield* seqs("--cause", String(command["id"])), story)
      assert.deepStrictEqual(yield* seqs("--until", "1d"), [])
      assert.lengthOf(yield* seqs("--workspace", "/nowhere"), 0)
      const text = yield* well("log", "-n", "1")
      assert.lengthOf(text.trimEnd().split("\n"), 1)
    }),
  )

  test.effect("the log can be followed, cut off by its reader, and interrupted with exit 130", () =>
    Effect.gen(function* () {
      const { world } = yield* Suggested
      const options = { cwd: world.repository, env: world.env }
      const cut = yield* Effect.promise(() =>
        runProgram(
          [
            "bash",
            "-c",
            `"${process.execPath}" "${launcher}" log --json | head -n 1; exit \${PIPESTATUS[1]}`,
          ],
          options,
        ),
      )
      assert.strictEqual(cut.stderr, "", "a reader that went away is no error to tell")
      assert.lengthOf(ndjson(cut.stdout), 1)

      const child = spawn(process.execPath, [launcher, "log", "--follow", "-n", "0", "--json"], {
        cwd: options.cwd,
        env: options.env as NodeJS.ProcessEnv,
        stdio: ["ignore", "pipe", "pipe"],
      })
      let out = ""
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()))
      const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)))
      yield* Effect.addFinalizer(() => Effect.sync(() => child.kill("SIGKILL")))
      let saves = 0
      yield* until(
        "what happens now is printed",
        Effect.suspend(() =>
          Effect.map(world.write(`followed-${saves++}.txt`, "x"), () => /followed-\d/.test(out)),
        ),
      )
      assert.match(ndjson(out.slice(0, out.lastIndexOf("\n")))[0]!["type"] as string, /\./)
      child.kill("SIGINT")
      assert.strictEqual(yield* Effect.promise(() => ended), 130)
    }).pipe(Effect.scoped),
  )

  test.effect("the queue is one suggestion a line; show and why tell one whole", () =>
    Effect.gen(function* () {
      const { id } = yield* Suggested
      const row = one(yield* well("queue", "--json"))
      assert.containsAllKeys(row, [
        "id",
        "state",
        "mode",
        "title",
        "rule",
        "fingerprint",
        "risk",
        "urgent",
        "evidence",
        "actions",
        "createdAt",
        "visibleAt",
        "expiresAt",
      ])
      assert.deepInclude(row, { id, state: "pending", rule: "mistyped-command", urgent: false })
      assert.match(String(row["createdAt"]), iso)
      assert.match(String(row["visibleAt"]), iso)
      const [action] = row["actions"] as ReadonlyArray<Record<string, unknown>>
      assert.hasAllKeys(action!, ["tool", "input", "verdict", "rule", "file"])
      assert.deepStrictEqual([action!["tool"], action!["input"]], ["bash", { command: "git status" }])
      assert.include(yield* well("queue"), id)

      const detail = one(yield* well("show", id, "--json"))
      assert.strictEqual(detail["id"], id)
      assert.lengthOf(detail["plans"] as ReadonlyArray<unknown>, 1)
      assert.match(yield* well("show", id), /why\n[\s\S]*what\n[\s\S]*git status/)

      const why = one(yield* well("why", id, "--json"))
      const steps = why["steps"] as ReadonlyArray<{
        readonly role: string
        readonly event: { readonly seq: number }
      }>
      assert.includeMembers(
        steps.map(({ role }) => role),
        ["evidence", "situation", "facts", "decision", "verdict", "attention"],
      )
      assert.deepStrictEqual(why["cost"], { usd: 0, modelCalls: 0 })
      assert.include(yield* well("why", String((row["evidence"] as ReadonlyArray<number>)[0])), "gti status")
    }),
  )

  test.effect("what is not there is exit 4, what a pipe may not do exit 6", () =>
    Effect.gen(function* () {
      const { id } = yield* Suggested
      for (const line of [
        "show s_none",
        "why s_none",
        "why 999999",
        "reject s_none",
        "snooze s_none",
        "down --workspace /none",
      ]) {
        const ran = yield* claw(...line.split(" "))
        assert.strictEqual(ran.exit, 4, line)
        assert.strictEqual(ran.stdout, "", line)
        assert.match(ran.stderr, /^claw: (no such .*: |.* is not watched)/, line)
      }
      for (const command of ["approve", "edit", "undo"]) {
        const ran = yield* claw(command, id)
        assert.strictEqual(ran.exit, 6)
        assert.strictEqual(ran.stdout, "")
      }
      assert.strictEqual(one(yield* well("queue", "--json"))["state"], "pending", "a pipe picked no default")
    }),
  )

  test.effect("the rest has its shapes: config, policy, hooks, doctor, replay, verify", () =>
    Effect.gen(function* () {
      const { world } = yield* Suggested
      const config = one(yield* well("config", "show", "--json"))
      assert.hasAllKeys(config, ["v", "settings", "files"])
      assert.deepInclude(one(yield* well("replay", "--json")), { same: true, difference: null })
      const verified = one(yield* well("audit", "verify", "--json"))
      assert.deepInclude(verified, { ok: true, failure: null })
      for (const row of ndjson(yield* well("hooks", "status", "--json"))) {
        assert.hasAllKeys(row, ["v", "shell", "installed", "detail", "lastRecordAt"])
      }
      const doctor = ndjson((yield* claw("doctor", "--json")).stdout)
      for (const check of doctor) {
        assert.containsAllKeys(check, ["v", "name", "ok", "detail", "cure"])
        assert.strictEqual(check["v"], 1)
      }
      assert.includeMembers(
        doctor.map(({ name }) => String(name)),
        ["node", "daemon", "log", "disk", "git", "sandbox", "gate"],
      )

      const calls = [
        { tool: "bash", input: { command: "git status" } },
        {
          tool: "bash",
          input: { command: "rm -rf /" },
          cwd: world.repository,
          actor: "claw",
          trust: "untrusted",
        },
        { tool: "write_file", input: { path: "a.txt", content: "x" } },
      ]
      const judged = yield* world.clawWith(
        { stdin: `${calls.map((call) => JSON.stringify(call)).join("\n\n")}\n` },
        "policy",
        "test",
      )
      assert.strictEqual(judged.exit, 0, judged.stderr)
      const verdicts = ndjson(judged.stdout)
      assert.deepStrictEqual(
        verdicts.map(({ verdict }) => verdict),
        ["allow", "deny", "ask"],
      )
      for (const verdict of verdicts) {
        assert.hasAllKeys(verdict, ["v", "verdict", "rule", "file", "reason", "commands"])
      }
      assert.deepStrictEqual(verdicts[0]!["commands"], [["git", "status"]])
      const bad = yield* world.clawWith({ stdin: '{"tool":"bash","input":{}}\nnot json\n' }, "policy", "test")
      assert.strictEqual(bad.exit, 2)
      assert.match(bad.stderr, /stdin:2: this is no tool call/)
      assert.match(yield* well("policy", "explain", "git push --force"), /^ask {2}[\s\S]*runs \["git","push"/)
    }),
  )

  test.effect("answers on the command line are in the log at once; a second one is exit 75", () =>
    Effect.gen(function* () {
      const { id } = yield* Suggested
      assert.match(yield* well("snooze", id, "--for", "1h"), /comes back at/)
      assert.match(yield* well("pause", "--for", "1h"), /^paused until /)
      assert.strictEqual(one(yield* well("status", "--json"))["paused"], true)
      assert.match(yield* well("resume"), /^active again/)
      assert.match(yield* well("reject", id, "--reason", "on purpose"), new RegExp(`${id} is rejected`))
      const again = yield* claw("reject", id)
      assert.strictEqual(again.exit, 75)
      assert.match(again.stderr, /was already rejected by cli at .*: on purpose/)
      assert.deepStrictEqual(ndjson(yield* well("queue", "--json")), [])
      const all = ndjson(yield* well("queue", "--all", "--json"))
      assert.deepInclude(
        all.find((row) => row["id"] === id)!,
        { state: "rejected", note: "on purpose" },
      )
      const types = ndjson(yield* well("log", "--json", "--type", "approval.*")).map(({ type }) => type)
      assert.deepStrictEqual(types, ["approval.snoozed", "approval.rejected"])
    }),
  )
})
