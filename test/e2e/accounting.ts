/** Holds what was done, and what clients were told, against the log. Pure; answers every promise that is broken. */
import type { Event } from "../../src/domain/event.ts"
import type { Account, Ending } from "./Ordeal.ts"

const counted = (items: Iterable<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}

const once = (
  what: string,
  wanted: ReadonlyArray<string>,
  found: ReadonlyMap<string, number>,
): ReadonlyArray<string> =>
  wanted.flatMap((item) => {
    const times = found.get(item) ?? 0
    return times === 1 ? [] : [`${what} ${item} is in the log ${times} times`]
  })

/** Nothing a client was told is lost or another event now. */
const toldAndKept = ({ told }: Account, events: ReadonlyArray<Event>): ReadonlyArray<string> => {
  const bySeq = new Map(events.map((event) => [event.seq, event]))
  return [...told].flatMap(([seq, { id, hash }]) => {
    const now = bySeq.get(seq)
    return now?.id === id && now.hash === hash
      ? []
      : [`event ${seq} (${id}) that a client was told is ${now === undefined ? "lost" : `${now.id} now`}`]
  })
}

/** The life of one approval in the log, held against how often its action really ran. */
const approvedAndRun = ({ account, events, runs }: Ending, suggestion: string): ReadonlyArray<string> => {
  const { token, acknowledged } = account.approvals.get(suggestion)!
  const mine = events.filter((event) => event.correlationId === suggestion)
  const of = (type: Event["type"]) => mine.filter((event) => event.type === type)
  const [approved, started] = [of("approval.approved").length, of("tool.started").length]
  const finished = mine.filter((event) => event.type === "tool.finished" && event.payload.ok).length
  const ends = of("tool.finished").length + of("tool.failed").length
  const lines = runs.split("\n")
  const ran = (word: string): number => lines.filter((line) => line === `${word} ${token}`).length
  const checks: ReadonlyArray<readonly [ok: boolean, what: string]> = [
    [approved <= 1, `approved ${approved} times`],
    [!acknowledged || approved === 1, "its approval was acknowledged and is not in the log"],
    [started <= 1, `started ${started} times in the log`],
    [ran("start") <= started, `ran ${ran("start")} times, ${started} starts in the log`],
    [ran("end") <= ran("start"), `ended ${ran("end")} times`],
    [finished === 0 || ran("end") === 1, "finished in the log, and did not run to its end"],
    [approved === 0 || ends >= 1, "approved, and nothing says what became of it"],
  ]
  return checks.flatMap(([ok, what]) => (ok ? [] : [`${suggestion} (${token}): ${what}`]))
}

export const brokenPromises = (ending: Ending): ReadonlyArray<string> => {
  const { account, events, replayed } = ending
  const lines = events.flatMap((event) => (event.type === "terminal.command" ? [event.payload.command] : []))
  const shas = events.flatMap((event) => (event.type === "git.commit" ? [event.payload.sha] : []))
  const ids = counted(events.map((event) => event.id))
  return [
    ...account.broken,
    ...toldAndKept(account, events),
    ...once("the command", account.commands, counted(lines)),
    ...once("the commit", account.commits, counted(shas)),
    ...[...ids].flatMap(([id, times]) => (times === 1 ? [] : [`event ${id} is there ${times} times`])),
    ...[...account.approvals.keys()].flatMap((id) => approvedAndRun(ending, id)),
    ...(replayed.same ? [] : ["a replay decides otherwise"]),
  ]
}

const percentile = (values: ReadonlyArray<number>, share: number): number =>
  Math.round(
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0,
  )

/** The figures of an ordeal, one a line. */
export const figures = ({ account, events, replayed, runs }: Ending): ReadonlyArray<string> => {
  const acknowledged = [...account.approvals.values()].filter((each) => each.acknowledged).length
  const count = (type: Event["type"]): number => events.filter((event) => event.type === type).length
  const interrupted = events.filter(
    (event) => event.type === "tool.failed" && event.payload.reason === "interrupted",
  ).length
  return [
    `${events.length} events in the log, of which clients were told ${account.told.size} before a kill`,
    `${account.commands.length} commands, ${account.commits.length} commits`,
    `${account.approvals.size} approvals asked for, ${acknowledged} acknowledged, ${count("approval.approved")} in the log`,
    `${count("tool.started")} actions started, ${count("tool.finished")} finished, ${interrupted} interrupted, ${runs.split("\n").filter((line) => line.startsWith("start")).length} really ran`,
    `${replayed.decisions} decisions replayed`,
    `start p50 ${percentile(account.startMs, 0.5)} ms, p95 ${percentile(account.startMs, 0.95)} ms`,
    `caught up p50 ${percentile(account.caughtUpMs, 0.5)} ms, p95 ${percentile(account.caughtUpMs, 0.95)} ms`,
  ]
}
