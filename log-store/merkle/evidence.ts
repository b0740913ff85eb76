/**
 * What speaks for or against a log besides its own chain: the checkpoints in it, and what was kept of them elsewhere
 * (anchors). Judged against the roots that were computed anew from the events. Pure.
 * Invariants: nothing unsigned is believed; every fault names where it is; a log without checkpoints and anchors is
 * not at fault, and says that nothing was checked.
 */
import {
  isSignedBy,
  type Note,
  originOf,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
} from "../checkpointNote.ts"
import type { PlacedNote } from "../checkpointNotes.ts"

/** A `log.checkpoint` event. */
export interface LoggedCheckpoint {
  readonly seq: number
  readonly size: number
  readonly root: string
  readonly note: string
  readonly key: string
}
/** A `log.anchored` event. */
export interface LoggedAnchoring {
  readonly seq: number
  readonly to: string
  readonly size: number
}
export interface AnchorEvidence {
  readonly to: string
  readonly notes: ReadonlyArray<PlacedNote>
  /** Why it could not be read; null where it could. */
  readonly problem: string | null
  /** Somebody asked for this one: that it cannot be read is a fault. */
  readonly isAsked: boolean
}
export interface Logged {
  readonly head: number
  /** Hash of the first event; null in an empty log. */
  readonly firstHash: string | null
  readonly checkpoints: ReadonlyArray<LoggedCheckpoint>
  readonly anchorings: ReadonlyArray<LoggedAnchoring>
}
export interface Evidence {
  /** This machine's public key, base64; null where it has none. */
  readonly publicKey: string | null
  readonly anchors: ReadonlyArray<AnchorEvidence>
}

export interface Fault {
  readonly seq: number
  readonly message: string
}
export interface AnchorReport {
  readonly to: string
  readonly checkpoints: number
  /** Size of the newest one that fits. */
  readonly newest: number | null
  readonly failure: Fault | null
}
export interface ProofReport {
  /** Checkpoints in the log that hold. */
  readonly checkpoints: number
  /** Size that the newest of them covers. */
  readonly newest: number | null
  /** Who signed them, oldest first. */
  readonly keys: ReadonlyArray<string>
  readonly anchors: ReadonlyArray<AnchorReport>
  readonly failure: Fault | null
}

type Roots = ReadonlyMap<number, string>

/** Sizes whose roots are needed, ascending; what cannot be read asks for none. */
export const sizesOf = (logged: Logged, evidence: Evidence): ReadonlyArray<number> => {
  const sizes = new Set(logged.checkpoints.map(({ size }) => size))
  for (const { notes } of evidence.anchors)
    for (const { text } of notes) {
      const note = readNote(text)
      if (typeof note !== "string") sizes.add(note.size)
    }
  return [...sizes].filter((size) => size >= 1 && size <= logged.head).sort((a, b) => a - b)
}

const readNote = (text: string): Note | string => {
  try {
    return parseNote(text)
  } catch (error) {
    return (error as Error).message
  }
}
const readKey = (text: string): VerifierKey | null => {
  try {
    return parseVerifierKey(text)
  } catch {
    return null
  }
}

/** Says between which two sizes the events are not those that were signed. */
const changed = (fits: number, size: number): string =>
  fits === 0
    ? `one of the events 1 to ${size} is another one than was signed`
    : `the first ${fits} events are those that were signed, one of the events ${fits + 1} to ${size} is not`

const checkCheckpoint = (one: LoggedCheckpoint, fits: number, origin: string, roots: Roots): Fault | null => {
  const at = `the checkpoint in event ${one.seq}`
  const note = readNote(one.note)
  if (typeof note === "string") return { seq: one.seq, message: `${at} cannot be read: ${note}` }
  const key = readKey(one.key)
  if (key === null) return { seq: one.seq, message: `${at} names no key that could be checked` }
  if (!isSignedBy(note, key)) return { seq: one.seq, message: `${at} is not signed by the key it names` }
  if (note.size !== one.size || note.root !== one.root || note.size >= one.seq || note.size < 1)
    return { seq: one.seq, message: `${at} says another size or root than its signed note` }
  const root = roots.get(note.size)
  if (root !== note.root)
    return { seq: fits + 1, message: `${at} does not fit the log: ${changed(fits, note.size)}` }
  return note.origin === origin
    ? null
    : { seq: one.seq, message: `${at} is one of another log (${note.origin}, this is ${origin})` }
}

/** The first event by another key than this machine's, where that cannot be because it moved here. */
const foreignKey = (logged: Logged, publicKey: string | null): Fault | null => {
  if (publicKey === null) return null
  const isOwn = ({ key }: LoggedCheckpoint) => readKey(key)?.publicKey.toString("base64") === publicKey
  const own = logged.checkpoints.findIndex(isOwn)
  const foreign = logged.checkpoints.find((one, n) => !isOwn(one) && n > own)
  return foreign === undefined
    ? null
    : {
        seq: foreign.seq,
        message: `the checkpoint in event ${foreign.seq} is signed by another key than this machine's: the log was written anew, or restored from another machine (then claw up signs it again)`,
      }
}

const checkAnchor = (
  anchor: AnchorEvidence,
  logged: Logged,
  keys: ReadonlyArray<VerifierKey>,
  roots: Roots,
): AnchorReport => {
  const origin = logged.firstHash === null ? null : originOf(logged.firstHash)
  let fits = 0
  let count = 0
  const failed = (seq: number, message: string): AnchorReport => ({
    to: anchor.to,
    checkpoints: count,
    newest: count === 0 ? null : fits,
    failure: { seq, message },
  })
  const given = logged.anchorings.filter(({ to }) => to === anchor.to)
  if (anchor.problem !== null) {
    if (given.length > 0)
      return failed(
        given[0]!.seq,
        `the anchor ${anchor.to} cannot be read (${anchor.problem}), and event ${given.at(-1)!.seq} says that it was given a checkpoint`,
      )
    return anchor.isAsked
      ? failed(0, `the anchor ${anchor.to} cannot be read: ${anchor.problem}`)
      : { to: anchor.to, checkpoints: 0, newest: null, failure: null }
  }
  const sizes = new Set<number>()
  for (const { where, text } of anchor.notes) {
    const note = readNote(text)
    if (typeof note === "string") return failed(fits + 1, `${where}: ${note}: the anchor was edited`)
    if (!keys.some((key) => isSignedBy(note, key)))
      return failed(
        fits + 1,
        `${where}: it is not signed by a key of this log: the anchor or the log was edited`,
      )
    if (note.size < fits) return failed(note.size, `${where}: an older checkpoint follows a newer one`)
    if (note.size > logged.head)
      return failed(
        logged.head + 1,
        `${where}: the log had ${note.size} events, and has ${logged.head}: its end was cut off, or an older copy was put in its place`,
      )
    if (roots.get(note.size) !== note.root)
      return failed(fits + 1, `${where} does not fit the log: ${changed(fits, note.size)}`)
    if (note.origin !== origin)
      return failed(1, `${where}: it is a checkpoint of another log (${note.origin}, this is ${origin})`)
    fits = note.size
    sizes.add(note.size)
    count++
  }
  const missing = given.find(({ size }) => !sizes.has(size))
  return missing === undefined
    ? { to: anchor.to, checkpoints: count, newest: count === 0 ? null : fits, failure: null }
    : failed(
        missing.seq,
        `the anchor ${anchor.to} was given the checkpoint of ${missing.size} events (event ${missing.seq}), and has it no more: it was cut or edited`,
      )
}

export const judgeEvidence = (logged: Logged, evidence: Evidence, roots: Roots): ProofReport => {
  const origin = logged.firstHash === null ? "" : originOf(logged.firstHash)
  let failure: Fault | null = null
  let fits = 0
  let checkpoints = 0
  for (const one of logged.checkpoints) {
    failure = checkCheckpoint(one, fits, origin, roots)
    if (failure !== null) break
    fits = one.size
    checkpoints++
  }
  failure ??= foreignKey(logged, evidence.publicKey)
  const names = [...new Set(logged.checkpoints.map(({ key }) => key))]
  const known = names.flatMap((name) => readKey(name) ?? [])
  const anchors = evidence.anchors.map((anchor) => {
    const notes = anchor.notes.flatMap(({ text }) => {
      const note = readNote(text)
      return typeof note === "string" ? [] : [note]
    })
    return checkAnchor(anchor, logged, [...known, ...ownKeys(notes, evidence.publicKey)], roots)
  })
  return {
    checkpoints,
    newest: checkpoints === 0 ? null : fits,
    keys: names,
    anchors,
    failure: failure ?? anchors.find((anchor) => anchor.failure !== null)?.failure ?? null,
  }
}

/** This machine's key under each origin that the notes name: a log that was written anew has another. */
const ownKeys = (notes: ReadonlyArray<Note>, publicKey: string | null): ReadonlyArray<VerifierKey> =>
  publicKey === null
    ? []
    : [...new Set(notes.map(({ origin }) => origin))].map((name) =>
        parseVerifierKey(verifierKey(name, Buffer.from(publicKey, "base64"))),
      )
