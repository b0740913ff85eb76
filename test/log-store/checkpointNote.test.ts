/** Checkpoints as signed notes: published ones are read and verified, ours are theirs, and nothing else passes. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  isSignedBy,
  NoteError,
  parseNote,
  parseVerifierKey,
  type Signer,
  signCheckpoint,
  verifierKey,
} from "../../log-store/checkpointNote.ts"
import { signerOf } from "./signer.ts"
import { cutNotes, lastNote } from "../../log-store/checkpointNotes.ts"

/** A checkpoint of Go's public checksum database, with its published key. */
const published = {
  key: "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
  note: `go.sum database tree
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`,
}

const root = "ab".repeat(32)

describe("a checkpoint", () => {
  it("that others published is read, and its signature holds", () => {
    const note = parseNote(published.note)
    const key = parseVerifierKey(published.key)
    assert.deepInclude(note, { origin: "go.sum database tree", size: 20_852_163 })
    assert.strictEqual(Buffer.from(note.root, "hex").toString("base64"), published.note.split("\n")[2])
    assert.isTrue(isSignedBy(note, key))
    assert.strictEqual(verifierKey(key.name, key.publicKey), published.key)
    assert.isFalse(isSignedBy({ ...note, body: note.body.replace("20852163", "20852164") }, key))
  })

  it("of ours is signed, read back, and signed by nobody else", () => {
    const mine = signerOf("claw.local/0011223344556677")
    const other = signerOf(mine.name)
    const text = signCheckpoint({ origin: mine.name, size: 17, root }, mine)
    const note = parseNote(text)
    assert.deepInclude(note, { origin: mine.name, size: 17, root })
    const keyOf = (signer: Signer) => parseVerifierKey(verifierKey(signer.name, signer.publicKey))
    assert.isTrue(isSignedBy(note, keyOf(mine)))
    assert.isFalse(isSignedBy(note, keyOf(other)))
    // another key that took over the id: the signature itself does not fit
    assert.isFalse(isSignedBy(note, { ...keyOf(other), keyId: keyOf(mine).keyId }))
    // cosigned by a key nobody knows: that line is passed over
    const cosigned = `${text}${signCheckpoint({ origin: mine.name, size: 17, root }, other).split("\n").at(-2)}\n`
    assert.isTrue(isSignedBy(parseNote(cosigned), keyOf(mine)))
  })

  it("with any byte changed is refused, or not signed", () => {
    const mine = signerOf("claw.local/0011223344556677")
    const key = parseVerifierKey(verifierKey(mine.name, mine.publicKey))
    const bytes = Buffer.from(signCheckpoint({ origin: mine.name, size: 4096, root }, mine))
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes)
        changed[at]! ^= 1 << bit
        try {
          return !isSignedBy(parseNote(changed.toString("utf8")), key)
        } catch (error) {
          return error instanceof NoteError
        }
      }),
      { numRuns: 500 },
    )
  })

  it("is refused where it is not one", () => {
    const mine = signerOf("claw.local/0011223344556677")
    const good = signCheckpoint({ origin: mine.name, size: 3, root }, mine)
    const bad: ReadonlyArray<string> = [
      "",
      "\n\n",
      good.trimEnd(),
      good.replace("\n3\n", "\n03\n"),
      good.replace("\n3\n", "\n-3\n"),
      good.replace("\n3\n", "\n3.0\n"),
      good.replace("\n\n", "\nextension\n\n"),
      good.replace("\n\n", "\n"),
      good.replace(mine.name, ""),
      good.replace("\u2014", "-"),
      `${good}\u2014 nobody !!!!\n`,
      good.replace(/\n[A-Za-z0-9+/]{43}=\n/, "\nAAAA\n"),
      good.slice(good.indexOf("\n\n") + 2),
    ]
    for (const text of bad) assert.throws(() => parseNote(text), NoteError, undefined, JSON.stringify(text))
    for (const text of ["", "a+b+c", published.key.replace("033de0ae", "033de0af"), `${published.key}AA`])
      assert.throws(() => parseVerifierKey(text), NoteError)
  })
})

describe("notes one after another", () => {
  const mine = signerOf("claw.local/0011223344556677")
  const notes = [1, 20, 300].map((size) => signCheckpoint({ origin: mine.name, size, root }, mine))

  it("are told apart, each with its line", () => {
    const all = notes.join("")
    const { notes: found, whole, isTorn } = cutNotes(all)
    assert.deepStrictEqual(
      found,
      notes.map((text, n) => ({ line: 1 + 5 * n, text })),
    )
    assert.strictEqual(whole, all.length)
    assert.isFalse(isTorn)
    assert.strictEqual(lastNote(all)?.size, 300)
    assert.isNull(lastNote(""))
    assert.deepStrictEqual(cutNotes("").notes, [])
  })

  it("that break off anywhere keep those that are whole", () => {
    const all = notes.join("")
    const ends = [0, ...notes.map((_, n) => notes.slice(0, n + 1).join("").length)]
    for (let length = 0; length < all.length; length++) {
      const { notes: found, whole, isTorn } = cutNotes(all.slice(0, length))
      const end = ends.findLast((one) => one <= length)!
      assert.strictEqual(whole, end)
      assert.lengthOf(found, ends.indexOf(end))
      assert.strictEqual(isTorn, length !== end)
    }
  })
})
