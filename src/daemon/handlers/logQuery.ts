/** What a client asks of the log, as the log understands it: globs are checked, a cause's id becomes its seq. */
import { Effect, Stream } from "effect"
import type { LogStore, Query } from "../../../log-store/LogStore.ts"
import { BadInput, type LogQuery, NoSuch, Unavailable } from "../../rpc/ClawRpcs.ts"

const longest = 1024

const unusable = (query: LogQuery): string | null => {
  const globs = [...(query.types ?? []), ...(query.paths ?? []), ...(query.actors ?? [])]
  if (globs.includes("")) return "a glob is empty: it would match nothing"
  const texts = [...globs, query.grep ?? "", query.command ?? "", query.cause ?? ""]
  if (texts.some((text) => text.length > longest))
    return `a text to look for is longer than ${longest} characters`
  if (query.command?.trim() === "") return "the command to look for is empty"
  if (query.exit !== undefined && !Number.isSafeInteger(query.exit.code))
    return "an exit code is a whole number"
  return null
}

/** Seq of an event by its seq or id, or of the first of a suggestion or call. */
const seqOf = Effect.fnUntraced(function* (store: LogStore["Service"], id: string) {
  if (/^\d+$/.test(id)) return (yield* store.get(Number(id)))?.seq ?? null
  const event = yield* store.getById(id)
  if (event !== null) return event.seq
  const correlated = yield* store.read({ correlationId: id.split("#")[0]!, limit: 1 }).pipe(Stream.runCollect)
  return correlated[0]?.seq ?? null
})

export const storeQuery = Effect.fnUntraced(function* (store: LogStore["Service"], query: LogQuery) {
  const wrong = unusable(query)
  if (wrong !== null) return yield* new BadInput({ message: wrong })
  const { cause, ...rest } = query
  if (cause === undefined) return rest satisfies Query
  const seq = yield* seqOf(store, cause).pipe(
    Effect.mapError((error) => new Unavailable({ message: error.message })),
  )
  if (seq === null) return yield* new NoSuch({ what: "event, suggestion or call", id: cause })
  return { ...rest, cause: seq } satisfies Query
})
