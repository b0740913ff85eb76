/**
 * Calls that prove the log to others. They need no token: they change nothing but the log's own record of a checkpoint.
 * Invariant: a proof is given only by a checkpoint that the log holds signed, and only where it leads to exactly its root.
 */
import { Effect, Stream } from "effect"
import { verifierKey } from "../../../log-store/checkpointNote.ts"
import { type LogError, LogStore } from "../../../log-store/LogStore.ts"
import { auditInChild } from "../../../log-store/merkle/auditChild.ts"
import { consistencyText, inclusionText, withoutPayload } from "../../../log-store/merkle/proofText.ts"
import { Keychain } from "../../config/Keychain.ts"
import type { AnchorSetting } from "../../config/Settings.ts"
import { BadInput, NoSuch, ProofRpcs, Refused, Unavailable } from "../../rpc/ClawRpcs.ts"
import { Anchoring } from "../Anchoring.ts"
import { parseAnchor } from "../anchors.ts"
import { type Checkpoint, type CheckpointError, Checkpoints } from "../Checkpoints.ts"
import { type Entry, hidden } from "../entry.ts"
import { findSigningKey } from "../signingKey.ts"

const asRpc = (error: CheckpointError) => {
  switch (error.reason) {
    case "empty":
      return new NoSuch({ what: "event", id: "1" })
    case "foreign":
    case "unfit":
      return new Refused({ message: error.message, rule: null })
    case "key":
    case "disk":
      return new Unavailable({ message: error.message })
  }
}
/** Events from which on a child checks them. */
const longLog = 100_000

const unavailable = (error: LogError) => new Unavailable({ message: error.message })
const noCheckpoint = (size: number) =>
  new NoSuch({ what: "checkpoint (claw log --type log.checkpoint lists them)", id: `of ${size} events` })

export interface ProvingOptions {
  readonly entry: Entry
  readonly logDir: string
}

export const provingHandlers = (options: ProvingOptions) =>
  ProofRpcs.toLayer(
    Effect.gen(function* () {
      const store = yield* LogStore
      const checkpoints = yield* Checkpoints
      const anchoring = yield* Anchoring
      const keychain = yield* Keychain

      /** Gives way to new tiles once, where the tree leads to another root than was signed. */
      const leadsTo = <A>(
        signed: ReadonlyArray<readonly [found: (proof: A) => string, checkpoint: Checkpoint]>,
        proof: Effect.Effect<A, LogError>,
      ) =>
        Effect.gen(function* () {
          const fits = (one: A) => signed.every(([found, { payload }]) => found(one) === payload.root)
          const first = yield* proof
          if (fits(first)) return first
          yield* store.tree.rebuild
          const second = yield* proof
          return fits(second)
            ? second
            : yield* new Refused({
                message: `the log is not what its checkpoint in event ${signed.at(-1)![1].seq} signed: there is no proof to give. Run claw audit verify`,
                rule: null,
              })
        }).pipe(Effect.mapError((error) => (error._tag === "LogError" ? unavailable(error) : error)))

      const checkpointFor = Effect.fnUntraced(function* (seq: number, size: number | null) {
        if (size === null) {
          const newest = yield* checkpoints.newest
          return newest !== null && newest.payload.size >= seq ? newest : yield* checkpoints.make()
        }
        return yield* checkpoints.ofSize(size)
      })
      const ofSize = (size: number) =>
        checkpoints.ofSize(size).pipe(
          Effect.mapError(asRpc),
          Effect.filterOrFail(
            (found) => found !== null,
            () => noCheckpoint(size),
          ),
        )

      return ProofRpcs.of({
        MakeCheckpoint: Effect.fnUntraced(function* ({ adopt }) {
          const { seq, at, payload } = yield* Effect.mapError(checkpoints.make({ adopt }), asRpc)
          return { v: 1 as const, seq, at, ...payload, anchors: yield* anchoring.states }
        }),

        Prove: Effect.fnUntraced(function* ({ seq, size, hidePayload }) {
          const head = yield* store.head
          if (!Number.isInteger(seq) || seq < 1 || seq > head.seq)
            return yield* new NoSuch({ what: "event", id: String(seq) })
          const checkpoint = yield* Effect.mapError(checkpointFor(seq, size), asRpc)
          if (checkpoint === null) return yield* noCheckpoint(size!)
          const { payload } = checkpoint
          if (payload.size < seq)
            return yield* new NoSuch({
              what: `event in the checkpoint of ${payload.size} events`,
              id: String(seq),
            })
          const { leaf, path, root } = yield* leadsTo(
            [[(proof) => proof.root, checkpoint]],
            store.tree.inclusion(seq, payload.size),
          )
          const lines = yield* store
            .exportLines({ from: seq, to: seq })
            .pipe(Stream.runCollect, Effect.mapError(unavailable))
          const line = lines.at(-1)!
          const index = seq - 1
          const { key, note } = payload
          const event = hidePayload ? withoutPayload(line) : line
          const text = inclusionText({ index, path, event, note })
          return { v: 1 as const, seq, index, size: payload.size, leaf, root, path, key, note, text }
        }),

        ProveConsistency: Effect.fnUntraced(function* ({ from, to }) {
          if (from > to)
            return yield* new BadInput({ message: `the older size comes first: ${from} is more than ${to}` })
          const older = yield* ofSize(from)
          const newer = yield* ofSize(to)
          const proof = yield* leadsTo(
            [
              [(one) => one.from, older],
              [(one) => one.to, newer],
            ],
            store.tree.consistency(from, to),
          )
          const { path } = proof
          const text = consistencyText({ path, older: older.payload.note, newer: newer.payload.note })
          const ends = { fromRoot: proof.from, toRoot: proof.to }
          return { v: 1 as const, from, to, ...ends, path, key: newer.payload.key, text }
        }),

        ProofKey: Effect.fnUntraced(
          function* () {
            const origin = yield* checkpoints.origin
            const { publicKey, place } = yield* checkpoints.key
            return {
              v: 1 as const,
              key: verifierKey(origin, publicKey),
              origin,
              place: place.kind,
              where: place.where,
            }
          },
          Effect.mapError((error) => {
            const answer = asRpc(error)
            return answer._tag === "Refused" ? new Unavailable({ message: answer.message }) : answer
          }),
        ),

        CheckProofs: Effect.fnUntraced(function* ({ anchors }) {
          const more: Array<AnchorSetting> = []
          for (const text of anchors) {
            const anchor = parseAnchor(text)
            if (anchor === null)
              return yield* new BadInput({
                message: `${JSON.stringify(text)} is no anchor: give an absolute file, or REPOSITORY:refs/...`,
              })
            more.push(anchor)
          }
          // a keychain that is locked says nothing about the log
          const key = yield* Effect.orElseSucceed(findSigningKey(keychain), () => null)
          const publicKey = key?.publicKey.toString("base64") ?? null
          const evidence = { publicKey, anchors: yield* anchoring.evidence(more) }
          const { seq } = yield* store.head
          // hashing a long log takes a core for seconds: not this one
          if (seq < longLog) return yield* store.tree.audit(evidence)
          const { entry, logDir } = options
          return yield* auditInChild(entry.node, [...entry.args, hidden.audit], logDir, evidence)
        }),
      })
    }),
  )
