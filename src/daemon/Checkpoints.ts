/**
 * Signed checkpoints of the log: made when segments are sealed, at a stop, when asked, and once an hour while events
 * come; each is an event, and is then written to every anchor.
 * Invariants: only what was verified since the last one is signed, and only if the last one's tree is the beginning of
 * this one's; a log that another key signed is signed only if that was asked for; nothing is signed where nothing happened;
 * an anchor that fails is said, tried again with the next checkpoint, and stops nothing.
 */
import { Clock, Context, Effect, Layer, Option, Schema, Semaphore, Stream } from "effect"
import { originOf, parseVerifierKey, signCheckpoint, verifierKey } from "../../log-store/checkpointNote.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { Keychain } from "../config/Keychain.ts"
import { draft, type Event, type EventOf } from "../domain/event.ts"
import { Appender } from "../loop/Appender.ts"
import { Anchoring } from "./Anchoring.ts"
import { loadSigningKey, type SigningKey } from "./signingKey.ts"

export type Checkpoint = EventOf<"log.checkpoint">

export class CheckpointError extends Schema.TaggedError<CheckpointError>()("CheckpointError", {
  /** `empty`: there is nothing to sign; `foreign`: another key signed this log; `unfit`: it is not what was signed. */
  reason: Schema.Literals(["empty", "foreign", "unfit", "key", "disk"]),
  message: Schema.String,
}) {}

/** Between two checkpoints of a log that grows slowly. */
const everyMs = 3_600_000
/** More than this is not verified while somebody waits for the daemon to stop. */
const stopEvents = 200_000

const error = (reason: CheckpointError["reason"], message: string) => new CheckpointError({ reason, message })
const ofDisk = ({ message }: { readonly message: string }) => error("disk", message)

/** Events about checkpoints are no reason for another one. */
const isNews = (event: Event): boolean =>
  event.type !== "log.checkpoint" &&
  event.type !== "log.anchored" &&
  !(event.type === "daemon.health" && /^(?:anchor |checkpoints$)/.test(event.payload?.component ?? ""))

export class Checkpoints extends Context.Service<
  Checkpoints,
  {
    /** Makes one if events came since the last; answers the newest. `adopt`: also where another key signed the log. */
    readonly make: (options?: { readonly adopt?: boolean }) => Effect.Effect<Checkpoint, CheckpointError>
    /** Makes one where it is time; what is in its way is said in the log. */
    readonly due: (why: "sealed" | "time" | "stop") => Effect.Effect<void>
    readonly newest: Effect.Effect<Checkpoint | null, CheckpointError>
    /** The one of this size. */
    readonly ofSize: (size: number) => Effect.Effect<Checkpoint | null, CheckpointError>
    readonly key: Effect.Effect<SigningKey, CheckpointError>
    readonly origin: Effect.Effect<string, CheckpointError>
  }
>()("claw/daemon/Checkpoints") {
  static readonly layer = Layer.effect(
    Checkpoints,
    Effect.gen(function* () {
      const store = yield* LogStore
      const appender = yield* Appender
      const keychain = yield* Keychain
      const anchoring = yield* Anchoring
      const one = yield* Semaphore.make(1)
      let loaded: SigningKey | undefined
      let said: string | null = null

      const key = Effect.suspend(() =>
        loaded === undefined
          ? loadSigningKey(keychain).pipe(
              Effect.tap((found) =>
                Effect.sync(() => {
                  loaded = found
                }),
              ),
              Effect.mapError((cause) => error("key", `no checkpoint can be signed: ${cause.message}`)),
            )
          : Effect.succeed(loaded),
      )

      const first = store.get(1).pipe(
        Effect.mapError(ofDisk),
        Effect.filterOrFail(
          (event): event is Event => event !== null,
          () => error("empty", "the log has no event yet"),
        ),
      )
      const origin = Effect.map(first, ({ hash }) => originOf(hash))

      // an erased one has no note any more
      const isWhole = (event: Event): event is Checkpoint =>
        event.type === "log.checkpoint" && event.payload !== null
      const find = (holds: (event: Checkpoint) => boolean, from = 1) =>
        store
          .read({ types: ["log.checkpoint"], from, reverse: true })
          .pipe(
            Stream.filter(isWhole),
            Stream.filter(holds),
            Stream.runHead,
            Effect.map(Option.getOrNull),
            Effect.mapError(ofDisk),
          )
      const newest = find(() => true)
      const ofSize = (size: number) => find(({ payload }) => payload.size === size, size + 1)

      const news = (since: number) =>
        store
          .read({ from: since + 1 })
          .pipe(Stream.filter(isNews), Stream.runHead, Effect.map(Option.isSome), Effect.mapError(ofDisk))

      /** The root over everything, once it is known that nothing that was signed before has changed. */
      const trustedRoot = Effect.fnUntraced(function* (last: Checkpoint | null, size: number) {
        const from = (last?.payload.size ?? 0) + 1
        const { failure } = yield* store.verify({ from, to: size })
        if (failure !== null)
          return yield* error(
            "unfit",
            `event ${failure.seq} is not as it was written (${failure.message}): nothing was signed. Run claw audit verify.`,
          )
        const fits = Effect.map(
          last === null ? Effect.succeed("") : store.tree.root(last.payload.size),
          (root) => last === null || root === last.payload.root,
        )
        const tree = Effect.gen(function* () {
          if (!(yield* fits)) yield* store.tree.rebuild
          return (yield* fits) ? yield* store.tree.root(size) : null
        })
        const root = yield* Effect.mapError(tree, ofDisk)
        return root === null
          ? yield* error(
              "unfit",
              `the first ${last!.payload.size} events are not those that event ${last!.seq} signed: nothing was signed. Run claw audit verify.`,
            )
          : root
      })

      const mustBeOurs = (last: Checkpoint | null, mine: SigningKey, adopt: boolean) => {
        if (last === null || adopt || mine.isNew) return Effect.void
        try {
          if (parseVerifierKey(last.payload.key).publicKey.equals(mine.publicKey)) return Effect.void
        } catch {
          // a key that cannot be read is not ours
        }
        return Effect.fail(
          error(
            "foreign",
            `event ${last.seq} is a checkpoint by another key than this machine's: the log was restored from another machine, or written anew by somebody. If you know why: claw audit checkpoint --adopt`,
          ),
        )
      }

      const sign = Effect.fnUntraced(function* (last: Checkpoint | null, adopt: boolean) {
        const name = yield* origin
        const mine = yield* key
        yield* mustBeOurs(last, mine, adopt)
        const { seq: size } = yield* store.head
        const root = yield* trustedRoot(last, size)
        const note = signCheckpoint({ origin: name, size, root }, mine.signerFor(name))
        const payload = { size, root, origin: name, note, key: verifierKey(name, mine.publicKey) }
        const events = yield* appender
          .appendNow([draft("log.checkpoint", payload, { actor: "daemon" })])
          .pipe(Effect.mapError(ofDisk))
        return events[0] as Checkpoint
      })

      const makeOne = Effect.fnUntraced(function* (adopt: boolean) {
        const last = yield* newest
        const isDue = last === null || adopt || (yield* news(last.payload.size))
        const made = isDue ? yield* sign(last, adopt) : last
        yield* anchoring.put(made)
        return made
      })
      const make = (asked?: { readonly adopt?: boolean }) => one.withPermit(makeOne(asked?.adopt === true))

      const say = (state: "degraded" | "running", detail: string) =>
        Effect.ignore(
          appender.appendNow([
            draft(
              "daemon.health",
              { component: "checkpoints", state, backend: null, detail },
              { actor: "daemon" },
            ),
          ]),
        )
      const isTime = Effect.fnUntraced(function* (why: "sealed" | "time" | "stop") {
        const last = yield* newest
        const { seq } = yield* store.head
        const since = last?.payload.size ?? 0
        if (why === "stop") return seq - since <= stopEvents && (yield* news(since))
        if (why === "sealed") return true
        const at = last?.at ?? (yield* first).at
        return (yield* Clock.currentTimeMillis) - Date.parse(at) >= everyMs && (yield* news(since))
      })
      const due = (why: "sealed" | "time" | "stop") =>
        Effect.gen(function* () {
          if ((yield* store.head).seq === 0 || !(yield* isTime(why))) return
          yield* make()
          if (said !== null) yield* say("running", "signed again")
          said = null
        }).pipe(
          Effect.catch(({ message }) => {
            if (said === message) return Effect.void
            said = message
            return say("degraded", message)
          }),
        )

      return Checkpoints.of({ make, due, newest, ofSize, key, origin })
    }),
  )
}
