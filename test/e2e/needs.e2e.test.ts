/**
 * A developer's afternoon in each shell: mistakes are typed and saved for real, each brings its suggestion at its
 * time, a person approves it in the terminal, it really happens, and it is taken back where that can be.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Event } from "../../src/domain/event.ts"
import { shells } from "../../src/observe/terminal/spoolFormat.ts"
import { isSuggested, type Suggested } from "./Followed.ts"
import { keepsAttention, suggestedIn, wholeChain, type WhyRole } from "./promises.ts"
import { openScene, type Scene } from "./Scene.ts"
import { isInstalled } from "./Shell.ts"
import { cart, fakeKey, lockfile, markers, openShop, originOf } from "./shop.ts"

/** Waits until a rule's next suggestion is seen; hands back its decision. */
const shown = Effect.fnUntraced(function* ({ log }: Scene, rule: string, after: number) {
  const made = yield* log.until<Suggested>(
    `a suggestion of ${rule}`,
    after,
    (event) => isSuggested(event) && event.payload.proposal.rule === rule,
  )
  const { suggestion } = made.payload
  yield* log.untilType("decision.shown", made.seq, (event) => event.payload.suggestion === suggestion)
  return { id: suggestion, made }
})

/** The same would be suggested again, and is not. */
const silentOn = ({ log }: Scene, made: Suggested, after: number) =>
  log.untilType(
    "decision.silent",
    after,
    (event) => event.payload.fingerprint === made.payload.proposal.fingerprint,
  )

/** The suggestion's action has ended, and what it printed. */
const ended = Effect.fnUntraced(function* ({ log }: Scene, id: string) {
  const finished = yield* log.untilType("tool.finished", 0, (event) => event.payload.suggestion === id)
  return finished.payload
})

/** Each step once, oldest first, from what was seen to what became of it. */
const tellsAll = Effect.fnUntraced(function* ({ client }: Scene, id: string, chain: ReadonlyArray<WhyRole>) {
  const { steps } = yield* Effect.orDie(client.Why({ id }))
  const seqs = steps.map((step) => step.event.seq)
  assert.deepStrictEqual(
    seqs,
    [...new Set(seqs)].toSorted((a, b) => a - b),
    `the seqs of ${id}`,
  )
  const first = chain.map((role) => steps.findIndex((step) => step.role === role))
  assert.notInclude(first, -1, `${chain.join(", ")} of ${id}`)
  assert.deepStrictEqual(
    first,
    first.toSorted((a, b) => a - b),
    `the order in the chain of ${id}`,
  )
  return steps
})

const filesBelow = (dir: string): ReadonlyArray<string> =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const staged = (scene: Scene) =>
  Effect.map(scene.world.exec("git", "diff", "--cached", "--name-only"), ({ output }) => output.trim())

const afternoon = Effect.fnUntraced(function* (scene: Scene) {
  const { shell, world, log } = scene
  const repository = (path: string): string => join(world.repository, path)

  // a mistyped command: at its end, and what it printed is shown to who approved it
  let before = yield* log.head
  yield* shell.type("gti status")
  const mistyped = yield* shown(scene, "mistyped-command", before)
  assert.include(yield* shell.type(`claw approve ${mistyped.id}`), "On branch main")
  assert.strictEqual((yield* ended(scene, mistyped.id)).exit, 0)

  // a push without upstream: it leaves the machine, so it is asked again, and cannot be taken back
  before = yield* log.head
  yield* shell.type("git push")
  const push = yield* shown(scene, "git-push-failed", before)
  assert.include(yield* shell.type(`claw approve ${push.id}`, "n"), "left as it was")
  assert.strictEqual((yield* log.row(push.id)).state, "pending")
  yield* shell.type(`claw approve ${push.id}`, "y")
  assert.isTrue((yield* ended(scene, push.id)).ok)
  const head = (yield* world.exec("git", "rev-parse", "HEAD")).output
  assert.strictEqual((yield* world.exec("git", "-C", originOf(world), "rev-parse", "main")).output, head)
  assert.strictEqual((yield* world.exec("git", "rev-parse", "@{upstream}")).output, head)
  assert.include(yield* shell.type(`claw undo ${push.id}`, "y"), "cannot be taken back")

  // a failing test, then the fix: offered again once another command has ended
  const failing = yield* log.head
  assert.include(yield* shell.type("npm test"), "fail 1")
  writeFileSync(repository("cart.js"), cart.right)
  const stale = yield* log.until<Suggested>(
    "run it again",
    failing,
    (event) => isSuggested(event) && event.payload.proposal.rule === "run-again",
  )

  // a key is staged: said at once, in the quiet after an edit
  before = yield* log.head
  writeFileSync(repository("deploy.js"), `export const id = "${fakeKey}"\n`)
  yield* shell.type("git add deploy.js")
  const secret = yield* shown(scene, "secret-staged", before)
  yield* shell.type(`claw approve ${secret.id}`)
  assert.strictEqual(yield* staged(scene), "")
  yield* shell.type(`claw undo ${secret.id}`, "y")
  assert.strictEqual(yield* staged(scene), "deploy.js")
  assert.strictEqual((yield* log.row(secret.id)).state, "undone")
  // undone on purpose: not said again
  const restaged = yield* log.untilType("tool.undone", before)
  assert.include((yield* silentOn(scene, secret.made, restaged.seq)).payload.reason, "you said no")
  yield* shell.type("git rm --cached -qf deploy.js")
  rmSync(repository("deploy.js"))

  // a lockfile with a version that was an attack: said at once, while no command runs
  before = yield* log.head
  writeFileSync(repository("package-lock.json"), lockfile("1.14.1"))
  const compromised = yield* shown(scene, "compromised-dependency", before)
  assert.include(compromised.made.payload.proposal.title, "axios@1.14.1")
  yield* shell.type(`claw approve ${compromised.id}`)
  assert.strictEqual((yield* log.row(compromised.id)).state, "done")
  writeFileSync(repository("package-lock.json"), lockfile("1.14.0"))

  // conflict markers saved: said once the saving has settled and a command ends
  before = yield* log.head
  writeFileSync(repository("notes.md"), markers)
  yield* log.until<Suggested>(
    "the markers were seen",
    before,
    (event) => isSuggested(event) && event.payload.proposal.rule === "conflict-markers",
  )
  yield* shell.type("ls")
  const saved = yield* shown(scene, "conflict-markers", before)
  assert.include(yield* shell.type(`claw approve ${saved.id}`), ">>>>>>> other")

  // other commands have ended since the fix: the tests are run again by one key
  const again = yield* shown(scene, "run-again", failing)
  assert.strictEqual(again.made.seq, stale.seq)
  assert.include(yield* shell.type(`claw approve ${again.id}`), "pass 1")
  assert.strictEqual((yield* ended(scene, again.id)).exit, 0)
  assert.strictEqual(readFileSync(repository("runs.txt"), "utf8"), "ran\nran\n")

  // conflict markers staged: a no is kept
  before = yield* log.head
  yield* shell.type("git add notes.md")
  const marked = yield* shown(scene, "conflict-markers", before)
  yield* shell.type(`claw reject ${marked.id} --reason 'they are the text'`)
  yield* shell.type("git reset -q")
  yield* log.untilType("git.staged", marked.made.seq, (event) => event.payload.count === 0)
  const rejected = yield* log.head
  yield* shell.type("git add notes.md")
  const kept = yield* silentOn(scene, marked.made, rejected)
  assert.include(kept.payload.reason, "you said no")

  for (const { id } of [mistyped, push, secret, compromised, saved]) yield* tellsAll(scene, id, wholeChain)
  const steps = yield* tellsAll(
    scene,
    again.id,
    wholeChain.filter((role) => role !== "facts"),
  )
  const told = yield* shell.type(`claw why ${again.id}`)
  for (const { event } of steps) assert.include(told, `${event.seq}`)
  return (yield* log.events).filter((event) => event.seq <= kept.seq)
})

/** Nobody is told anything else, and nobody is told twice. */
const wanted = [
  "secret-typed",
  "mistyped-command",
  "git-push-failed",
  "run-again",
  "secret-staged",
  "compromised-dependency",
  "conflict-markers",
  "conflict-markers",
]

const holds = Effect.fnUntraced(function* (scene: Scene, events: ReadonlyArray<Event>) {
  const { claw, world } = scene
  assert.deepStrictEqual(
    suggestedIn(events).map((event) => event.payload.proposal.rule),
    wanted,
  )
  keepsAttention(events)

  const replay = claw("replay", "--json")
  assert.strictEqual(replay.exit, 0, replay.stderr)
  assert.isAtLeast(JSON.parse(replay.stdout).decisions, 30)
  const exported = join(world.root, "export.jsonl")
  assert.strictEqual(claw("audit", "export", exported).exit, 0)
  assert.strictEqual(claw("down").exit, 0)
  assert.strictEqual(claw("audit", "verify").exit, 0)

  // the key was in a file and on a command line; it is nowhere in what Claw keeps
  const lines = events.flatMap((event) => (event.type === "terminal.command" ? [event.payload.command] : []))
  assert.isTrue(lines.some((line) => line.startsWith("export SHOP_KEY=<redacted:")))
  const { data, state } = world.directories
  const keeps = [exported, ...filesBelow(data), ...filesBelow(state)]
  assert.isAtLeast(keeps.length, 4)
  for (const file of keeps) assert.isFalse(readFileSync(file).includes(fakeKey), file)
})

describe.concurrent("an afternoon's needs", () => {
  it.live.each(shells.filter(isInstalled))(
    "in %s",
    (name) =>
      Effect.gen(function* () {
        const scene = yield* openScene(name, openShop)
        yield* scene.shell.type(`export SHOP_KEY=${fakeKey}`)
        yield* holds(scene, yield* afternoon(scene))
      }).pipe(Effect.scoped),
    180_000,
  )
})
