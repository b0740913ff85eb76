/** The verifier that shares no code with the log, run by Node on what the log gives out, and on what was done to that. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { execFile } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { originOf, signCheckpoint, verifierKey } from "../../log-store/checkpointNote.ts"
import { consistencyText, inclusionText, withoutPayload } from "../../log-store/merkle/proofText.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { exportJsonl } from "../../log-store/transfer.ts"
import { upcaster } from "../../log-store/upcasts.ts"
import { draft } from "../../src/domain/event.ts"
import { note } from "../conformance/logStore/suite.ts"
import { signerOf } from "./signer.ts"
import { temporaryDir } from "./temporary.ts"

const verifier = join(import.meta.dirname, "..", "..", "docs", "verify-claw.mjs")

/** Exit code and what was printed; no environment, no arguments of ours. */
const run = (...args: ReadonlyArray<string>) =>
  Effect.promise(
    () =>
      new Promise<{ readonly exit: number; readonly out: string }>((resolve) => {
        execFile(process.execPath, [verifier, ...args], { env: {}, cwd: "/" }, (error, stdout, stderr) =>
          resolve({ exit: error === null ? 0 : Number(error.code), out: stdout + stderr }),
        )
      }),
  )

/** A log with odd contents, blobs, an erasure and three checkpoints: its export, its key, what proves its events. */
const logged = Effect.gen(function* () {
  const dir = yield* temporaryDir
  const store = yield* makeStore({ backend: memoryBackend(), upcast: upcaster({}), place: "memory" })
  const blob = new TextEncoder().encode("undo ".repeat(200))
  yield* store.append([
    note('\u{1f600}\ud800 "quoted" \u2028 and \\ back'),
    note("x".repeat(9000), { causationId: "0198a000-0000-7000-8000-000000000001", workspace: "/w" }),
    note("with a blob", { blobs: [blob] }),
    note("again", { blobs: [blob], trust: "untrusted", correlationId: "s_1" }),
  ])
  const signer = signerOf(originOf((yield* store.get(1))!.hash))
  const key = verifierKey(signer.name, signer.publicKey)
  const texts = new Map<number, string>()
  const checkpoint = Effect.gen(function* () {
    const { seq: size } = yield* store.head
    const root = yield* store.tree.root(size)
    const text = signCheckpoint({ origin: signer.name, size, root }, signer)
    const payload = { size, root, origin: signer.name, note: text, key }
    yield* store.append([draft("log.checkpoint", payload, { actor: "daemon" })])
    texts.set(size, text)
  })
  yield* checkpoint
  yield* store.append(Array.from({ length: 700 }, (_, n) => note(`event ${n}`)))
  yield* store.erase([20, 21], "a secret", "user:cli")
  yield* checkpoint
  yield* store.append(Array.from({ length: 90 }, (_, n) => note(`later ${n}`)))
  yield* checkpoint
  const lines = [...(yield* exportJsonl(store).pipe(Stream.runCollect))]
  const write = (name: string, text: string) => {
    const path = join(dir, name)
    writeFileSync(path, text)
    return path
  }
  const prove = Effect.fnUntraced(function* (seq: number, size: number, hide = false) {
    const { path } = yield* store.tree.inclusion(seq, size)
    const line = [...(yield* store.exportLines({ from: seq, to: seq }).pipe(Stream.runCollect))].at(-1)!
    return inclusionText({
      index: seq - 1,
      path,
      event: hide ? withoutPayload(line) : line,
      note: texts.get(size)!,
    })
  })
  const follow = Effect.fnUntraced(function* (from: number, to: number) {
    const { path } = yield* store.tree.consistency(from, to)
    return consistencyText({ path, older: texts.get(from)!, newer: texts.get(to)! })
  })
  return { store, signer, key, texts, sizes: [...texts.keys()], lines, write, prove, follow }
})

const lineOf = (lines: ReadonlyArray<string>, seq: number) =>
  lines.findIndex((line) => line.startsWith(`{"seq":${seq},`))

it("is under 200 lines, and imports nothing but Node", () => {
  const text = readFileSync(verifier, "utf8")
  assert.isBelow(text.split("\n").length, 200)
  const imported = [...text.matchAll(/from "([^"]+)"/g)].map((found) => found[1]!)
  assert.isNotEmpty(imported)
  for (const name of imported) assert.match(name, /^node:/)
  assert.notMatch(text, /import\(|require\(/)
})

describe("an export", () => {
  it.live(
    "holds as it is, and whatever is changed in it is found with its line",
    () =>
      Effect.gen(function* () {
        const { key, lines, signer, sizes, texts, write } = yield* logged
        const whole = write("whole.jsonl", `${lines.join("\n")}\n`)
        for (const args of [[whole], [whole, key], [whole, write("key", `${key}\n`)]]) {
          const { exit, out } = yield* run("export", ...args)
          assert.strictEqual(exit, 0, out)
          assert.match(out, /798 events hold \(2 erased\), and 3 signed checkpoints, the newest of 797/)
        }
        const edited = (seq: number, from: string, to: string) => {
          const at = lineOf(lines, seq)
          assert.include(lines[at], from)
          return lines.with(at, lines[at]!.replace(from, to))
        }
        const at = (seq: number) => lineOf(lines, seq)
        const event = (seq: number) => JSON.parse(lines[at(seq)]!) as Record<string, unknown>
        const blobAt = lines.findIndex((line) => line.startsWith('{"blob"'))
        const forger = signerOf(signer.name)
        const forgedNote = signCheckpoint(
          { origin: signer.name, size: sizes[1]!, root: "11".repeat(32) },
          forger,
        )
        const ways: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
          ["a payload changed", edited(30, "event 24", "event 42"), /event 30 was changed/],
          ["a type changed", edited(30, "daemon.health", "daemon.wealth"), /event 30 was changed/],
          ["an actor changed", edited(30, '"actor":"test"', '"actor":"user"'), /event 30 was changed/],
          ["a trust changed", edited(4, "untrusted", "trusted"), /event 4 was changed/],
          ["a time changed", edited(30, '"at":"20', '"at":"19'), /event 30 was changed/],
          ["a hash changed", edited(30, '"hash":"', '"hash":"0'), /event 30 was changed/],
          ["a link changed", edited(30, '"prevHash":"', '"prevHash":"0'), /event 30 was changed/],
          ["a workspace added", edited(30, '"workspace":null', '"workspace":"/w"'), /event 30 was changed/],
          ["a field added", edited(30, '"v":1', '"v":1,"by":"me"'), /event 30 has a field "by"/],
          ["a blob's name removed", edited(4, ',"blobs":[', ',"bobs":['), /event 4 has a field/],
          [
            "a blob changed",
            lines.with(blobAt, lines[blobAt]!.replace("dW5", "dW6")),
            /content of blob .* changed/,
          ],
          ["a blob removed", lines.toSpliced(blobAt, 1), /blob .* of event 3 is missing/],
          ["an event removed", lines.toSpliced(at(50), 1), /event 51 stands where event 50/],
          [
            "two exchanged",
            lines.with(at(50), lines[at(51)]!).with(at(51), lines[at(50)]!),
            /event 51 stands/,
          ],
          ["one repeated", lines.toSpliced(at(50), 0, lines[at(50)]!), /event 50 stands where event 51/],
          ["a payload said to be erased", lines.with(at(30), withoutPayload(lines[at(30)]!)), /^$/],
          [
            "an erased hash changed",
            edited(20, '"payloadHash":"', '"payloadHash":"0'),
            /event 20 was changed/,
          ],
          ["the tail cut off", lines.slice(0, -5), /not whole: it says 798 events, and 793/],
          ["the header changed", lines.with(0, lines[0]!.replace("798", "793")), /not whole/],
          ["no header", lines.slice(1), /line \d+: /],
          ["a line that is none", lines.toSpliced(at(30), 0, "hello"), /line \d+: /],
          ["nothing at all", [], /line 1/],
          [
            "a checkpoint's event with a forged note",
            lines.with(
              at(sizes[1]! + 1),
              JSON.stringify({
                ...event(sizes[1]! + 1),
                payload: { ...(event(sizes[1]! + 1)["payload"] as object), note: forgedNote },
              }),
            ),
            new RegExp(`event ${sizes[1]! + 1} was changed`),
          ],
        ]
        for (const [way, changed, message] of ways) {
          const file = write("changed.jsonl", changed.map((line) => `${line}\n`).join(""))
          const { exit, out } = yield* run("export", file, key)
          // what was erased is for the log itself to explain: the hash that everything rests on still holds
          const isHarmless = message.source === "^$"
          assert.strictEqual(exit, isHarmless ? 0 : 1, `${way}: ${out}`)
          if (!isHarmless) assert.match(out, message, way)
        }
        const torn = yield* run("export", write("torn", `${lines.join("\n")}\n`.slice(0, -30)))
        assert.strictEqual(torn.exit, 1)
        const other = signerOf(signer.name)
        const stranger = yield* run("export", whole, verifierKey(other.name, other.publicKey))
        assert.strictEqual(stranger.exit, 1)
        assert.match(stranger.out, /not signed by the key/)
        assert.isTrue(texts.size === 3)
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live("that was written anew, every hash with it, does not fit what was signed", () =>
    Effect.gen(function* () {
      const { key, lines, sizes, write } = yield* logged
      const { chainHash, sha256 } = yield* Effect.promise(() => import("../../log-store/canonical.ts"))
      let prevHash = ""
      const anew = lines.slice(1).map((line) => {
        if (line.startsWith('{"blob"')) return line
        const event = JSON.parse(line)
        if (prevHash !== "") event.prevHash = prevHash
        if (event.seq === 300) event.payload.detail = "it was not me"
        const payloadHash = event.erased ? event.payloadHash : sha256(JSON.stringify(event.payload))
        event.hash = chainHash({ blobs: [], ...event, payloadHash })
        prevHash = event.hash
        return JSON.stringify(event)
      })
      const header = JSON.stringify({ export: "claw.log/1", events: 798, hash: prevHash })
      const file = write("anew.jsonl", `${[header, ...anew].join("\n")}\n`)
      const { exit, out } = yield* run("export", file, key)
      assert.strictEqual(exit, 1)
      assert.match(
        out,
        new RegExp(
          `checkpoint in event ${sizes[1]! + 1} does not fit: of the events 5 to ${sizes[1]} one is another`,
        ),
      )
    }).pipe(Effect.scoped),
  )
})

describe("a proof", () => {
  it.live(
    "of an event holds by every checkpoint that covers it, and for no other event",
    () =>
      Effect.gen(function* () {
        const { key, lines, prove, signer, sizes, write } = yield* logged
        const [a, b, c] = sizes as [number, number, number]
        for (const [seq, size] of [
          [1, a],
          [4, a],
          [20, b],
          [256, b],
          [b, b],
          [512, c],
          [c, c],
        ] as const) {
          const { exit, out } = yield* run("proof", write("proof", yield* prove(seq, size)), key)
          assert.strictEqual(exit, 0, out)
          assert.include(out, `event ${seq} (`)
          assert.include(out, `log of ${size} events`)
        }
        const good = yield* prove(300, c)
        const [, , , ...rest] = good.split("\n")
        const event = JSON.parse(lines[lineOf(lines, 300)]!)
        const { prevHash: _, ...asPrinted } = event
        const printed = write("event", JSON.stringify({ ...asPrinted, v: 1 }))
        const proof = write("proof", good)
        assert.strictEqual((yield* run("proof", proof, key, printed)).exit, 0)
        const hidden = write("hidden", yield* prove(300, c, true))
        assert.notInclude(
          Buffer.from(readFileSync(hidden, "utf8").split("\n")[1]!.slice(6), "base64").toString(),
          "event 294",
        )
        assert.strictEqual((yield* run("proof", hidden, key, printed)).exit, 0)
        const another = yield* run(
          "proof",
          proof,
          key,
          write("other", JSON.stringify({ ...asPrinted, actor: "me" })),
        )
        assert.deepStrictEqual([another.exit, /another actor/.test(another.out)], [1, true])

        const extra = (line: string) => `extra ${Buffer.from(line).toString("base64")}`
        const forger = signerOf(signer.name)
        const forged = good.replace(
          /\n\n[^]*$/,
          `\n\n${signCheckpoint({ origin: signer.name, size: c, root: "22".repeat(32) }, forger)}`,
        )
        const ways: ReadonlyArray<readonly [string, string, RegExp]> = [
          [
            "another event",
            good.replace(/extra .*/, extra(lines[lineOf(lines, 301)]!)),
            /its event says 301/,
          ],
          [
            "an edited event",
            good.replace(/extra .*/, extra(JSON.stringify({ ...event, actor: "me" }))),
            /was changed/,
          ],
          ["another index", good.replace("index 299", "index 298"), /its event says 300/],
          ["a hash of the path", good.replace(rest[0]!, rest[1]!), /event 300 is not in the log/],
          ["a shorter path", good.replace(`${rest[0]}\n`, ""), /too few|not in the log/],
          ["a longer path", good.replace(rest[0]!, `${rest[0]}\n${rest[0]}`), /not in the log/],
          ["another size", good.replace(`\n${c}\n`, `\n${c + 1}\n`), /forged/],
          ["another key's signature", forged, /not signed by the key/],
          ["no signature", good.slice(0, good.indexOf("\u2014")), /not whole|no signature/],
          ["no proof", "hello\n", /no proof of an event/],
          ["nothing", "", /no proof of an event/],
        ]
        for (const [way, text, message] of ways) {
          assert.notStrictEqual(text, good, way)
          const { exit, out } = yield* run("proof", write("changed", text), key)
          assert.strictEqual(exit, 1, `${way}: ${out}`)
          assert.match(out, message, way)
        }
        const signature = good.trimEnd().split(" ").at(-1)!
        const bytes = Buffer.from(signature, "base64")
        bytes[40]! ^= 1
        const bent = yield* run(
          "proof",
          write("bent", good.replace(signature, bytes.toString("base64"))),
          key,
        )
        assert.match(bent.out, /forged/)
        // what a proof says reaches the terminal without its control characters
        const nasty = yield* run("proof", write("nasty", good.replace("index 299", "index \u001b[2J9")), key)
        assert.strictEqual(nasty.exit, 1)
        assert.notInclude(nasty.out, "\u001b")
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "of two checkpoints holds, and not the other way round",
    () =>
      Effect.gen(function* () {
        const { follow, key, sizes, texts, write } = yield* logged
        const [a, b, c] = sizes as [number, number, number]
        for (const [from, to] of [
          [a, b],
          [a, c],
          [b, c],
          [c, c],
        ] as const) {
          const { exit, out } = yield* run("consistency", write("c", yield* follow(from, to)), key)
          assert.strictEqual(exit, 0, out)
          assert.include(out, `log of ${to} events begins with the log of ${from}`)
        }
        const good = yield* follow(b, c)
        const path = good.split("\n\n")[0]!.split("\n").slice(1)
        const ways: ReadonlyArray<readonly [string, string]> = [
          ["another older one", good.replace(texts.get(b)!, texts.get(a)!)],
          ["exchanged", consistencyText({ path: [], older: texts.get(c)!, newer: texts.get(b)! })],
          ["a hash less", good.replace(`${path[0]}\n`, "")],
          ["a hash more", good.replace(path[0]!, `${path[0]}\n${path[0]}`)],
          ["a hash changed", good.replace(path[0]!, path.at(-1)!)],
          ["no checkpoint", good.split("\n\n").slice(0, 3).join("\n\n")],
          ["nothing", ""],
        ]
        for (const [way, text] of ways) {
          const { exit, out } = yield* run("consistency", write("changed", text), key)
          assert.strictEqual(exit, 1, `${way}: ${out}`)
          assert.notMatch(out, /^\s*$|at .*\.mjs/, way)
        }
        for (const args of [[], ["export"], ["proof", "x"], ["nonsense", "x", "y"]])
          assert.strictEqual((yield* run(...args)).exit, 2)
        const missing = yield* run("export", "/nonexistent")
        assert.deepStrictEqual([missing.exit, missing.out.includes("ENOENT")], [1, true])
      }).pipe(Effect.scoped),
    60_000,
  )
})
