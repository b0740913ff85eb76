#!/usr/bin/env node
// Verifies what Claw says about its log, without Claw: plain Node 20 or later, no dependencies, no shared code.
//
//   node verify-claw.mjs export FILE [KEY]       what `claw audit export FILE` wrote, whole
//   node verify-claw.mjs proof FILE KEY [EVENT]  what `claw audit prove SEQ` printed; EVENT: a file with the event as
//                                                `claw log --json` or an export has it, to be the proven one
//   node verify-claw.mjs consistency FILE KEY    what `claw audit consistency A B` printed
//
// KEY is what `claw audit key` prints, or a file that holds it: get it from somebody you trust, not with the proof.
// Exit 0: it holds. Exit 1: it does not, and the message says where. Exit 2: it was called wrongly.
//
// What is checked (SHA-256 throughout; JSON as ECMAScript's JSON.stringify writes it, in UTF-8):
//   hash: of 0x00 and ["claw.event/1",seq,id,at,type,v,workspace,actor,trust,causationId,correlationId,payloadHash,
//     prevHash(,blobs)]; payloadHash: of the payload's JSON; prevHash: of the event before; blobs: of their bytes
//   tree: RFC 6962, event N is leaf N - 1; checkpoints: c2sp.org/tlog-checkpoint; proofs: c2sp.org/tlog-proof
import { createHash, createPublicKey, verify } from "node:crypto"
import { createReadStream, existsSync, readFileSync } from "node:fs"

const fail = (message) => {
  throw new Error(message)
}
const must = (holds, message) => holds || fail(message)
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest()
const node = (left, right) => sha256(Buffer.of(1), left, right)
const base64 = (text = "") => {
  const bytes = Buffer.from(text, "base64")
  return bytes.toString("base64") === text ? bytes : fail(`"${text.slice(0, 80)}" is no base64`)
}

const fields = ["seq", "id", "at", "type", "v", "workspace", "actor", "trust", "causationId", "correlationId"]
const known = new Set([...fields, "payload", "prevHash", "hash", "blobs", "erased", "payloadHash"])

/** The event of an export's line, with its hash computed from everything else in the line. */
const readEvent = (line) => {
  const event = JSON.parse(line)
  const other = Object.keys(event).find((name) => !known.has(name))
  must(other === undefined, `event ${event.seq} has a field "${other}" that no hash covers`)
  const gone = event.erased === true
  must(gone ? event.payload === null : event.payloadHash === undefined, `event ${event.seq} is half erased`)
  const payloadHash = gone ? event.payloadHash : sha256(JSON.stringify(event.payload ?? null)).toString("hex")
  const header = ["claw.event/1", ...fields.map((name) => event[name] ?? null), payloadHash, event.prevHash]
  const hash = sha256("\0", JSON.stringify(event.blobs === undefined ? header : [...header, event.blobs]))
  must(hash.toString("hex") === event.hash, `event ${event.seq} was changed: its hash is another one`)
  return { event, hash }
}

/** From `name+id+base64(0x01, key)`. */
const readKey = (text) => {
  const [name, id, ...rest] = (existsSync(text) ? readFileSync(text, "utf8") : text).trim().split("+")
  const bytes = base64(rest.join("+"))
  const keyId = sha256(`${name}\n`, bytes).subarray(0, 4)
  must(bytes.length === 33 && bytes[0] === 1 && keyId.toString("hex") === id, "it is no Ed25519 verifier key")
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes.subarray(1)])
  return { name, keyId, publicKey: createPublicKey({ key: der, format: "der", type: "spki" }) }
}

/** What a checkpoint says, once it is known that this key signed it. */
const readCheckpoint = (note, key) => {
  const end = note.lastIndexOf("\n\n")
  const body = note.slice(0, end + 1)
  const [origin, size, root, last, ...more] = body.split("\n")
  must(end > 0 && note.endsWith("\n") && last === "" && more.length === 0, "the checkpoint is not whole")
  let isSigned = false
  for (const line of note.slice(end + 2, -1).split("\n")) {
    const [dash, name, signature, ...others] = line.split(" ")
    must(dash === "\u2014" && others.length === 0, "the checkpoint has a line that is no signature")
    const bytes = base64(signature)
    if (name !== key.name || !bytes.subarray(0, 4).equals(key.keyId)) continue
    isSigned = verify(null, Buffer.from(body), key.publicKey, bytes.subarray(4))
    must(isSigned, "the checkpoint's signature is forged")
  }
  must(isSigned, `the checkpoint of ${origin} is not signed by the key ${key.name}`)
  must(/^[1-9]\d{0,15}$/.test(size) && base64(root).length === 32, "the checkpoint has no size or no root")
  return { origin, size: Number(size), root: base64(root) }
}

/** The largest power of two below `size`: where RFC 6962 (section 2.1) parts a tree. Paths are read from the root down. */
const parting = (size) => 2 ** (Math.ceil(Math.log2(size)) - 1)
const take = (path) => path.pop() ?? fail("the proof has too few hashes")
const inclusionRoot = (leaf, index, size, path) => {
  if (size === 1) return leaf
  const beside = take(path)
  const k = parting(size)
  return index < k
    ? node(inclusionRoot(leaf, index, k, path), beside)
    : node(beside, inclusionRoot(leaf, index - k, size - k, path))
}

/** The roots of the older and the newer tree. `known`: that of the older tree where it is all of this subtree. */
const consistencyRoots = (from, to, path, known) => {
  if (from === to) return Array(2).fill(known ?? take(path))
  const beside = take(path)
  const k = parting(to)
  if (from > k) return consistencyRoots(from - k, to - k, path).map((root) => node(beside, root))
  const [older, newer] = consistencyRoots(from, k, path, known)
  return [older, node(newer, beside)]
}

/** Lines of a file; only a newline ends one. */
async function* linesOf(file) {
  let rest = ""
  for await (const chunk of createReadStream(file, "utf8")) {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop()
    yield* lines
  }
  must(rest === "", "the file breaks off inside its last line")
}

const verifyExport = async (file, keyText = undefined) => {
  const asked = keyText === undefined ? undefined : readKey(keyText)
  const sizes = new Set() // of the checkpoints to come: their roots are taken when the log has grown so far
  for await (const line of linesOf(file))
    if (line.includes('"type":"log.checkpoint"')) sizes.add(JSON.parse(line).payload?.size)
  const join = (right, left) => node(left, right)
  const [roots, edge, blobs] = [new Map(), [], new Set()]
  let [number, header, seq, last, erased, checkpoints, newest] = [0, {}, 0, "0".repeat(64), 0, 0, 0]
  const readBlob = ({ blob, base64: content, erased: gone }) => {
    must(gone || sha256(base64(content)).toString("hex") === blob, `the content of blob ${blob} was changed`)
    blobs.add(blob)
  }
  const readNext = ({ event, hash }) => {
    must(event.seq === ++seq, `event ${event.seq} stands where event ${seq} should`)
    must(event.prevHash === last, `event ${seq} does not continue the event before it`)
    const missing = event.blobs?.find((blob) => !blobs.has(blob))
    must(missing === undefined, `blob ${missing} of event ${seq} is missing`)
    last = event.hash
    erased += event.erased ? 1 : 0
    let root = hash
    for (let n = seq; n % 2 === 0; n /= 2) root = node(edge.pop(), root)
    edge.push(root)
    if (sizes.has(seq)) roots.set(seq, edge.reduceRight(join))
    if (event.type !== "log.checkpoint" || event.payload === null) return
    const signed = readCheckpoint(event.payload.note, asked ?? readKey(event.payload.key))
    const place = `of the events ${newest + 1} to ${signed.size} one is another than was signed`
    must(roots.get(signed.size)?.equals(signed.root), `the checkpoint in event ${seq} does not fit: ${place}`)
    newest = signed.size
    checkpoints++
  }
  for await (const line of linesOf(file))
    try {
      if (++number === 1) header = JSON.parse(line)
      else if (line.startsWith('{"blob":')) readBlob(JSON.parse(line))
      else readNext(readEvent(line))
    } catch (error) {
      fail(`line ${number}: ${error.message}`)
    }
  must(header.export === "claw.log/1", "line 1: it is not the header of an export of a log")
  const isWhole = header.events === seq && header.hash === last
  must(isWhole, `the export is not whole: it says ${header.events} events, and ${seq} are there`)
  return `${seq} events hold (${erased} erased), and ${checkpoints} signed checkpoints, the newest of ${newest}`
}

const verifyProof = (file, key, given = undefined) => {
  const [head, ...note] = readFileSync(file, "utf8").split("\n\n")
  const [form, extra = "", at = "", ...path] = head.split("\n")
  must(form === "c2sp.org/tlog-proof@v1" && extra.startsWith("extra "), "it is no proof of an event of a log")
  const { event, hash } = readEvent(base64(extra.slice(6)).toString("utf8"))
  const { root, size } = readCheckpoint(note.join("\n\n"), readKey(key))
  const fits = at === `index ${event.seq - 1}` && event.seq >= 1 && event.seq <= size
  must(fits, `the proof is for ${at} of ${size}, its event says ${event.seq}`)
  const hashes = path.map(base64)
  const isIn = inclusionRoot(hash, event.seq - 1, size, hashes).equals(root) && hashes.length === 0
  must(isIn, `event ${event.seq} is not in the log that the checkpoint signed`)
  // `claw log --json` has a "v" of its own; a payload that was not shown cannot be compared
  for (const [name, value] of Object.entries(given ? JSON.parse(readFileSync(given, "utf8")) : {}))
    if (name !== "v" && !(name === "payload" && event.erased))
      must(JSON.stringify(value) === JSON.stringify(event[name]), `${given} has another ${name}`)
  return `event ${event.seq} (${event.type}, ${event.at}) is in the log of ${size} events that was signed`
}

const verifyConsistency = (file, key) => {
  const [head, ...notes] = readFileSync(file, "utf8").split("\n\n")
  const [form, ...path] = head.split("\n")
  must(form === "claw.log/consistency/1" && notes.length === 4, "it is no proof of two checkpoints")
  const older = readCheckpoint(`${notes[0]}\n\n${notes[1]}\n`, readKey(key))
  const newer = readCheckpoint(`${notes[2]}\n\n${notes[3]}`, readKey(key))
  must(older.origin === newer.origin && older.size <= newer.size, "the checkpoints do not follow each other")
  const hashes = path.map(base64)
  const roots = consistencyRoots(older.size, newer.size, hashes, older.root)
  const holds = hashes.length === 0 && roots[0].equals(older.root) && roots[1].equals(newer.root)
  must(holds, `the log of ${newer.size} events does not begin with the log of ${older.size} events`)
  return `the log of ${newer.size} events begins with the log of ${older.size}: nothing before was changed`
}

const run = { export: verifyExport, proof: verifyProof, consistency: verifyConsistency }[process.argv[2]]
const args = process.argv.slice(3)
const exit = (code, print, text) => {
  print(text.replace(/[^\n -~]/g, "?")) // what is in the file must not reach the terminal raw
  process.exitCode = code
}
const usage = "usage: verify-claw.mjs export FILE [KEY] | proof FILE KEY [EVENT] | consistency FILE KEY"
if (run === undefined || args.length < run.length) exit(2, console.error, usage)
else
  await Promise.resolve(args)
    .then((given) => run(...given))
    .then((text) => exit(0, console.log, text))
    .catch((error) => exit(1, console.error, error.message))
