/** Every slash command of the graph, for real: daemon, log, conversation, model server. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { commands } from "../../../src/agent/commands/registry.ts"
import type { CommandAnswer } from "../../../src/domain/command.ts"
import { rawClient } from "../../daemon/rawClient.ts"
import { ndjson } from "../claws.ts"
import { atTerminal } from "../atTerminal.ts"
import { type Talk, talkWorld, writeIt } from "./talkWorld.ts"

interface Here extends Talk {
  readonly session: string
}
class Place extends Context.Service<Place, Here>()("test/Place") {}

const place = Layer.effect(
  Place,
  Effect.gen(function* () {
    const world = yield* talkWorld([["write it", writeIt]])
    yield* world.write(
      ".claw/skills/release/SKILL.md",
      "---\nname: release\ndescription: Makes a release\n---\nTag it.\n",
    )
    const said = yield* world.claw("-p", "hello", "--output", "json")
    assert.strictEqual(said.exit, 0, said.stderr)
    return { ...world, session: String(ndjson(said.stdout)[0]!["session"]) }
  }),
)

type Check = (answer: CommandAnswer, here: Here) => void
const blocks = (answer: CommandAnswer): string => JSON.stringify(answer.blocks)
const says =
  (wanted: RegExp): Check =>
  (answer) =>
    assert.match(blocks(answer), wanted)
const prompts: Check = ({ next }) => {
  assert.strictEqual(next?._tag, "say")
  if (next?._tag === "say") assert.isAbove(next.text.length, 100)
}
const data = (answer: CommandAnswer) => answer.data as Record<string, unknown>

/** A line for each command, or several, and what is to be seen. */
const samples: Readonly<Record<string, ReadonlyArray<readonly [string, Check]>>> = {
  help: [
    ["/help", says(/\/compact/)],
    ["/help why", says(/\/why ID/)],
  ],
  status: [["/status", says(/daemon[\s\S]*session/)]],
  doctor: [["/doctor", says(/ok/)]],
  config: [
    ["/config", says(/budgets/)],
    ["/config budgets.dayUsd 3", (answer) => assert.strictEqual(answer.data, 3)],
    ["/config budgets.dayUsd", (answer) => assert.strictEqual(answer.data, 3)],
  ],
  version: [["/version", (answer) => assert.match(String(data(answer)["version"]), /^\d+\.\d+\.\d+/)]],
  resume: [
    ["/resume", says(/hello/)],
    ["/resume latest", ({ next }, { session }) => assert.deepStrictEqual(next, { _tag: "open", session })],
  ],
  session: [
    ["/session", says(/hello/)],
    ["/session show", says(/hello/)],
    ["/session search Hello", says(/Hello/)],
    ["/session title another name", says(/another name/)],
    ["/session switch latest", ({ next }) => assert.strictEqual(next?._tag, "open")],
    ["/session archive", says(/put away/)],
    ["/session restore", says(/is back/)],
    ["/session fork", ({ next }) => assert.strictEqual(next?._tag, "open")],
  ],
  clear: [["/clear", ({ next }) => assert.strictEqual(next?._tag, "open")]],
  model: [
    ["/model", says(/local\/tiny answers/)],
    ["/model local/other", (answer) => assert.strictEqual(data(answer)["model"], "local/other")],
    ["/model local/tiny", (answer) => assert.strictEqual(data(answer)["model"], "local/tiny")],
  ],
  effort: [
    ["/effort", says(/without thinking/)],
    ["/effort high", says(/before it answers: high[\s\S]*it cannot/)],
    ["/effort off", (answer) => assert.isNull(data(answer)["effort"])],
  ],
  context: [["/context", (answer) => assert.strictEqual(data(answer)["window"], 100_000)]],
  cost: [
    [
      "/cost",
      (answer) => {
        assert.isAbove(data(answer)["usd"] as number, 0)
        assert.match(blocks(answer), /tiny/)
        // what no model's row tells has a row of its own
        const { calls, models, others } = data(answer) as {
          readonly calls: number
          readonly models: ReadonlyArray<{ readonly calls: number }>
          readonly others: { readonly calls: number; readonly usd: number }
        }
        assert.strictEqual(
          models.reduce((all, row) => all + row.calls, others.calls),
          calls,
        )
      },
    ],
  ],
  export: [
    ["/export", says(/Hello \*\*you\*\*/)],
    [
      "/export talk.json",
      ({ next }) => {
        assert.strictEqual(next?._tag, "save")
        if (next?._tag === "save") assert.isObject(JSON.parse(next.text.split("\n")[0]!))
      },
    ],
  ],
  diff: [
    ["/diff", says(/\+changed/)],
    ["/diff HEAD", says(/\+changed/)],
  ],
  commit: [["/commit", prompts]],
  review: [["/review README.md", prompts]],
  pr: [["/pr", prompts]],
  init: [["/init", prompts]],
  queue: [["/queue all", (answer) => assert.isArray(answer.data)]],
  todo: [["/todo", says(/nothing to do/)]],
  permissions: [["/permissions", says(/ allow, /)]],
  policy: [
    ["/policy", says(/deny/)],
    ["/policy rm -rf /", (answer) => assert.strictEqual(data(answer)["verdict"], "deny")],
  ],
  why: [["/why 1", (answer) => assert.isAbove((data(answer)["steps"] as ReadonlyArray<unknown>).length, 0)]],
  log: [["/log 3 session.*", (answer) => assert.lengthOf(answer.data as ReadonlyArray<unknown>, 3)]],
  replay: [["/replay", says(/every one the same/)]],
  pause: [
    ["/pause 1h", says(/paused until/)],
    ["/pause off", says(/active again/)],
  ],
  agents: [["/agents", (answer) => assert.isArray(answer.data)]],
  remember: [["/remember The tests run with npm test", (answer) => assert.isNotEmpty(answer.blocks)]],
  memory: [
    ["/memory", says(/npm test/)],
    ["/memory how do tests run", says(/npm test/)],
    ["/memory zebras", says(/nothing of that kind/)],
  ],
  skills: [["/skills", says(/release/)]],
  use: [
    [
      "/use release the next one",
      ({ next }) => {
        assert.strictEqual(next?._tag, "say")
        if (next?._tag === "say") assert.match(next.text, /the skill release[\s\S]*the next one/)
      },
    ],
  ],
  compact: [["/compact", (answer) => assert.isArray(answer.data)]],
  undo: [["/undo", (_, { repository }) => assert.isFalse(existsSync(join(repository, "hello.txt")))]],
  rewind: [["/rewind", says(/hello/)]],
}

const ask = Effect.fnUntraced(function* (line: string, more: Readonly<Record<string, unknown>> = {}) {
  const here = yield* Place
  const client = yield* rawClient(here.directories.socket)
  const answer = yield* client.ask("RunCommand", {
    token: client.proof(),
    surface: "cli",
    line,
    session: here.session,
    dir: here.repository,
    attended: true,
    ...more,
  })
  return answer?.exit
}, Effect.scoped)

layer(place, { excludeTestServices: true, timeout: "60 seconds" })("slash commands", (test) => {
  test.effect("all run, each as it says", () =>
    Effect.gen(function* () {
      const here = yield* Place
      const onDaemon = commands.filter(({ where }) => where === "daemon").map(({ name }) => name)
      assert.sameMembers(Object.keys(samples), onDaemon, "a sample for each")
      // something to take back, and something that differs
      const asked = yield* here.claw("-p", "--resume", here.session, "write it")
      assert.strictEqual(asked.exit, 6, asked.stderr)
      const id = /claw approve (s_[0-9a-f]{16})/.exec(asked.stderr)![1]!
      const approved = yield* atTerminal(here, `approve ${id}`, "y\n")
      assert.strictEqual(approved.exit, 0, approved.shown)
      yield* here.write("README.md", "shop\nchanged\n")
      for (const [name, lines] of Object.entries(samples)) {
        for (const [line, check] of lines) {
          const exit = yield* ask(line)
          assert.strictEqual(exit?._tag, "Success", `${line}: ${JSON.stringify(exit?.cause)}`)
          const answer = exit!.value as CommandAnswer
          assert.strictEqual(answer.command, name, line)
          check(answer, here)
        }
      }
      // back to before the first word
      const { entries } = { entries: ((yield* ask("/rewind"))!.value as CommandAnswer).data }
      const [first] = entries as ReadonlyArray<{ readonly seq: number }>
      const back = yield* ask(`/rewind ${first!.seq}`)
      assert.strictEqual(back?._tag, "Success", JSON.stringify(back?.cause))
      assert.deepStrictEqual(((yield* ask("/rewind"))!.value as CommandAnswer).data, [])
    }),
  )

  test.effect("are refused where the graph says so, whatever the client says", () =>
    Effect.gen(function* () {
      const failed = (exit: unknown) => JSON.stringify(exit)
      assert.match(failed(yield* ask("/pause", { token: null })), /NeedsPerson/)
      assert.match(failed(yield* ask("/pause", { token: "x" })), /NeedsPerson/)
      assert.match(failed(yield* ask("/config", { surface: "device" })), /Refused/)
      assert.match(failed(yield* ask("/commit", { attended: false })), /Refused/)
      assert.match(failed(yield* ask("/cost", { session: null })), /BadInput/)
      assert.match(failed(yield* ask("/theme dark")), /Refused/)
      assert.match(failed(yield* ask("/login local")), /Refused/)
      assert.match(failed(yield* ask("/agents stop a_nobody")), /NoSuch/)
      assert.match(failed(yield* ask("/agents send")), /NoSuch/)
      assert.match(failed(yield* ask("/use nosuch")), /NoSuch/)
      assert.match(failed(yield* ask("/permissions revoke all")), /NoSuch/)
      assert.match(failed(yield* ask("/permissions revoke")), /BadInput/)
      assert.match(failed(yield* ask("/stauts")), /did you mean \/status/)
      assert.match(failed(yield* ask("/resume c_nosuch00")), /NoSuch/)
      assert.match(failed(yield* ask("/config budgets.nosuch 1")), /Refused|BadInput/)
    }),
  )

  test.effect("run without a model and without a terminal: claw --resume ID /cost /status", () =>
    Effect.gen(function* () {
      const here = yield* Place
      const before = here.model.journal.length
      const ran = yield* here.claw("--resume", here.session, "/cost", "/status")
      assert.strictEqual(ran.exit, 0, ran.stderr)
      assert.match(ran.stdout, /tiny[\s\S]*daemon/)
      const json = yield* here.claw("--resume", "latest", "/why", "1", "/version", "--output", "json")
      const lines = ndjson(json.stdout)
      assert.deepStrictEqual(
        lines.map(({ command, v }) => [v, command]),
        [
          [1, "why"],
          [1, "version"],
        ],
      )
      const refused = yield* here.claw("--resume", here.session, "/commit")
      assert.strictEqual(refused.exit, 5)
      assert.match(refused.stderr, /\/commit needs somebody at the terminal/)
      assert.strictEqual((yield* here.claw("--resume", "c_none0000", "/cost")).exit, 4)
      assert.strictEqual((yield* here.claw("-p", "/cost")).exit, 2)
      assert.strictEqual((yield* here.claw("-p", "/stauts")).exit, 2)
      assert.strictEqual(here.model.journal.length, before)
    }),
  )
})
