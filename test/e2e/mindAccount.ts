/** Holds what a killed task left in its files and its repository against the log. Pure; answers what does not hold. */
import type { Event } from "../../src/domain/event.ts"
import { ofType } from "./Mind.ts"
import { work } from "./mindWork.ts"

/** What is there when a task is over. */
export interface Left {
  readonly name: string
  readonly workspace: string
  /** False: a kill fell into what an approved draft did; it says so, and is not begun again. */
  readonly whole: boolean
  /** Why the loop made no draft of what it had begun; null: it did, or had none to make. */
  readonly dropped: string | null
  readonly sum: string
  readonly runs: ReadonlyArray<string>
  readonly notes: ReadonlyArray<string>
  readonly subjects: ReadonlyArray<string>
  /** Lines of the reflog: a commit that was made and lost is in it too. */
  readonly moves: number
  readonly status: string
}

const twice = (items: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(items)].filter((item) => items.indexOf(item) !== items.lastIndexOf(item))

const tokenOf = (event: Extract<Event, { readonly type: "tool.started" }>): string | null =>
  /(?:run|note)-\d+/.exec(JSON.stringify(event.payload.input))?.[0] ?? null

export const brokenIn = (left: Left, events: ReadonlyArray<Event>): ReadonlyArray<string> => {
  const broken: Array<string> = []
  const holds = (what: boolean, otherwise: string) => void (what || broken.push(`${left.name}: ${otherwise}`))
  const started = ofType(events, "tool.started").filter(({ workspace }) => workspace === left.workspace)
  const ok = new Set(
    ofType(events, "tool.finished").flatMap(({ payload }) => (payload.ok ? [payload.call] : [])),
  )
  const commits = left.subjects.filter((subject) => subject === work.subject).length
  holds(commits <= 1 && left.moves <= 2, `${commits} commits, ${left.moves - 1} of them made`)
  for (const tokens of [left.runs, left.notes])
    for (const token of twice(tokens)) holds(false, `${token} happened twice`)
  const happened = [...left.runs, ...left.notes]
  const begun = started.map(tokenOf)
  for (const token of happened)
    holds(begun.filter((one) => one === token).length === 1, `${token} happened, but was not begun once`)
  for (const event of started) {
    const token = tokenOf(event)
    if (token !== null && ok.has(event.payload.call))
      holds(happened.includes(token), `${token} is said to be done, and is not`)
  }
  holds(left.dropped === null, `nothing was prepared: ${left.dropped}`)
  if (!left.whole) return broken
  holds(left.sum === work.done, `sum.js is ${left.sum}`)
  holds(commits === 1 && left.status === "", `${commits} commits, ${left.status}`)
  return broken
}

/** Over the whole log: each call once and with one end, each request of a model with one end. */
export const brokenOverall = (events: ReadonlyArray<Event>): ReadonlyArray<string> => {
  const started = ofType(events, "tool.started").map(({ payload }) => payload.call)
  // what failed while it ran is finished, and why it failed stands right behind that, of one append: that is one end
  const unwell = new Map(
    ofType(events, "tool.finished").flatMap(({ payload, seq }) => (payload.ok ? [] : [[seq, payload.call]])),
  )
  const ends = events.flatMap((event) => {
    if (event.type === "tool.finished") return [event.payload.call]
    if (event.type !== "tool.failed" || unwell.get(event.seq - 1) === event.payload.call) return []
    return [event.payload.call]
  })
  const requested = ofType(events, "model.requested").map(({ payload }) => payload.call)
  const answers = events.flatMap((event) =>
    event.type === "model.answered" || event.type === "model.failed" ? [event.payload.call] : [],
  )
  return [
    ...twice(started).map((call) => `call ${call} was begun twice`),
    ...twice(ends).map((call) => `call ${call} has two ends`),
    ...started.filter((call) => !ends.includes(call)).map((call) => `call ${call} has no end`),
    ...twice(answers).map((call) => `request ${call} has two ends`),
    ...requested.filter((call) => !answers.includes(call)).map((call) => `request ${call} has no end`),
  ]
}
