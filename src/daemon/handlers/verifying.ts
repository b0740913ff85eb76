/**
 * Checks the whole log while it goes on being written: a small one here, between other things; a large one by processes of
 * its own, so that all cores take part and nobody waits. Says how far it is, and at its end what it found.
 */
import { Effect, Queue, Stream } from "effect"
import type { LogStore, VerifyReport } from "../../../log-store/LogStore.ts"
import { verifyInChild } from "../../../log-store/verifier.ts"
import { worthParts } from "../../../log-store/verifyParts.ts"
import type { Verifying } from "../../rpc/shapes.ts"
import { type Entry, hidden } from "../entry.ts"

export interface VerifyingOptions {
  readonly entry: Entry
  readonly logDir: string
}

export const wholeLog = Effect.fnUntraced(function* (
  store: LogStore["Service"],
  { entry, logDir }: VerifyingOptions,
  progress: (checked: number, events: number) => void = () => undefined,
) {
  const { seq } = yield* store.head
  const report: VerifyReport =
    seq < worthParts
      ? yield* store.verify()
      : yield* verifyInChild(entry.node, [...entry.args, hidden.verify], logDir, "full", { progress })
  return { v: 1 as const, ...report }
})

export const verifying = (store: LogStore["Service"], options: VerifyingOptions): Stream.Stream<Verifying> =>
  Stream.callback<Verifying>((queue) =>
    wholeLog(store, options, (checked, events) => {
      Queue.offerUnsafe(queue, { checked, events, report: null })
    }).pipe(
      Effect.flatMap((report) =>
        Queue.offer(queue, { checked: report.events, events: report.events, report }),
      ),
      Effect.andThen(Queue.end(queue)),
    ),
  )
