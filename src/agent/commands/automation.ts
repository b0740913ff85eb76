/** Commands about what Claw does by itself and what it may: queue, kill switch, rules, standing answers, log, replay. */
import { Clock, Effect } from "effect"
import { counted, define, noSuch, table, text, wrong } from "./Command.ts"
import { Ground } from "./Ground.ts"

export const queue = define({
  name: "queue",
  category: "Automation",
  summary: "what waits for an answer",
  arguments: [
    { name: "which", kind: "choice", choices: ["all"], summary: "also what waits its turn, and what ended" },
  ],
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ which }) {
    const rows = yield* (yield* Ground).queue(which === "all")
    return {
      blocks: [
        rows.length === 0
          ? text("nothing waits")
          : table(
              [],
              rows.map((row) => [row.id, row.urgent ? "urgent" : row.mode, row.state, row.title]),
            ),
      ],
      data: rows.map(({ id, mode, risk, state, title, urgent }) => ({
        id,
        mode,
        state,
        title,
        risk,
        urgent,
      })),
    }
  }),
})

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const durationOf = (typed: string): number | null => {
  const found = /^(\d{1,6})([smhd])$/.exec(typed)
  return found === null ? null : Number(found[1]) * units[found[2]!]!
}

export const pause = define({
  name: "pause",
  category: "Automation",
  summary: "the kill switch: stop what runs, start nothing; /pause off ends it",
  arguments: [{ name: "for", kind: "duration", summary: "10m, 1h, 2d, or off; left out: until you end it" }],
  mutates: true,
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ for: typed }, { surface }) {
    const ground = yield* Ground
    if (typed === "off") {
      yield* ground.resume(surface)
      return { blocks: [text("active again")], data: { paused: false, until: null } }
    }
    const ms = typed === undefined ? null : durationOf(typed)
    if (typed !== undefined && ms === null)
      return yield* wrong(`${JSON.stringify(typed)} is no duration: write 90s, 10m, 1h, 2d or off`)
    const until = ms === null ? null : (yield* Clock.currentTimeMillis) + ms
    yield* ground.pause(until)
    const when = until === null ? "" : ` until ${new Date(until).toISOString()}`
    return {
      blocks: [text(`paused${when}: nothing runs, observing goes on (/pause off ends it)`)],
      data: { paused: true, until },
    }
  }),
})

const marks = { pending: "[ ]", in_progress: "[>]", completed: "[x]" } as const

export const todo = define({
  name: "todo",
  aliases: ["todos"],
  category: "Automation",
  summary: "what this conversation has to do, or all of them",
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* (_, { session }) {
    const lists = yield* (yield* Ground).todos
    const own = lists.filter((list) => session === null || list.session === session)
    return {
      blocks: own.every(({ todos }) => todos.length === 0)
        ? [text("nothing to do")]
        : own.map(({ session: name, todos }) =>
            text(
              ...(session === null && name !== null ? [name] : []),
              ...todos.map(
                ({ activeForm, content, status }) =>
                  `${marks[status]} ${status === "in_progress" ? activeForm : content}`,
              ),
            ),
          ),
      data: own.map(({ session: name, todos }) => ({
        session: name,
        todos: todos.map((one) => ({ ...one })),
      })),
    }
  }),
})

export const why = define({
  name: "why",
  category: "Automation",
  summary: "how a suggestion, a call or an event came to be",
  arguments: [{ name: "id", kind: "suggestion", required: true, summary: "its id, or a seq of the log" }],
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ id }) {
    const { cost, steps, taint } = yield* (yield* Ground).why(id)
    return {
      blocks: [
        table(
          [],
          steps.map(({ role, seq, text: said }) => [String(seq), role, said]),
        ),
        ...(taint.length === 0
          ? []
          : [
              text("rests on text an outsider could have written:"),
              table(
                [],
                taint.map((one) => [String(one.seq), one.text]),
              ),
            ]),
        text(`cost: $${cost.usd.toFixed(4)}, ${counted(cost.modelCalls, "model call")}`),
      ],
      data: {
        id,
        steps: steps.map((step) => ({ ...step })),
        taint: taint.map((one) => ({ ...one })),
        cost: { ...cost },
      },
    }
  }),
})

const shownEvents = 20

export const log = define({
  name: "log",
  category: "Automation",
  summary: "the newest events",
  arguments: [
    { name: "count", kind: "number", summary: `how many; left out: ${shownEvents}` },
    { name: "type", kind: "words", summary: "a glob of types, such as git.*" },
  ],
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ count, type }) {
    const limit = Math.min(500, count === undefined ? shownEvents : Number(count))
    const events = yield* (yield* Ground).log({ limit, type: type ?? null, workspace: null })
    return {
      blocks: [
        table(
          [],
          events
            .toReversed()
            .map((event) => [String(event.seq), event.at.slice(11, 19), event.type, event.text]),
        ),
      ],
      data: events.map((event) => ({ ...event })),
    }
  }),
})

export const replay = define({
  name: "replay",
  category: "Automation",
  summary: "decide the whole past again, and say whether every decision is the same",
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* () {
    const { decisions, difference, events, same } = yield* (yield* Ground).replay
    const told =
      difference === null
        ? same
          ? "every one the same"
          : "those of other rules differ"
        : `the first that differs is of event ${difference.seq} (claw replay shows it)`
    return {
      blocks: [text(`${events} events folded, ${decisions} decisions: ${told}`)],
      data: { events, decisions, same, difference: difference === null ? null : { seq: difference.seq } },
    }
  }),
})

export const policy = define({
  name: "policy",
  category: "Automation",
  summary: "how the gate would judge a command, and by which rule; without one, the rules",
  arguments: [{ name: "command", kind: "words", rest: true, summary: "as it would be typed" }],
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ command }, { dir, surface, workspace }) {
    const ground = yield* Ground
    if (command === undefined) {
      const rules = yield* ground.rules(workspace)
      return {
        blocks: [
          table(
            [],
            rules.map((row) => [row.verdict, row.rule, row.tier, row.reason]),
          ),
        ],
        data: rules.map((row) => ({ rule: row.rule, verdict: row.verdict, tier: row.tier })),
      }
    }
    const verdict = yield* ground.judge(command, { dir, actor: `user:${surface}` })
    const { file, line, reason, rule } = verdict
    return {
      blocks: [
        text(`${verdict.verdict}: ${reason}`, `by ${rule} (${file}:${line})`),
        ...(verdict.missing == null ? [] : [text(`it would be allowed by this: ${verdict.missing}`)]),
      ],
      data: { command, verdict: verdict.verdict, rule, file, line, reason },
    }
  }),
})

export const permissions = define({
  name: "permissions",
  aliases: ["grants"],
  category: "Automation",
  summary: "what is allowed without asking: the rules in short, and your standing answers",
  arguments: [
    { name: "what", kind: "choice", choices: ["revoke"], summary: "take a standing answer back" },
    { name: "grant", kind: "words", summary: "its id, or all" },
  ],
  mutates: true,
  run: Effect.fnUntraced(function* ({ grant, what }, { surface, workspace }) {
    const ground = yield* Ground
    if (what !== undefined) {
      if (grant === undefined) return yield* wrong("/permissions revoke needs the id of a grant, or all")
      const revoked = yield* ground.revoke(grant, surface)
      if (revoked.length === 0) return yield* noSuch("no standing answer is in force")
      return { blocks: [text(...revoked.map((id) => `${id} is taken back`))], data: [...revoked] }
    }
    const rules = yield* ground.rules(workspace)
    const counts = ["allow", "audit", "ask", "deny"].map(
      (verdict) => [verdict, rules.filter((row) => row.verdict === verdict).length] as const,
    )
    const grants = yield* ground.grants
    return {
      blocks: [
        text(
          `rules: ${counts.map(([verdict, count]) => `${count} ${verdict}`).join(", ")} (/policy lists them)`,
        ),
        grants.length === 0
          ? text("no standing answers")
          : table(
              [],
              grants.map(({ id, title, until }) => [id, title, until === null ? "" : `until ${until}`]),
            ),
      ],
      data: { rules: Object.fromEntries(counts), grants: grants.map((one) => ({ ...one })) },
    }
  }),
})
