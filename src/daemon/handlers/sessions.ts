/**
 * Calls about conversations. Invariants: whatever changes one names a person's own client; items come in the log's order
 * and each once, whatever is shown between them; who follows holds nothing up.
 */
import { Effect, Stream, SubscriptionRef } from "effect"
import { AgentLog } from "../../agent/AgentLog.ts"
import { markdownOf } from "../../agent/session/export.ts"
import { type SessionDelta, type SessionError, Sessions } from "../../agent/Sessions.ts"
import { Models } from "../../model/Models.ts"
import type { Event } from "../../domain/event.ts"
import { harmlessJson, neutralise } from "../../domain/neutralise.ts"
import type { SessionRow } from "../../domain/sessions.ts"
import { Folds } from "../../loop/Folds.ts"
import { BadInput, NoSuch, Refused, Unavailable } from "../../rpc/errors.ts"
import { mostItems, type SessionFound, type SessionPart, SessionRpcs } from "../../rpc/sessions.ts"
import { contextOf, isItem, itemsOf, openRequests, viewOf } from "../sessionViews.ts"
import { Token } from "../Token.ts"

/** Search results show so much around what was found. */
const around = 80
const mostFound = 200

const asRpc = (error: SessionError) => {
  const { message, reason } = error
  switch (reason) {
    case "no-such":
      return new NoSuch({ what: "conversation", id: message.replace(/^no such conversation: /, "") })
    case "busy":
      return new Refused({ message, rule: null })
    case "unavailable":
      return new Unavailable({ message })
    case "input":
      return new BadInput({ message })
  }
}
const asGone = (error: SessionError) =>
  error.reason === "no-such"
    ? new NoSuch({ what: "conversation", id: error.message.replace(/^no such conversation: /, "") })
    : new Unavailable({ message: error.message })

const excerpt = (text: string, wanted: string): string => {
  const at = Math.max(0, text.toLowerCase().indexOf(wanted.toLowerCase()))
  const from = Math.max(0, at - around)
  const part = text
    .slice(from, at + wanted.length + around)
    .replaceAll(/\s+/g, " ")
    .trim()
  return `${from > 0 ? "\u2026" : ""}${neutralise(part)}${at + wanted.length + around < text.length ? "\u2026" : ""}`
}

export const sessionHandlers = SessionRpcs.toLayer(
  Effect.gen(function* () {
    const sessions = yield* Sessions
    const log = yield* AgentLog
    const models = yield* Models
    const folds = yield* Folds
    const { person } = yield* Token

    /** By its id, the beginning of one, or `latest`. */
    const find = Effect.fnUntraced(function* (wanted: string, workspace: string | null = null) {
      const rows = yield* log.sessions
      if (Object.hasOwn(rows, wanted)) return rows[wanted]!
      const all = Object.values(rows)
      const found =
        wanted === "latest"
          ? all
              .filter((row) => row.parent === null && row.state !== "archived")
              .filter((row) => workspace === null || row.workspace === workspace)
              .slice(-1)
          : all.filter(({ id }) => wanted.length >= 3 && id.startsWith(wanted))
      const [one, another] = found
      if (one === undefined || another !== undefined)
        return yield* new NoSuch({ what: "conversation", id: wanted })
      return one
    })

    const view = (row: SessionRow) => Effect.map(log.spent(row.id), (spent) => viewOf(row, spent))
    const viewById = (id: string) => Effect.flatMap(find(id), view)

    /** What the newest `wanted` items are made of, oldest first; `earlier`: there are more before these. */
    const newest = (id: string, range: Parameters<typeof log.newest>[1], wanted: number) =>
      Effect.suspend(() => {
        let items = 0
        return log.newest(id, range).pipe(
          Stream.takeWhile((event) => !isItem(event) || ++items <= wanted),
          Stream.runCollect,
          Effect.map((events) => ({ events: events.toReversed(), earlier: items > wanted })),
        )
      })

    const follow = Effect.fnUntraced(function* (id: string, from: number, most: number | undefined) {
      const row = yield* find(id)
      const { seq: head } = yield* SubscriptionRef.get(folds.snapshot)
      let last = from
      let files: Parameters<typeof itemsOf>[1] = []
      let shown = ""
      let told = ""
      /** Seq of the newest answer that was given whole. */
      let answered = 0

      const cost = Effect.map(log.spent(row.id), (spent) => {
        const now = JSON.stringify(spent)
        if (now === told) return []
        told = now
        return [{ _tag: "spent", ...spent } satisfies SessionPart]
      })
      const further = Effect.fnUntraced(function* (events: ReadonlyArray<Event>) {
        const read = itemsOf(events, files)
        files = read.files
        last = events.at(-1)?.seq ?? last
        answered = read.items.findLast(({ _tag }) => _tag === "answered")?.seq ?? answered
        const items = read.items.map((item): SessionPart => ({ _tag: "item", item }))
        if (!read.items.some(({ _tag }) => _tag === "rested")) return items
        yield* folds.reached(last)
        return [...(yield* cost), ...items]
      })
      const news = Effect.suspend(() => Effect.flatMap(log.read(row.id, { after: last }), further))
      const before =
        most === undefined
          ? news
          : Effect.flatMap(newest(row.id, { after: from, before: null }, most), ({ events }) =>
              further(events),
            )
      const requests = Effect.map(SubscriptionRef.get(folds.snapshot), ({ queue }) => {
        const open = openRequests(queue, row.id)
        const now = JSON.stringify(open)
        if (now === shown) return []
        shown = now
        return [{ _tag: "open", requests: open } satisfies SessionPart]
      })
      const partsOf = (delta: SessionDelta): Effect.Effect<ReadonlyArray<SessionPart>> => {
        if (delta._tag === "moved") return news
        const { call, cause, delta: one } = delta
        // the log may tell of an answer before the last of its pieces came by here
        if (cause < answered && one._tag !== "answered") return Effect.succeed([])
        switch (one._tag) {
          case "answered":
            return news
          case "text":
          case "reasoning":
            return Effect.succeed([{ _tag: one._tag, call, text: one.text }])
          case "tool":
            return Effect.succeed([{ _tag: "tool", call, part: one.part }])
          case "again":
            return Effect.succeed([one])
          case "paused":
            return Effect.succeed([one])
        }
      }
      const begin = Effect.gen(function* () {
        const items = yield* before
        // as it is once they are read: it may have begun to work, asked or rested meanwhile
        yield* folds.reached(last)
        const { queue, sessions } = yield* SubscriptionRef.get(folds.snapshot)
        const open = openRequests(queue, row.id)
        shown = JSON.stringify(open)
        const parts: ReadonlyArray<SessionPart> = [
          ...items,
          ...(yield* cost),
          { _tag: "open", requests: open },
          { _tag: "live", seq: last, state: (sessions[row.id] ?? row).state },
        ]
        return parts
      })
      type Signal = SessionDelta | "open"
      const others = folds.follow(head).pipe(
        Stream.map((events): ReadonlyArray<Signal> => {
          const own = events.findLast(({ correlationId }) => correlationId === row.id)
          return own === undefined ? ["open"] : [{ _tag: "moved", seq: own.seq }, "open"]
        }),
        Stream.flattenIterable,
      )
      const live = yield* sessions.watch(row.id)
      return Stream.concat(
        // nothing is shown before what was there
        Stream.fromEffect(begin),
        Stream.merge(live, others).pipe(
          Stream.mapEffect((signal) =>
            signal === "open"
              ? Effect.zipWith(requests, cost, (open, spent) => [...open, ...spent])
              : partsOf(signal),
          ),
        ),
      ).pipe(Stream.flattenIterable)
    })

    const isRest = (part: SessionPart, from: number): boolean =>
      part._tag === "item" && part.item._tag === "rested" && part.item.seq > from

    return SessionRpcs.of({
      Sessions: Effect.fnUntraced(function* ({ all, workspace }) {
        const rows = Object.values(yield* log.sessions).reverse()
        const wanted = rows.filter(
          (row) =>
            (all || (row.state !== "archived" && row.parent === null)) &&
            (workspace === null || row.workspace === workspace),
        )
        return yield* Effect.forEach(wanted, view)
      }),
      Session: Effect.fnUntraced(function* ({ session, workspace }) {
        return yield* view(yield* find(session, workspace))
      }),
      SessionItems: Effect.fnUntraced(function* ({ before, limit, session }) {
        const row = yield* find(session)
        const wanted = Math.min(mostItems, Math.max(1, Math.trunc(limit)))
        const { earlier, events } = yield* newest(row.id, { after: 0, before }, wanted)
        return { items: itemsOf(events).items, earlier }
      }),
      OpenSession: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const { surface, token: _, ...options } = ask
        return yield* Effect.mapError(sessions.open({ ...options, actor: `user:${surface}` }), asRpc)
      }),
      Say: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const { id: session } = yield* find(ask.session)
        const { surface, text } = ask
        const files = ask.files.map((file) => ({ ...file, content: Buffer.from(file.content, "base64") }))
        const word = { session, text, files, surface, actor: `user:${surface}` }
        return yield* Effect.mapError(sessions.say(word), asRpc)
      }),
      StopSession: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const row = yield* find(ask.session)
        yield* Effect.mapError(sessions.stop(row.id, ask.surface), asRpc)
        return row.state === "working"
      }),
      FollowSession: ({ from, last, session, untilRested }) =>
        Stream.unwrap(follow(session, from, last)).pipe(
          untilRested ? Stream.takeUntil((part) => isRest(part, from)) : (stream) => stream,
        ),
      ChangeSession: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const row = yield* find(ask.session)
        const { session: _, surface: __, token: ___, ...changes } = ask
        yield* Effect.mapError(sessions.change(row.id, changes), asRpc)
        return yield* viewById(row.id)
      }),
      ForkSession: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const row = yield* find(ask.session)
        return yield* viewById(yield* Effect.mapError(sessions.fork(row.id, ask.at), asRpc))
      }),
      RewindSession: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const row = yield* find(ask.session)
        return yield* Effect.mapError(sessions.rewind(row.id, ask.to, ask.what, ask.surface), asRpc)
      }),
      CompactSession: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const row = yield* find(ask.session)
        return yield* Effect.mapError(sessions.compact(row.id), asRpc)
      }),
      ArchiveSession: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const row = yield* find(ask.session)
        yield* Effect.mapError(sessions.archive(row.id, ask.restored), asRpc)
        return yield* viewById(row.id)
      }),
      ExportSession: Effect.fnUntraced(function* ({ format, session }) {
        const row = yield* find(session)
        if (format === "markdown")
          return markdownOf(yield* Effect.mapError(sessions.transcript(row.id), asGone))
        const { items } = itemsOf(yield* log.read(row.id))
        return harmlessJson({ v: 1, session: yield* view(row), items })
      }),
      SearchSessions: Effect.fnUntraced(function* ({ limit, text, workspace }) {
        if (text.trim() === "") return yield* new BadInput({ message: "there is nothing to search for" })
        const rows = yield* log.sessions
        const events = yield* log.holding({
          text,
          types: ["session.said", "model.answered"],
          workspace,
          limit: Math.min(mostFound, Math.max(1, Math.trunc(limit))),
        })
        return events.flatMap((event): ReadonlyArray<SessionFound> => {
          const row = event.correlationId === null ? undefined : rows[event.correlationId]
          if (row === undefined || (event.payload as unknown) === null) return []
          const said =
            event.type === "session.said"
              ? event.payload.text
              : event.type === "model.answered"
                ? event.payload.content.flatMap((part) => ("text" in part ? [part.text] : [])).join("\n")
                : ""
          if (!said.toLowerCase().includes(text.toLowerCase())) return []
          return [
            { session: row.id, title: row.title, seq: event.seq, at: event.at, text: excerpt(said, text) },
          ]
        })
      }),
      SessionContext: Effect.fnUntraced(function* ({ session }) {
        const row = yield* find(session)
        const transcript = yield* Effect.mapError(sessions.transcript(row.id), asGone)
        const info = yield* Effect.orElseSucceed(models.info(transcript.model), () => ({ window: null }))
        const hash = transcript.prepared?.tools
        const tools = hash === undefined ? null : yield* log.blob(hash)
        return contextOf(transcript, info.window, tools?.length ?? 0)
      }),
    })
  }),
)
