/**
 * An answer of Responses that outlives its connection: asked for in the background, taken up again where it was when the
 * connection breaks, and cancelled at the server when nobody waits for it any more, because it would go on and be billed.
 * Invariants: no event that was handed on is handed on twice, and none is left out; what cannot be taken up fails as the
 * cut itself; whatever ends the reading before the server's own end, the server is told; a cut after that end is none.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type OpenAI from "openai"
import { failureOf } from "../wire/failure.ts"
import type { Opened, Wire } from "../wire/eventStream.ts"
import { fieldsOf, natural, textOf } from "../wire/parts.ts"
import { cutOff } from "../wire/protocolBreak.ts"
import { requestOptions } from "../wire/sharedClient.ts"

type Event = OpenAI.Responses.ResponseStreamEvent

export interface ResumeLimits {
  /** Tries to take up one answer, all its cuts together. */
  readonly times: number
  /** Wait before the second try; it doubles from try to try. */
  readonly waitMs: number
}
export const resumeLimits: ResumeLimits = { times: 5, waitMs: 500 }

export interface Resumable extends Opened<Event> {
  /** How often it was taken up so far. */
  readonly resumed: () => number
}

/** Who stops before the server has said what the answer is called waits this long for it in the background. */
const namelessMs = 10_000
const cancelMs = 10_000
const cancelWaits = [0, 2_000, 15_000]

const ends: ReadonlySet<string> = new Set(["response.completed", "response.incomplete", "response.failed"])

const reasonOf = (thrown: unknown) =>
  failureOf(thrown, { provider: "", secrets: [], now: 0, begun: true, requestId: null }).reason

/** What may be over at the next try. */
const passing: ReadonlySet<string> = new Set(["network", "timeout", "overloaded", "server", "rate-limit"])

export const openResumable = async (
  responses: OpenAI.Responses,
  params: OpenAI.Responses.ResponseCreateParamsStreaming,
  wire: Wire,
  { times, waitMs }: ResumeLimits,
): Promise<Resumable> => {
  const { promise: left, resolve: leave } = Promise.withResolvers<unknown>()
  wire.owes(left)
  const connection = new AbortController()
  const options = { ...requestOptions(wire), signal: connection.signal }
  let id: string | null = null
  let resumed = 0
  let tries = 0

  const stop = (): void => {
    if (id === null) setTimeout(() => connection.abort(), namelessMs).unref()
    else connection.abort()
  }
  if (wire.signal.aborted) connection.abort()
  else wire.signal.addEventListener("abort", stop, { once: true })

  const cancel = async (name: string): Promise<void> => {
    for (const wait of cancelWaits) {
      try {
        if (wait > 0) await sleep(wait, undefined, { ref: false })
        await responses.cancel(name, { ...options, signal: AbortSignal.timeout(cancelMs) })
        return
      } catch (thrown) {
        if (!passing.has(reasonOf(thrown))) return
      }
    }
  }

  const takeUp = async (name: string, after: number, broke: unknown): Promise<AsyncIterable<Event>> => {
    while (tries < times) {
      const wait = tries === 0 ? 0 : waitMs * 2 ** (tries - 1)
      tries++
      if (wait > 0) await sleep(wait, undefined, { signal: connection.signal })
      try {
        const query = { stream: true as const, starting_after: after, include: params.include ?? [] }
        const events = await responses.retrieve(name, query, options)
        resumed++
        return events
      } catch (thrown) {
        if (!passing.has(reasonOf(thrown))) break
      }
    }
    throw broke
  }

  const read = async function* (first: AsyncIterable<Event>): AsyncGenerator<Event> {
    let events = first
    let newest: number | null = null
    let numbered = true
    let ended = false
    try {
      for (;;) {
        const before: number | null = newest
        /** Null: it ended in good order, but too early. */
        let broke: unknown = null
        try {
          for await (const event of events) {
            const number = natural(fieldsOf(event)["sequence_number"])
            if (before !== null) {
              if (number === null || (newest === before && number > before + 1)) throw cutOff()
              if (number <= before) continue
            }
            numbered &&= number !== null
            newest = number ?? newest
            if (event.type === "response.created") id ??= textOf(fieldsOf(event.response)["id"]) || null
            if (wire.signal.aborted) return
            ended ||= ends.has(event.type)
            yield event
          }
        } catch (thrown) {
          if (reasonOf(thrown) !== "network") throw thrown
          broke = thrown
        }
        if (ended || wire.signal.aborted) return
        if (id === null || newest === null || !numbered) {
          if (broke === null) return
          throw broke
        }
        events = await takeUp(id, newest, broke ?? cutOff())
      }
    } finally {
      wire.signal.removeEventListener("abort", stop)
      connection.abort()
      // nobody waits for it here: whoever is told of a failure is told at once
      leave(ended || id === null ? undefined : cancel(id))
    }
  }

  try {
    const { data, request_id: requestId } = await responses.create(params, options).withResponse()
    return { events: read(data), requestId, resumed: () => resumed }
  } catch (thrown) {
    wire.signal.removeEventListener("abort", stop)
    leave(undefined)
    throw thrown
  }
}
