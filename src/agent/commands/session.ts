/** Commands about conversations: which there are, going on in one, its model, context, cost, shortening, going back. */
import { Effect } from "effect"
import type { Usage } from "../../domain/modelRequest.ts"
import { Sessions } from "../Sessions.ts"
import { counted, define, noSuch, table, text, toCommandError, wrong } from "./Command.ts"
import { Ground, type SessionSummary } from "./Ground.ts"

const asError = Effect.mapError(toCommandError)

const dollars = (usd: number): string => `$${usd.toFixed(4)}`

const rowOf = ({ kind, lastAt, session, spent, state, title, words }: SessionSummary) => [
  session,
  state,
  lastAt.slice(0, 16).replace("T", " "),
  counted(words, "word"),
  dollars(spent.usd),
  `${kind === "chat" ? "" : `(${kind}) `}${title === "" ? "(nothing said yet)" : title}`,
]

const listed = (rows: ReadonlyArray<SessionSummary>) => ({
  blocks: rows.length === 0 ? [text("no conversations here yet")] : [table([], rows.map(rowOf))],
  data: rows.map((row) => ({ ...row, spent: { ...row.spent } })),
})

export const resume = define({
  name: "resume",
  category: "Session",
  summary: "go on in another conversation; without one, those there are",
  arguments: [{ name: "session", kind: "session", summary: "its id, a beginning of one, or latest" }],
  remoteSafe: true,
  run: Effect.fnUntraced(function* ({ session }, { workspace }) {
    const ground = yield* Ground
    if (session === undefined) return listed(yield* ground.sessions({ all: false, workspace }))
    const found = yield* ground.session(session, workspace)
    return {
      blocks: [text(`going on in ${found.session}: ${found.title}`)],
      data: { session: found.session },
      next: { _tag: "open", session: found.session },
    }
  }),
})

const verbs = ["list", "show", "switch", "title", "fork", "archive", "restore", "search"] as const

export const session = define({
  name: "session",
  aliases: ["sessions"],
  category: "Session",
  summary: "conversations: list, show, switch, title, fork, archive, restore, search",
  arguments: [
    { name: "what", kind: "choice", choices: verbs, summary: "left out: list" },
    { name: "word", kind: "session", rest: true, summary: "which one; for title and search: the words" },
  ],
  mutates: true,
  run: Effect.fnUntraced(function* ({ what, word }, call) {
    const ground = yield* Ground
    const sessions = yield* Sessions
    const { workspace } = call
    const verb = (what ?? "list") as (typeof verbs)[number]
    if (verb === "list") return listed(yield* ground.sessions({ all: word === "all", workspace }))
    if (verb === "search") {
      if (word === undefined) return yield* wrong("/session search needs words to look for")
      const found = yield* ground.search(word, workspace)
      return {
        blocks: [
          table(
            [],
            found.map((row) => [row.session, row.at.slice(0, 16), row.title, row.text]),
          ),
        ],
        data: found.map((row) => ({ ...row })),
      }
    }
    const wanted = verb === "title" ? undefined : word
    const id = wanted === undefined ? call.session : (yield* ground.session(wanted, workspace)).session
    if (id === null) return yield* wrong(`/session ${verb} needs a conversation: name one`)
    switch (verb) {
      case "show":
        return listed([yield* ground.session(id, workspace)])
      case "switch":
        return { blocks: [], data: { session: id }, next: { _tag: "open", session: id } }
      case "title": {
        if (word === undefined) return yield* wrong("/session title needs the words of it")
        yield* asError(sessions.change(id, { title: word }))
        return { blocks: [text(`it is called ${word} now`)], data: { session: id, title: word } }
      }
      case "fork": {
        const forked = yield* asError(sessions.fork(id, null))
        return {
          blocks: [text(`a copy of it goes on as ${forked}`)],
          data: { session: forked },
          next: { _tag: "open", session: forked },
        }
      }
      case "archive":
      case "restore": {
        yield* asError(sessions.archive(id, verb === "restore"))
        return {
          blocks: [text(verb === "restore" ? `${id} is back` : `${id} is put away (/session restore ${id})`)],
          data: { session: id },
        }
      }
    }
  }),
})

export const clear = define({
  name: "clear",
  aliases: ["new"],
  category: "Session",
  summary: "begin a new conversation; this one stays and can be resumed",
  needsSession: true,
  mutates: true,
  remoteSafe: true,
  run: Effect.fnUntraced(function* (_, { dir, session: from, surface, workspace }) {
    const sessions = yield* Sessions
    const before = yield* asError(sessions.transcript(from))
    const { session: opened } = yield* asError(
      sessions.open({
        kind: "chat",
        workspace,
        cwd: dir,
        actor: `user:${surface}`,
        model: before.model,
        effort: before.effort,
      }),
    )
    return {
      blocks: [text(`a new conversation (/resume ${from} goes back)`)],
      data: { session: opened },
      next: { _tag: "open", session: opened },
    }
  }),
})

export const model = define({
  name: "model",
  category: "Session",
  summary: "which model answers, or another one from here on",
  arguments: [{ name: "model", kind: "model", summary: "a name or an alias" }],
  needsSession: true,
  mutates: true,
  remoteSafe: true,
  run: Effect.fnUntraced(function* ({ model: wanted }, { session: id }) {
    const ground = yield* Ground
    const sessions = yield* Sessions
    if (wanted !== undefined) yield* asError(sessions.change(id, { model: wanted }))
    const now = yield* asError(sessions.transcript(id))
    if (wanted !== undefined)
      return { blocks: [text(`${now.model} answers from here on`)], data: { model: now.model } }
    const { failed, models } = yield* ground.models
    return {
      blocks: [
        text(`${now.model} answers`),
        ...(models.length === 0 ? [] : [text("others there are:", ...models.map((name) => `  ${name}`))]),
        ...failed.map((line) => text(`! ${line}`)),
      ],
      data: { model: now.model, models, failed },
    }
  }),
})

const without = "off"

export const effort = define({
  name: "effort",
  category: "Session",
  summary: "how hard the model thinks before it answers, from here on",
  arguments: [
    {
      name: "effort",
      kind: "choice",
      choices: ["low", "medium", "high", "xhigh", "max", without],
      summary: "left out: how it stands",
    },
  ],
  needsSession: true,
  mutates: true,
  remoteSafe: true,
  run: Effect.fnUntraced(function* ({ effort: wanted }, { session: id }) {
    const sessions = yield* Sessions
    if (wanted !== undefined)
      yield* asError(sessions.change(id, { effort: wanted === without ? null : (wanted as "low") }))
    const now = yield* asError(sessions.transcript(id))
    const thinks = now.effort === null || (yield* (yield* Ground).thinks(now.model))
    return {
      blocks: [
        text(
          now.effort === null
            ? `${now.model} answers without thinking first`
            : `${now.model} thinks before it answers: ${now.effort}`,
          ...(thinks
            ? []
            : [
                "but as far as is known it cannot, so it is asked without (thinking: true in models.providers says otherwise)",
              ]),
        ),
      ],
      data: { model: now.model, effort: now.effort, thinks },
    }
  }),
})

export const compact = define({
  name: "compact",
  category: "Session",
  summary: "let a summary stand for what was said so far; the log keeps all of it",
  needsSession: true,
  mutates: true,
  remoteSafe: true,
  run: Effect.fnUntraced(function* (_, { session: id }) {
    const sessions = yield* Sessions
    const lines = yield* asError(sessions.compact(id))
    return {
      blocks: [
        lines.length === 0
          ? text("there is nothing to shorten yet")
          : table(
              [],
              lines.map((line) => [line.section, `[${line.seqs.join(", ")}]`, line.text]),
            ),
      ],
      data: lines.map((line) => ({ ...line, seqs: [...line.seqs] })),
    }
  }),
})

export const context = define({
  name: "context",
  category: "Session",
  summary: "what fills the model's window",
  needsSession: true,
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* (_, { session: id }) {
    const found = yield* (yield* Ground).context(id)
    const share = (tokens: number): string =>
      found.window === null ? "" : `${((tokens / found.window) * 100).toFixed(1)} %`
    if (found.tokens === 0)
      return {
        blocks: [text("nothing yet: what stands before a conversation is looked up with the first word")],
        data: { ...found },
      }
    const untrusted = found.sections.filter(({ trust }) => trust === "untrusted")
    const cut = found.sections.filter((section) => section.cut !== null)
    return {
      blocks: [
        table(
          [],
          [
            ...found.parts.map(({ name, tokens }) => [name, String(tokens), share(tokens)]),
            ["all", String(found.tokens), share(found.tokens)],
          ],
        ),
        text(
          `${found.model}, ${found.window === null ? "a window nobody knows" : `a window of ${found.window} tokens`}; tokens are estimated`,
          ...(untrusted.length === 0
            ? []
            : [
                `told as data, not as yours: ${untrusted.map(({ source }) => source).join(", ")} (claw trust)`,
              ]),
          ...cut.map((section) => `left out of ${section.source}: ${section.cut}`),
        ),
      ],
      data: {
        ...found,
        parts: found.parts.map((part) => ({ ...part })),
        sections: found.sections.map((section) => ({ ...section })),
      },
    }
  }),
})

const none: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
const sum = (a: Usage, b: Usage): Usage => ({
  input: a.input + b.input,
  output: a.output + b.output,
  cacheRead: a.cacheRead + b.cacheRead,
  cacheWrite: a.cacheWrite + b.cacheWrite,
})

export const cost = define({
  name: "cost",
  aliases: ["usage"],
  category: "Session",
  summary: "what this conversation has cost, by model",
  needsSession: true,
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* (_, { session: id }) {
    const ground = yield* Ground
    const { spent } = yield* ground.session(id, null)
    const { spentToday } = yield* ground.status
    const answers = yield* ground.answers(id)
    const models = [...new Set(answers.map(({ served }) => served))].map((served) => {
      const own = answers.filter((answer) => answer.served === served)
      return {
        model: served,
        calls: own.length,
        usage: own.reduce((all, { usage }) => sum(all, usage), none),
        usd: own.some(({ usd }) => usd === null) ? null : own.reduce((all, { usd }) => all + (usd ?? 0), 0),
      }
    })
    const told = (count: (row: (typeof models)[number]) => number) =>
      models.reduce((all, row) => all + count(row), 0)
    const others = {
      calls: spent.calls - told(({ calls }) => calls),
      usd: Math.max(0, spent.usd - told(({ usd }) => usd ?? 0)),
    }
    const unpriced =
      spent.unpriced === 0 ? "" : `, and ${counted(spent.unpriced, "call")} without a known price`
    return {
      blocks: [
        text(
          `${dollars(spent.usd)} for ${counted(spent.calls, "call")}${unpriced}, with what its children cost; ${dollars(spentToday)} in all today`,
        ),
        table(
          models.length === 0
            ? []
            : ["model", "calls", "input", "output", "cache read", "cache write", "cost"],
          [
            ...models.map(({ calls, model: name, usage, usd }) => [
              name,
              String(calls),
              String(usage.input),
              String(usage.output),
              String(usage.cacheRead),
              String(usage.cacheWrite),
              usd === null ? "unpriced" : dollars(usd),
            ]),
            ...(others.calls > 0
              ? [["summaries, agents, failed", String(others.calls), "", "", "", "", dollars(others.usd)]]
              : []),
          ],
        ),
      ],
      data: {
        session: id,
        ...spent,
        today: spentToday,
        models: models.map((row) => ({ ...row, usage: { ...row.usage } })),
        others,
      },
    }
  }),
})

export const exported = define({
  name: "export",
  category: "Session",
  summary: "this conversation as Markdown, or JSON by the file's ending",
  arguments: [{ name: "file", kind: "file", summary: "where to write it; left out: it is shown" }],
  needsSession: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ file }, { session: id }) {
    const source = yield* (yield* Ground).exported(id, file?.endsWith(".json") === true ? "json" : "markdown")
    return file === undefined
      ? { blocks: [{ _tag: "markdown" as const, text: source }], data: source }
      : { blocks: [], data: { file }, next: { _tag: "save" as const, path: file, text: source } }
  }),
})

const oneLine = (words: string): string => words.replaceAll(/\s+/g, " ").slice(0, 100)

export const rewind = define({
  name: "rewind",
  category: "Session",
  summary: "go back to before something you said; what was undone stays in the log",
  arguments: [
    { name: "to", kind: "number", summary: "seq of the word; left out: those there are" },
    {
      name: "what",
      kind: "choice",
      choices: ["conversation", "files", "both"],
      summary: "what goes back; left out: the conversation",
    },
  ],
  needsSession: true,
  mutates: true,
  run: Effect.fnUntraced(function* ({ to, what }, { session: id, surface }) {
    const sessions = yield* Sessions
    const { entries } = yield* asError(sessions.transcript(id))
    const said = entries.filter((entry) => entry._tag === "said")
    if (to === undefined)
      return {
        blocks: [
          text("/rewind SEQ goes back to before it:"),
          table(
            [],
            said.map((entry) => [String(entry.seq), entry.at.slice(11, 16), oneLine(entry.text)]),
          ),
        ],
        data: said.map((entry) => ({ seq: entry.seq, text: entry.text })),
      }
    const seq = Number(to)
    if (!said.some((entry) => entry.seq === seq)) return yield* noSuch(`event ${to} is nothing you said here`)
    const scope = (what ?? "conversation") as "conversation" | "files" | "both"
    const { kept, undone } = yield* asError(sessions.rewind(id, seq, scope, surface))
    return {
      blocks: [
        text(scope === "files" ? "the files are as they were" : `back to before event ${to}`),
        ...(undone.length === 0 ? [] : [text("taken back:", ...undone.map((line) => `  ${line}`))]),
        ...(kept.length === 0 ? [] : [text("could not be taken back:", ...kept.map((line) => `  ${line}`))]),
      ],
      data: { to: seq, undone: [...undone], kept: [...kept] },
    }
  }),
})
