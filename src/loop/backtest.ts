/**
 * Goes over the past for a backtest or a replay: reads the log in pages, hands every event to the pass, and says how
 * far it is. Nothing is appended and nothing is run.
 * Invariants: between pages, and within one that takes long, everybody else gets a turn; of the log no more than a page
 * is held; what came after the start is not looked at.
 */
import { Effect, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import type { Event, EventType } from "../domain/event.ts"

/** One way of going over the log: changed by each event, done at the end. */
export interface Pass<Row, Summary> {
  readonly take: (event: Event) => ReadonlyArray<Row>
  readonly finish: () => { readonly rows: ReadonlyArray<Row>; readonly summary: Summary }
}

export type BacktestMessage<Row, Summary> =
  | { readonly _tag: "progress"; readonly done: number; readonly total: number }
  | { readonly _tag: "rows"; readonly rows: ReadonlyArray<Row> }
  | { readonly _tag: "summary"; readonly summary: Summary }

export interface Range {
  readonly from: number | null
  readonly to: number | null
}

/** A turn of the loop is given away after so long. */
const turnMs = 8
/** Events between two looks at the clock. */
const lookEvery = 16
const sayEveryMs = 100

const takeAll = <Row>(pass: Pass<Row, unknown>, events: ReadonlyArray<Event>) =>
  Effect.gen(function* () {
    const rows: Array<Row> = []
    let since = performance.now()
    for (const [index, event] of events.entries()) {
      for (const row of pass.take(event)) rows.push(row)
      if (index % lookEvery !== lookEvery - 1 || performance.now() - since < turnMs) continue
      yield* Effect.yieldNow
      since = performance.now()
    }
    yield* Effect.yieldNow
    return rows
  })

export interface PassOptions extends Range {
  /** Only these are handed over. */
  readonly types?: ReadonlyArray<EventType>
  /** Whether rows are wanted at all. */
  readonly rows: boolean
}

export const runPass = <Row, Summary>(
  store: typeof LogStore.Service,
  pass: Pass<Row, Summary>,
  options: PassOptions,
): Stream.Stream<BacktestMessage<Row, Summary>, LogError> =>
  Stream.unwrap(
    Effect.map(store.head, (head) => {
      type Message = BacktestMessage<Row, Summary>
      const total = Math.min(options.to ?? head.seq, head.seq)
      const from = Math.max(1, options.from ?? 1)
      let said = performance.now()
      const given = (rows: ReadonlyArray<Row>): ReadonlyArray<Message> =>
        options.rows && rows.length > 0 ? [{ _tag: "rows", rows }] : []
      const page = Effect.fnUntraced(function* (events: ReadonlyArray<Event>) {
        const rows = given(yield* takeAll(pass, events))
        const now = performance.now()
        if (now - said < sayEveryMs) return rows
        said = now
        const progress: Message = {
          _tag: "progress",
          done: (events.at(-1)?.seq ?? from) - from + 1,
          total: total - from + 1,
        }
        return [...rows, progress]
      })
      const query = { from, to: total, ...(options.types === undefined ? {} : { types: options.types }) }
      const pages = store.read(query).pipe(Stream.chunks, Stream.mapEffect(page), Stream.flattenIterable)
      const end = Stream.suspend(() => {
        const { rows, summary } = pass.finish()
        return Stream.fromIterable<Message>([...given(rows), { _tag: "summary", summary }])
      })
      return Stream.concat(pages, end)
    }),
  )
