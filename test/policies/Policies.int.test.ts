/** The service over real folders: shipped rules, the user's files, a real tree with real links. */
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { afterAll, beforeAll } from "vitest"
import { Policies, type PoliciesOptions } from "../../policies/Policies.ts"
import { removeTree } from "../removeTree.ts"

let root = ""
const at = (...parts: ReadonlyArray<string>): string => join(root, ...parts)

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "claw-policies-")))
  mkdirSync(at("work/src"), { recursive: true })
  mkdirSync(at("rules"))
  mkdirSync(at("data"))
  writeFileSync(at("secret.txt"), "x")
  writeFileSync(at("work/README.md"), "x")
  writeFileSync(at("work/.env"), "x")
  symlinkSync("../secret.txt", at("work/out"))
  symlinkSync("README.md", at("work/in"))
  symlinkSync(at("work"), at("alias"))
  linkSync(at("secret.txt"), at("work/hard"))
  spawnSync("mkfifo", [at("work/pipe")])
})
afterAll(() => removeTree(root))

const options = (more: Partial<PoliciesOptions> = {}): PoliciesOptions => ({
  userDir: null,
  own: [at("data")],
  ...more,
})
const context = (workspace = at("work")) => ({
  workspace,
  cwd: workspace,
  home: root,
  actor: "claw",
  trust: "trusted" as const,
})
const bash = (command: string) => ({ tool: "bash", input: { command } })
const judged = (command: string, workspace?: string) =>
  Effect.flatMap(Policies, (policies) => policies.judge(bash(command), context(workspace)))

it.effect("judges by the real tree", () =>
  Effect.gen(function* () {
    for (const [command, expected] of [
      ["cat README.md", "allow"],
      ["cat in", "allow"],
      ["cat out", "deny"],
      ["cat hard", "ask"],
      ["cat pipe", "ask"],
      ["cat .env", "deny"],
      ["ls src/nothing/here", "allow"],
      ["cat ../secret.txt", "deny"],
      [`cat ${at("work/README.md")}`, "allow"],
      [`touch ${at("data/x")}`, "deny"],
      ["grep -r x src", "allow"],
      ["grep -r x .", "deny"],
    ] as const)
      assert.deepStrictEqual([command, (yield* judged(command)).verdict], [command, expected])
  }).pipe(Effect.provide(Policies.layer(options()))),
)

it.effect("takes a workspace reached through a link for the same place", () =>
  Effect.gen(function* () {
    assert.strictEqual((yield* judged("cat README.md", at("alias"))).verdict, "allow")
    assert.strictEqual((yield* judged(`cat ${at("work/README.md")}`, at("alias"))).verdict, "allow")
    assert.strictEqual((yield* judged("cat ../secret.txt", at("alias"))).verdict, "deny")
  }).pipe(Effect.provide(Policies.layer(options()))),
)

it.effect("keeps the last good rules at a reload with errors, and denies at a start with errors", () =>
  Effect.gen(function* () {
    const mine = at("rules/mine.toml")
    writeFileSync(
      mine,
      '[[rule]]\nname = "touch"\nverdict = "allow"\nprogram = "touch"\n[[rule]]\nname = "w"\nverdict = "allow"\neffect = "write"\npath = "src/**"\n',
    )
    yield* Effect.gen(function* () {
      const policies = yield* Policies
      assert.strictEqual((yield* judged("touch src/x")).verdict, "allow")
      writeFileSync(mine, '[[rule]]\nname = "touch"\nverdct = "allow"\n')
      const problems = yield* policies.reload()
      assert.deepInclude(problems[0]!, { file: mine, line: 3, column: 1 })
      assert.include(problems[0]!.message, 'did you mean "verdict"?')
      assert.strictEqual((yield* judged("touch src/x")).verdict, "allow")
    }).pipe(Effect.provide(Policies.layer(options({ userDir: at("rules") }))))
    yield* Effect.gen(function* () {
      const verdict = yield* judged("ls")
      assert.deepInclude(verdict, { verdict: "deny", rule: "gate-broken" })
      assert.include(verdict.reason, "mine.toml:3:1")
    }).pipe(Effect.provide(Policies.layer(options({ userDir: at("rules") }))))
    rmSync(mine)
  }),
)

it.effect("without its shipped files it denies everything and says why", () =>
  Effect.gen(function* () {
    const verdict = yield* judged("ls")
    assert.deepInclude(verdict, { verdict: "deny", rule: "gate-broken" })
    assert.include(verdict.reason, "could not be read")
  }).pipe(Effect.provide(Policies.layer(options({ shippedDir: at("nowhere") })))),
)

it.effect("takes pinned workspace files on reload", () =>
  Effect.gen(function* () {
    const policies = yield* Policies
    const text = '[[rule]]\nname = "no-src"\nverdict = "deny"\npath = "src/**"\n'
    assert.strictEqual((yield* judged("cat src/a")).verdict, "allow")
    assert.deepStrictEqual(
      yield* policies.reload([{ workspace: at("work"), file: ".claw/policies/a.toml", text }]),
      [],
    )
    assert.deepInclude(yield* judged("cat src/a"), {
      verdict: "deny",
      rule: "no-src",
      file: ".claw/policies/a.toml",
    })
    assert.deepStrictEqual(yield* policies.reload([]), [])
    assert.strictEqual((yield* judged("cat src/a")).verdict, "allow")
  }).pipe(Effect.provide(Policies.layer(options()))),
)
