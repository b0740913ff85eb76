/**
 * The tree as the log's service offers it: catches its tiles up before an answer, a slice at a time so that others get
 * their turn, and proves each answer to itself before it hands it out.
 * Invariants: an answer that does not prove what it says is never given (the tiles are made anew, once); a disk
 * that takes no tiles does not stop an answer; nothing here is on the way of an append.
 */
import { Effect, Semaphore } from "effect"
import type { Backend } from "../Backend.ts"
import { Damaged, LogError, type LogTree } from "../LogStore.ts"
import type { StoredHead } from "../records.ts"
import { Audit } from "./Audit.ts"
import type { ProofReport } from "./evidence.ts"
import { provesConsistency, rootOfInclusion } from "./proofs.ts"
import { type TileRecord, Tree } from "./Tree.ts"

/** Leaves hashed in one turn, and in one commit. */
const sliceLeaves = 4096
const commitLeaves = 131_072

export interface TreeOptions {
  readonly backend: Backend
  readonly head: () => StoredHead
  readonly write: (records: ReadonlyArray<TileRecord>) => Effect.Effect<void, LogError>
  /** Turns what a read throws into `Damaged`. */
  readonly attempt: <A>(body: () => A) => Effect.Effect<A, LogError>
}

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString("hex")

const refused = (message: string) =>
  Effect.fail(new LogError({ reason: new Damaged({ seq: null, message }) }))

export const makeTree = (options: TreeOptions): LogTree => {
  const { attempt, backend, head, write } = options
  let opened: Tree | undefined
  // not before it is asked for: opening a log does nothing for it
  const tree = attempt(() => (opened ??= new Tree(backend)))
  const one = Semaphore.makeUnsafe(1)

  const commit = (of: Tree) =>
    Effect.suspend(() => write(of.pending())).pipe(
      Effect.tap(() => Effect.sync(() => of.written())),
      Effect.tapError(() => Effect.sync(() => of.forget())),
    )

  const reach = Effect.fnUntraced(function* (of: Tree, size: number) {
    let fresh = 0
    while (yield* attempt(() => of.extend(size, sliceLeaves))) {
      fresh += sliceLeaves
      if (fresh >= commitLeaves) {
        yield* commit(of)
        fresh = 0
      }
      yield* Effect.yieldNow
    }
    if (fresh > 0) yield* commit(of)
    return of.covered
  })

  const catchUp = one.withPermit(Effect.flatMap(tree, (of) => reach(of, head().seq)))
  const rebuild = one.withPermit(
    Effect.gen(function* () {
      const of = yield* tree
      yield* write(of.drop())
      return yield* reach(of, head().seq)
    }),
  )
  // a full disk takes no tiles; the answer is the same without them
  const ready = Effect.catchIf(
    catchUp,
    (error) => error.reason._tag === "Unwritable",
    () => Effect.succeed(0),
  )

  const within = (size: number, least: number) =>
    Number.isSafeInteger(size) && size >= least && size <= head().seq
      ? Effect.void
      : Effect.die(new RangeError(`the log has ${head().seq} events, and no tree of ${size}`))

  /** Asks, and asks again with new tiles where the first answer does not prove itself. */
  const proven = <A>(answer: (of: Tree) => { readonly holds: boolean; readonly value: A }) =>
    Effect.gen(function* () {
      yield* ready
      const of = yield* tree
      const first = yield* attempt(() => answer(of))
      if (first.holds) return first.value
      yield* rebuild
      const second = yield* attempt(() => answer(of))
      return second.holds
        ? second.value
        : yield* refused("A proof of the log does not prove what it says. Run claw audit verify.")
    })

  return {
    root: (size) =>
      Effect.gen(function* () {
        yield* within(size, 0)
        yield* ready
        const of = yield* tree
        return yield* attempt(() => hex(of.root(size)))
      }),
    inclusion: (seq, size) =>
      Effect.andThen(
        Effect.andThen(within(size, 1), within(seq, 1)),
        proven((of) => {
          const leaf = of.leaf(seq - 1)
          const root = of.root(size)
          const path = of.inclusion(seq - 1, size)
          const found = rootOfInclusion(leaf, seq - 1, size, path)
          return {
            holds: found !== null && Buffer.compare(found, root) === 0,
            value: { leaf: hex(leaf), root: hex(root), path: path.map(hex) },
          }
        }),
      ),
    consistency: (from, to) =>
      Effect.andThen(
        Effect.andThen(within(to, 1), within(from, 1)),
        proven((of) => {
          const older = of.root(from)
          const newer = of.root(to)
          const path = of.consistency(from, to)
          return {
            holds: provesConsistency(from, older, to, newer, path),
            value: { from: hex(older), to: hex(newer), path: path.map(hex) },
          }
        }),
      ),
    catchUp,
    rebuild,
    audit: (evidence) =>
      Effect.suspend(() => {
        const audit = new Audit(backend, head(), evidence)
        const loop: Effect.Effect<ProofReport> = Effect.suspend(() => {
          audit.step()
          return audit.report === undefined
            ? Effect.andThen(Effect.yieldNow, loop)
            : Effect.succeed(audit.report)
        })
        return loop
      }),
  }
}
