/** With the daemon down, `claw audit verify` names the event whose stored bytes were changed, removed or exchanged. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { emptyCommit } from "../../log-store/Backend.ts"
import { Chunk, encodeChunk, type Entry } from "../../log-store/chunk.ts"
import { dataFile, lmdbBackend } from "../../log-store/LmdbBackend.ts"
import { Invocation } from "../../src/cli/Invocation.ts"
import { makeWorld, type World, worldSession } from "../../src/cli/ThrowAway.ts"
import { directories } from "../../src/config/Directories.ts"
import { follow } from "./Followed.ts"
import { asUser, clawIn } from "./Scene.ts"

const subject = (n: number): string => `a subject like no other ${n}`

/** A log of real commits; the seq of each, and of what stands after it. The daemon is down again. */
const record = Effect.fnUntraced(function* (world: World) {
  const { client } = yield* worldSession(world).pipe(Effect.provideService(Invocation, asUser(world)))
  const log = yield* follow(client)
  yield* Effect.orDie(client.Watch({ dir: world.repository }))
  yield* log.untilType("git.repository", 0)
  const seqs: Array<number> = []
  for (let n = 0; n < 8; n++) {
    yield* world.exec("git", "commit", "-q", "--allow-empty", "-m", subject(n))
    const { seq } = yield* log.untilType("git.commit", 0, (event) => event.payload.subject === subject(n))
    seqs.push(seq)
  }
  return seqs
}, Effect.scoped)

/** The world with a copy of its log that was tampered with. */
const tampered = Effect.fnUntraced(function* (
  world: World,
  name: string,
  tamper: (dir: string) => void | Promise<void>,
) {
  const env = { ...world.env, XDG_DATA_HOME: join(world.root, name) }
  cpSync(world.directories.data, directories(env).data, { recursive: true })
  yield* Effect.promise(async () => tamper(directories(env).log))
  return clawIn({ ...world, env })("audit", "verify")
})

/** Turns one bit wherever this text is stored. */
const flip = (dir: string, text: string): void => {
  const file = join(dir, dataFile)
  const bytes = readFileSync(file)
  let found = 0
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at + 3]! ^= 1
    found++
  }
  assert.isAtLeast(found, 1)
  writeFileSync(file, bytes)
}

/** Writes the log's chunks anew, each in its place, with other events in them. */
const rewrite = async (
  dir: string,
  change: (entries: ReadonlyArray<Entry>) => ReadonlyArray<Entry>,
): Promise<void> => {
  const backend = lmdbBackend({ dir })
  const old = backend.chunksFrom(1, Number.POSITIVE_INFINITY).map(({ bytes }) => new Chunk(bytes))
  const entries = change(old.flatMap((chunk) => chunk.entries())).map((entry, n) => ({
    ...entry,
    seq: n + 1,
  }))
  const chunks = old.flatMap(({ first, last, prevHash }) => {
    const here = entries.slice(first - 1, last)
    return here.length === 0 ? [] : [{ first, bytes: encodeChunk(prevHash, here) }]
  })
  const mergedChunks = old.map(({ first }) => first).filter((first) => first > entries.length)
  await backend.commit({ ...emptyCommit, chunks, mergedChunks })
  await backend.close()
}

it.live(
  "a stored event that was changed, removed or exchanged is named by its seq",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld(process.env)
      const seqs = yield* record(world)
      const seq = seqs[4]!
      const whole = clawIn(world)("audit", "verify")
      assert.strictEqual(whole.exit, 0, whole.stderr)
      assert.include(whole.stdout, "every link holds")

      const cases = {
        flipped: yield* tampered(world, "flipped", (dir) => flip(dir, subject(4))),
        removed: yield* tampered(world, "removed", (dir) =>
          rewrite(dir, (entries) => entries.toSpliced(seq - 1, 1)),
        ),
        exchanged: yield* tampered(world, "exchanged", (dir) =>
          rewrite(dir, (entries) => entries.toSpliced(seq - 1, 2, entries[seq]!, entries[seq - 1]!)),
        ),
      }
      for (const [how, { exit, stderr }] of Object.entries(cases)) {
        assert.strictEqual(exit, 1, how)
        assert.include(stderr, `seq ${seq}:`, how)
      }
      // the log itself was only copied
      assert.strictEqual(clawIn(world)("audit", "verify").exit, 0)
    }).pipe(Effect.scoped),
  60_000,
)
