/**
 * A log edited by hand while the daemon is down, by somebody who knows its format and can make every hash fit but not sign:
 * each way is rejected by `claw audit verify`, which names where. `chain`: what the log itself contradicts. `anchor`:
 * what only a checkpoint outside of the log can tell, a cut tail, an older copy, a whole written anew.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { eraseBlob, encodeBlob } from "../../log-store/blob.ts"
import { sha256 } from "../../log-store/canonical.ts"
import { erased, side } from "../../log-store/chunk.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { decodeHead, encodeHead } from "../../log-store/records.ts"
import { sealSegments } from "../../log-store/segments.ts"
import { chunkTerms } from "../../log-store/terms.ts"
import { verifiedLog } from "../log-store/verifiedLog.ts"
import { draft } from "../../src/domain/event.ts"
import { type Line, LogEditor } from "../faults/LogEditor.ts"
import { clawWorld, ndjson } from "./claws.ts"

/** An ordinary event, one with a large payload, one whose payload was erased on record, the record of that. */
const plain = 50
const large = 61
const gone = 30
const record = 101
const events = 100
const size = 20

/** An event other than it was, in whatever is not its payload. */
const fields: ReadonlyArray<readonly [string, Record<string, unknown>]> = [
  ["the time of an event", { at: "2020-01-01T00:00:00.000Z" }],
  ["who did it", { actor: "user:cli" }],
  ["whether it is to be trusted", { trust: "trusted" }],
  ["what caused it", { causationId: "0198a000-0000-7000-8000-00000000ffff" }],
  ["what it belongs to", { correlationId: "s_other" }],
  ["its type", { type: "daemon.resumed" }],
  ["its workspace", { workspace: "/elsewhere" }],
  ["its version", { v: 2 }],
]
const lied = JSON.stringify({ reason: "nothing happened" })
const lie = (line: Line | undefined): void => {
  line!.payload = JSON.parse(lied)
}

interface Row {
  readonly name: string
  readonly edit: (log: LogEditor, older: string) => Promise<unknown>
  readonly by: "chain" | "anchor"
  /** First and last event that may be named; the first one that is wrong, or the first piece that holds it. */
  readonly where: readonly [number, number]
}
const chain = (name: string, edit: Row["edit"], from: number, to = from): Row => ({
  name,
  edit,
  by: "chain",
  where: [from, to],
})
const anchor = (name: string, edit: Row["edit"], from: number, to: number): Row => ({
  name,
  edit,
  by: "anchor",
  where: [from, to],
})

const rows: ReadonlyArray<Row> = [
  chain("a payload changed", (log) => log.change(plain, (e) => ({ ...e, payload: lied })), plain),
  chain(
    "a payload changed, and the hash of its event made to fit",
    (log) => log.changeWithHash(plain, (e) => ({ ...e, payload: lied })),
    plain + 1,
  ),
  chain(
    "a payload changed, and every hash from there on, the head and the index; the segments forgotten",
    (log) => log.forge((all) => lie(all.find(({ seq }) => seq === plain))),
    plain,
  ),
  ...fields.flatMap(([what, change]) => [
    chain(`${what} changed`, (log) => log.change(plain, (e) => ({ ...e, ...change }) as never), plain),
  ]),
  chain(
    "the id of an event changed",
    (log) => log.change(plain, (e) => ({ ...e, id: e.id.slice(0, -1) + (e.id.endsWith("0") ? "1" : "0") })),
    plain,
  ),
  chain(
    "two events exchanged",
    async (log) => {
      const chunk = await log.chunkOf(plain)
      const all = chunk.entries()
      const at = plain - chunk.first
      const [a, b] = [all[at]!, all[at + 1]!]
      await log.replace(chunk, all.with(at, { ...b, seq: a.seq }).with(at + 1, { ...a, seq: b.seq }))
    },
    plain,
  ),
  chain(
    "an event taken out, and those behind it moved up",
    (log) => log.forge((all) => all.filter(({ seq }) => seq !== plain)),
    plain,
  ),
  chain(
    "an event put in",
    (log) =>
      log.forge((all) => {
        const at = all.findIndex(({ seq }) => seq === plain)
        const { id } = all[at]!
        // Between the ids before and behind.
        const made = {
          ...all[at]!,
          id: `${String(id).slice(0, -12)}ffffffffffff`,
          payload: JSON.parse(lied) as unknown,
        }
        return all.toSpliced(at + 1, 0, made)
      }),
    plain + 1,
  ),
  chain(
    "an event told twice",
    async (log) => {
      const chunk = await log.chunkOf(plain)
      const all = chunk.entries()
      const at = plain - chunk.first
      await log.replace(chunk, all.with(at + 1, { ...all[at]!, seq: plain + 1 }))
    },
    plain + 1,
  ),
  chain(
    "a piece of the log taken out",
    async (log) => {
      const chunk = await log.chunkOf(plain)
      await log.commit({ mergedChunks: [chunk.first], mergedTerms: chunkTerms(chunk.first, chunk.entries()) })
    },
    1,
    plain,
  ),
  chain(
    "a piece of the log put in another's place",
    async (log) => {
      const [, second, third] = await log.chunks()
      await log.replace(third!, third!.entries(), second!.first)
    },
    1,
    plain,
  ),
  chain(
    "the end hidden by an earlier head",
    async (log) => {
      const chunks = await log.chunks()
      const last = chunks.at(-2)!.entries().at(-1)!
      await log.commit({
        records: [
          {
            key: "head",
            value: encodeHead({
              ...decodeHead(Buffer.from('{"seq":0,"hash":"","at":null,"id":null,"maxMs":0,"regression":0}'))!,
              seq: last.seq,
              hash: last.hash,
              at: last.at,
              id: last.id,
            }),
          },
        ],
      })
    },
    events,
    events + 60,
  ),
  chain("the end cut off with a head that fits, the segments forgotten", (log) => log.cutTail(80), 1, 80),
  chain(
    "the data file put back to an older copy, the segments forgotten",
    async (log, older) => cpSync(join(older, "log.mdb"), join(log.dir, "log.mdb")),
    events,
    events + 60,
  ),
  chain(
    "a large payload changed where it lies",
    async (log) => {
      const { payload } = (await log.chunkOf(large)).entries().find(({ seq }) => seq === large)!
      await log.commit({ blobs: [{ hash: payload, bytes: encodeBlob(large, Buffer.from(lied)) }] })
    },
    large,
  ),
  chain(
    "a large payload marked as erased, with nothing on record",
    async (log) => {
      const { payload } = (await log.chunkOf(large)).entries().find(({ seq }) => seq === large)!
      await log.commit({ blobs: [{ hash: payload, bytes: eraseBlob(await log.blob(payload)) }] })
    },
    large,
  ),
  chain(
    "two large contents exchanged",
    async (log) => {
      const all = (await log.chunks()).flatMap((chunk) => chunk.entries())
      const [a, b] = all.filter(({ place }) => place === side).map(({ payload }) => payload)
      const [atA, atB] = [await log.blob(a!), await log.blob(b!)]
      await log.commit({
        blobs: [
          { hash: a!, bytes: atB },
          { hash: b!, bytes: atA },
        ],
      })
    },
    1,
    large,
  ),
  chain(
    "a payload taken out as if erased, with nothing on record",
    (log) => log.change(plain, (e) => ({ ...e, payload: sha256(e.payload), place: erased })),
    plain,
  ),
  chain(
    "an erasure forged: one more event named in the record of another erasure",
    async (log) => {
      await log.change(plain, (e) => ({ ...e, payload: sha256(e.payload), place: erased }))
      await log.change(record, (e) => ({
        ...e,
        payload: JSON.stringify({ ...(JSON.parse(e.payload) as object), seqs: [gone, plain] }),
      }))
    },
    record,
  ),
  chain(
    "an index key taken out, so that queries miss an event",
    async (log) => {
      const chunk = await log.chunkOf(plain)
      await log.commit({ mergedTerms: chunkTerms(chunk.first, chunk.entries()).slice(0, 1) })
    },
    1,
    plain,
  ),
  chain(
    "bytes changed in a segment",
    async ({ segments }) => {
      const bytes = readFileSync(segments[1]!)
      bytes[bytes.length - 30]! ^= 4
      writeFileSync(segments[1]!, bytes)
    },
    size + 1,
    2 * size,
  ),
  chain(
    "a payload changed in a segment, its checksum made to fit",
    async (log) =>
      log.changeSegment(log.segments[2]!, (lines) => lie(lines.find(({ seq }) => seq === plain))),
    plain,
  ),
  chain("a segment taken out", async ({ segments }) => rmSync(segments[1]!), size + 1, 2 * size),
  anchor(
    "the end cut off with a head that fits, and the segments of it",
    async (log) => {
      log.removeSegments()
      await log.cutTail(80)
    },
    40,
    81,
  ),
  anchor(
    "all of it put back to an older copy",
    async (log, older) => {
      rmSync(log.dir, { recursive: true })
      cpSync(older, log.dir, { recursive: true })
    },
    events,
    events + 60,
  ),
  anchor(
    "a payload changed, and every hash from there on, without segments",
    async (log) => {
      await log.forge((all) => lie(all.find(({ seq }) => seq === plain)))
      log.removeSegments()
    },
    1,
    plain + 100,
  ),
  anchor(
    "the whole written anew with times a year earlier",
    async (log) => {
      log.removeSegments()
      await log.forge((all) => {
        for (const line of all)
          if (typeof line["at"] === "string") line["at"] = line["at"].replace(/^\d{4}/, "2019")
      })
    },
    1,
    events + 60,
  ),
  anchor(
    "an empty log in its place",
    async (log) => {
      rmSync(log.dir, { recursive: true })
      mkdirSync(log.dir, { mode: 0o700 })
      await Effect.runPromise(
        LogStore.use((store) =>
          store.append([draft("daemon.stopped", { reason: "new" }, { actor: "daemon" })]),
        ).pipe(Effect.provide(LmdbLogStore.layer({ dir: log.dir, mapSize: 2 ** 30 }))),
      )
    },
    1,
    events,
  ),
]

/** A hundred events, one of them erased, in segments of twenty. */
const fill = (dir: string) =>
  LogStore.use((log) =>
    Effect.gen(function* () {
      for (let from = 1; from <= events; from += 5)
        yield* log.append(
          Array.from({ length: 5 }, (_, n) =>
            draft(
              "daemon.stopped",
              {
                reason: `${from + n} ${"r".repeat(700)}${(from + n) % 20 === 1 ? "l".repeat(5000 + from) : ""}`,
              },
              { actor: "daemon", trust: "untrusted", correlationId: "s_1" },
            ),
          ),
        )
      yield* log.erase([gone], "a secret", "user:cli")
      yield* sealSegments(log, dir, { atLeast: 1, size })
    }),
  ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 })))

it.live(
  `${rows.length} ways of editing a log by hand are rejected, and it is said where`,
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const { log, data, config } = world.directories
      const file = join(world.root, "stick.checkpoints")
      mkdirSync(config, { recursive: true })
      writeFileSync(
        join(config, "claw.config.ts"),
        `export default { anchors: ${JSON.stringify([{ file }])} }\n`,
      )
      mkdirSync(data, { recursive: true, mode: 0o700 })
      yield* fill(log)
      const run = (...args: ReadonlyArray<string>) =>
        Effect.map(world.claw(...args), ({ exit, stderr }) => assert.strictEqual(exit, 0, stderr))
      yield* run("up")
      yield* run("audit", "checkpoint")
      yield* run("down")
      const older = join(world.root, "older")
      cpSync(log, older, { recursive: true })
      yield* run("up")
      yield* run("pause")
      yield* run("down")

      const edited = <A>(
        name: string,
        edit: Row["edit"],
        body: (dir: string, home: string) => Effect.Effect<A>,
      ) =>
        Effect.gen(function* () {
          const home = join(world.root, name)
          const dataHome = world.env["XDG_DATA_HOME"]!
          const dir = join(home, relative(dataHome, log))
          cpSync(dataHome, home, { recursive: true })
          yield* Effect.promise(() => edit(new LogEditor(dir), older))
          const found = yield* body(dir, home)
          rmSync(home, { recursive: true })
          return found
        })
      const verified = (home: string) =>
        Effect.map(
          world.clawWith({ env: { XDG_DATA_HOME: home } }, "audit", "verify", "--json"),
          ({ exit, stderr, stdout }) => ({ exit, stderr, report: ndjson(stdout)[0] as unknown as Report }),
        )
      const whole = yield* edited(
        "whole",
        async () => {},
        (_, home) => verified(home),
      )
      assert.strictEqual(whole.exit, 0, whole.stderr)

      const wrong: Array<string> = []
      const judge = ({ name, by, where }: Row, found: Fault | null, more: string) => {
        if (found === null || found.seq < where[0] || found.seq > where[1])
          wrong.push(`${name}: ${JSON.stringify(found)}, due ${by} at ${where.join(" to ")} ${more}`)
      }
      for (const [n, row] of rows.entries())
        // The same check without the processes around it, but for a few.
        if (row.by === "chain" && n > 2)
          yield* edited(`row${n}`, row.edit, (dir) =>
            Effect.map(
              Effect.promise(() => verifiedLog(dir, "full")),
              ({ failure }) => judge(row, failure, ""),
            ),
          )
        else
          yield* edited(`row${n}`, row.edit, (_, home) =>
            Effect.map(verified(home), ({ exit, stderr, report: { failure, proof } }) => {
              const found = row.by === "chain" ? failure : (proof.anchors[0]?.failure ?? null)
              judge(row, found, stderr)
              if (exit !== 1 || !/seq \d+: /.test(stderr)) wrong.push(`${row.name}: exit ${exit}, ${stderr}`)
            }),
          )
      assert.deepStrictEqual(wrong, [])
      assert.isAtLeast(rows.length, 20)
    }).pipe(Effect.scoped),
  180_000,
)

interface Fault {
  readonly seq: number
  readonly message: string
}
interface Report {
  readonly failure: Fault | null
  readonly proof: { readonly anchors: ReadonlyArray<{ readonly failure: Fault | null }> }
}
