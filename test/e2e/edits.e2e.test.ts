/** A person changes a proposal before approving it, takes it back, and is refused where that would lose work. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, existsSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { ToolCall } from "../../src/domain/action.ts"
import { isSuggested, type Suggested } from "./Followed.ts"
import { keepsAttention } from "./promises.ts"
import { openScene, type Scene } from "./Scene.ts"
import { isInstalled } from "./Shell.ts"
import { openShop } from "./shop.ts"

const suggested = Effect.fnUntraced(function* ({ log, shell }: Scene, line: string, rule: string) {
  const before = yield* log.head
  yield* shell.type(line)
  const made = yield* log.until<Suggested>(
    `a suggestion of ${rule}`,
    before,
    (event) => isSuggested(event) && event.payload.proposal.rule === rule,
  )
  const { suggestion } = made.payload
  yield* log.untilType("decision.shown", made.seq, (event) => event.payload.suggestion === suggestion)
  return suggestion
})

/** The user's editor: puts these actions into whatever file it is given. */
const inEditor = (scene: Scene, actions: ReadonlyArray<ToolCall>): string => {
  const { root } = scene.world
  writeFileSync(join(root, "actions.json"), JSON.stringify(actions))
  writeFileSync(join(root, "editor"), `#!/bin/sh\ncat '${root}/actions.json' > "$1"\n`)
  chmodSync(join(root, "editor"), 0o755)
  return `EDITOR='${root}/editor'`
}

const rewrite = (content: string): ReadonlyArray<ToolCall> => [
  { tool: "write_file", input: { path: "notes.txt", content } },
]

const story = Effect.fnUntraced(function* (scene: Scene) {
  const { shell, world, log, claw } = scene
  const repository = (path: string): string => join(world.repository, path)
  const notes = repository("notes.txt")
  writeFileSync(notes, "before\n", { mode: 0o640 })
  chmodSync(notes, 0o640)
  utimesSync(notes, 1_700_000_000, 1_700_000_000.25)
  const before = statSync(notes, { bigint: true })

  // edited, approved, done; taken back to the byte, the mode and the time
  const first = yield* suggested(scene, "gti status", "mistyped-command")
  assert.include(yield* shell.type(`${inEditor(scene, rewrite("after\n"))} claw edit ${first}`), "+after")
  assert.strictEqual(readFileSync(notes, "utf8"), "after\n")
  assert.include(yield* shell.type(`claw undo ${first}`, "y"), "taken back")
  const after = statSync(notes, { bigint: true })
  assert.strictEqual(readFileSync(notes, "utf8"), "before\n")
  assert.deepStrictEqual([after.mode, after.mtimeNs], [before.mode, before.mtimeNs])

  // somebody went on with the file: taking it back would lose that, so it is refused
  const second = yield* suggested(scene, "gti log", "mistyped-command")
  yield* shell.type(`${inEditor(scene, rewrite("after\n"))} claw edit ${second}`)
  writeFileSync(notes, "after, and more\n")
  const refusal = yield* shell.type(`claw undo ${second} --conflicts stop`, "y")
  assert.include(refusal, "notes.txt changed since")
  assert.include(yield* shell.type("echo ended with $?"), "ended with 1")
  assert.strictEqual(readFileSync(notes, "utf8"), "after, and more\n")
  assert.strictEqual((yield* log.row(second)).state, "done")

  // a file that other programs run later is nobody's to write: denied, with the rule, and nothing happens
  const third = yield* suggested(scene, "gti branch", "mistyped-command")
  const hook = [{ tool: "write_file", input: { path: ".envrc", content: "echo\n" } }]
  assert.include(yield* shell.type(`${inEditor(scene, hook)} claw edit ${third}`), "denied by")
  assert.include(yield* shell.type("echo ended with $?"), "ended with 5")
  assert.isFalse(existsSync(repository(".envrc")))
  // and an approval is a person's at a terminal, never a pipe's
  assert.strictEqual(claw("approve", third).exit, 6)
  // going on to `echo` may have let it expire meanwhile
  assert.include(["pending", "expired"], (yield* log.row(third)).state)

  // two actions in one: the focused test is mended and staged; both are taken back
  yield* world.write("add.test.js", "it.only('adds', () => {})\n")
  const focused = yield* suggested(scene, "git add add.test.js", "leftovers-staged")
  const staged = Effect.map(world.exec("git", "show", ":add.test.js"), ({ output }) => output)
  yield* shell.type(`claw approve ${focused}`)
  assert.strictEqual(yield* staged, "it('adds', () => {})\n")
  assert.strictEqual(readFileSync(repository("add.test.js"), "utf8"), "it('adds', () => {})\n")
  yield* shell.type(`claw undo ${focused}`, "y")
  assert.strictEqual(yield* staged, "it.only('adds', () => {})\n")
  assert.strictEqual(readFileSync(repository("add.test.js"), "utf8"), "it.only('adds', () => {})\n")

  keepsAttention(yield* log.events)
  assert.strictEqual(claw("replay").exit, 0)
  assert.strictEqual(claw("audit", "verify").exit, 0)
})

it.live.runIf(isInstalled("bash"))(
  "an edited proposal is done and taken back, or refused with the reason",
  () => Effect.flatMap(openScene("bash", openShop), story).pipe(Effect.scoped),
  120_000,
)
