/**
 * The conversation at a terminal: one loop that hears keys and the daemon, changes what is shown, and asks the daemon for
 * what was wanted.
 * Invariants: everything that was said and done is the daemon's to know, so leaving loses nothing; a daemon that went away is
 * waited for, and heard on from where it was.
 */
import { Clock, Effect, Fiber, Queue, Result, type Scope, Stream } from "effect"
import type { Input } from "../../../tui/input.ts"
import type { CommandRow } from "../../domain/command.ts"
import { isCommandLine, readCommand } from "../../domain/commandLine.ts"
import type { ChatLook } from "../../rpc/commands.ts"
import type { ItemPage, SessionItem, SessionPart, SessionView } from "../../rpc/sessions.ts"
import type { Exit } from "../Exit.ts"
import type { Client } from "../Session.ts"
import { Chat } from "./Chat.ts"
import { cleared, type EditorKey, submitted, update } from "./editor.ts"
import { Feed } from "./Feed.ts"
import { makeHighlighter } from "./highlight.ts"
import { clientCommands, complete, type Lead, runLine, sayToModel } from "./lines.ts"
import { openTerminal, type TerminalStreams } from "./Terminal.ts"
import { makeWaiting } from "./waiting.ts"
import { failedText, say, session, type Wires } from "./wires.ts"

export interface ChatOptions {
  readonly client: Client
  /** A fresh proof of the newest connection. */
  readonly token: Effect.Effect<string, Exit>
  readonly reconnect: Effect.Effect<Client, Exit, Scope.Scope>
  readonly streams: TerminalStreams
  readonly colour: boolean
  readonly cwd: string
  readonly workspace: string
  readonly view: SessionView
  /** Of its items, the newest. */
  readonly page: ItemPage
  readonly rows: ReadonlyArray<CommandRow>
  readonly look: ChatLook
  /** Runs this program in front, with these arguments; resolves when it ended. */
  readonly front: (args: ReadonlyArray<string>) => Effect.Effect<void>
  /** Said at once; then it ends with the work on it. */
  readonly once: string | null
}

type Message =
  | { readonly _tag: "input"; readonly inputs: ReadonlyArray<Input> }
  | { readonly _tag: "part"; readonly part: SessionPart; readonly session: string }
  | { readonly _tag: "lost"; readonly turn: number }
  | { readonly _tag: "then"; readonly run: () => void }
  | { readonly _tag: "paint" }

/** Between two frames of an answer that is coming. */
const frameMs = 33
const twiceMs = 1_000
/** Of a conversation that is resumed, the newest. */
const shownItems = 60
const keptHistory = 300
const reconnectMs = 500
const awayText = "the daemon went away: waiting for it (claw up starts it)"
const stoppingText = "stopping"
/** Keys that look through what was said before. */
const looking = new Set(["up", "C-p", "C-r"])

export interface Left {
  /** How the last piece of work ended; null: none did. */
  readonly rested: Extract<SessionItem, { readonly _tag: "rested" }> | null
  readonly session: string
  /** The newest connection. */
  readonly client: Client
}

export const newestItems = (client: Client, session: string) =>
  client.SessionItems({ session, before: null, limit: shownItems })

/** What was said before, oldest first. */
const history = (client: Client, workspace: string) =>
  client
    .Log({
      query: { types: ["session.said"], workspace, reverse: true, limit: keptHistory },
      follow: false,
    })
    .pipe(
      Stream.runCollect,
      Effect.map((chunks) => {
        const words = chunks.flat().flatMap(({ payload }) => {
          const said = payload as { readonly text?: string; readonly surface?: string | null } | null
          return said?.surface == null || said.text === undefined ? [] : [said.text]
        })
        return [...new Set(words)].toReversed()
      }),
    )

export const runChat = Effect.fn("runChat")(function* (
  options: ChatOptions,
): Effect.fn.Return<Left, never, Scope.Scope> {
  const context = yield* Effect.context<Scope.Scope>()
  const run = Effect.runForkWith(context)
  const messages = yield* Queue.unbounded<Message>()
  const offer = (message: Message): void => void Queue.offerUnsafe(messages, message)
  const then = (next: () => void): void => offer({ _tag: "then", run: next })
  let client = options.client
  let seen = 0
  let leaving = false
  let away = false
  /** Another program has the terminal. */
  let lent = false
  let rested: Left["rested"] = null
  let interruptedAt = Number.NEGATIVE_INFINITY
  let following: Fiber.Fiber<void> | null = null
  let follows = 0
  const leave = (): void => void (leaving = true)
  const terminal = yield* openTerminal(options.streams, options.colour, {
    input: (inputs) => offer({ _tag: "input", inputs }),
    resized: () => offer({ _tag: "paint" }),
    ended: () => then(leave),
  })
  const chat = new Chat(options.view, makeHighlighter(), options.rows, options.look)
  /** Keys that look through what was said, pressed before it was there; null: it is. */
  let early: Array<EditorKey> | null = []
  const wires: Wires = {
    chat,
    cwd: options.cwd,
    workspace: options.workspace,
    client: () => client,
    person: Effect.map(options.token, (token) => ({ token, surface: "cli" as const })),
    drawing: () => chat.drawing(terminal.size()),
    turn: then,
    fork: (effect) =>
      void run(
        Effect.catch(effect, (error) => Effect.sync(() => then(() => say(wires, failedText(error), "bad")))),
      ),
  }
  const waiting = makeWaiting(wires)

  // ---- the daemon's words

  const follow = (): void => {
    const id = session(wires)
    const turn = ++follows
    chat.feed.begin()
    if (following !== null) run(Fiber.interrupt(following))
    following = run(
      client.FollowSession({ session: id, from: seen, untilRested: false }).pipe(
        Stream.runForEach((part) => Effect.sync(() => offer({ _tag: "part", part, session: id }))),
        Effect.ignore,
        // a daemon that stops interrupts its streams
        Effect.ensuring(Effect.sync(() => offer({ _tag: "lost", turn }))),
      ),
    )
  }

  const reconnect = (): void => {
    away = true
    chat.note = awayText
    say(wires, awayText, "warn")
    const once = Effect.gen(function* () {
      const found = yield* Effect.result(options.reconnect)
      if (Result.isFailure(found)) yield* Effect.sleep(reconnectMs)
      return Result.isSuccess(found) ? found.success : null
    })
    wires.fork(
      Effect.map(Effect.repeat(once, { until: (found) => found !== null }), (found) =>
        then(() => {
          client = found!
          away = false
          chat.note = null
          say(wires, "the daemon is back")
          waiting.again()
          follow()
        }),
      ),
    )
  }

  const show = (view: SessionView, { earlier, items }: ItemPage): void => {
    chat.feed = new Feed()
    waiting.forget()
    if (earlier) say(wires, "there is more before this (/export shows all)")
    for (const item of items) chat.commit(...chat.feed.take({ _tag: "item", item }, wires.drawing()))
    chat.view = view
    seen = items.at(-1)?.seq ?? view.lastSeq
    follow()
    wires.fork(
      Effect.match(client.ModelShow({ name: view.model, workspace: view.workspace }), {
        onSuccess: ({ window }) => then(() => void (chat.window = window)),
        // it may be none of this day's settings
        onFailure: () => undefined,
      }),
    )
  }

  const front = (args: ReadonlyArray<string>): void => {
    terminal.paint(chat.frame(terminal.size(), paintedAt))
    lent = true
    wires.fork(
      Effect.map(terminal.outside(options.front(args)), () =>
        then(() => {
          lent = false
        }),
      ),
    )
  }

  const lead: Lead = {
    leave,
    front,
    open: (id) =>
      wires.fork(
        Effect.map(
          Effect.all(
            [client.Session({ session: id, workspace: options.workspace }), newestItems(client, id)],
            { concurrency: "unbounded" },
          ),
          ([view, page]) =>
            then(() => {
              say(wires, `${view.session}: ${view.title === "" ? "a new conversation" : view.title}`)
              show(view, page)
            }),
        ),
      ),
  }

  const took = (part: SessionPart): void => {
    if (part._tag === "item") seen = Math.max(seen, part.item.seq)
    if (part._tag === "live") seen = Math.max(seen, part.seq)
    if (part._tag === "item" && part.item._tag === "rested") {
      rested = part.item
      if (chat.note === stoppingText) chat.note = null
      if (options.once !== null) leave()
    }
    chat.commit(...chat.feed.take(part, wires.drawing()))
    for (const language of chat.languages) void chat.highlighter.load(language)
    if (part._tag === "open") waiting.attend()
    if (part._tag === "paused") waiting.paused(part.question)
  }

  // ---- the person's keys

  /** A command of this terminal, which needs no daemon. */
  const isMine = (text: string): boolean => {
    const read = isCommandLine(text) ? readCommand(text, chat.rows) : null
    return read !== null && Result.isSuccess(read) && Object.hasOwn(clientCommands, read.success.row.name)
  }

  const submit = (text: string): void => {
    const { asking, reasoning } = chat
    if (away && !isMine(text)) {
      chat.note = "the daemon is away: Enter sends this once it is back"
      return
    }
    chat.editor = submitted(chat.editor)
    chat.menu = null
    chat.reasoning = false
    if (reasoning && asking !== null) return waiting.reject(asking, text.trim())
    if (isCommandLine(text)) return runLine(wires, text, lead)
    if (!waiting.words(text)) sayToModel(wires, text)
  }

  const interrupt = (now: number): void => {
    if (chat.feed.totals.working) {
      chat.note = stoppingText
      return waiting.stop()
    }
    if (chat.editor.text !== "") {
      chat.editor = cleared(chat.editor)
      return
    }
    if (now - interruptedAt <= twiceMs) leave()
    interruptedAt = now
    chat.note = "Ctrl-C once more, or Ctrl-D, leaves"
  }

  const key = (input: EditorKey, now: number): void => {
    if (early !== null && input._tag === "key" && looking.has(input.key)) return void early.push(input)
    const { act, state } = update(chat.editor, input)
    const completing = act === "complete" || act === "completeBack"
    chat.editor = state
    if (!completing) chat.menu = null
    switch (act) {
      case "submit":
        return submit(state.text)
      case "interrupt":
        return interrupt(now)
      case "leave":
        return leave()
      case "complete":
        return complete(wires, 1)
      case "completeBack":
        return complete(wires, -1)
      case "redraw":
        options.streams.output.write("\u001b[2J\u001b[H")
        return terminal.clear()
      case "escape":
        chat.reasoning = false
        return
      case null:
    }
  }

  const heard = (inputs: ReadonlyArray<Input>, now: number): void => {
    chat.note = away ? awayText : null
    inputs.forEach((input, index) => {
      if (input._tag === "focus") return
      if (input._tag === "paste") return key(input, now)
      const { asking } = chat
      const control = input.key === "C-c" || input.key === "C-d"
      if (chat.asked && asking !== null && !control && waiting.key(asking, input.key, input.burst, now))
        return
      // a paste of a terminal that does not tell: its newlines are newlines
      const newline =
        input.key === "enter" &&
        input.burst &&
        index < inputs.length - 1 &&
        chat.editor.text[chat.editor.cursor - 1] !== "\\"
      key(newline ? { ...input, key: "A-enter" } : input, now)
    })
  }

  const work = (message: Message, now: number): void => {
    switch (message._tag) {
      case "input":
        return heard(message.inputs, now)
      case "part":
        return message.session === session(wires) ? took(message.part) : undefined
      case "lost":
        return message.turn === follows ? reconnect() : undefined
      case "then":
        return message.run()
      case "paint":
    }
  }

  // ---- the loop

  const paint = (now: number): void => terminal.paint(chat.frame(terminal.size(), now))
  let paintedAt = yield* Clock.currentTimeMillis
  let scheduled = false
  const tick = (ms: number): void => {
    if (scheduled) return
    scheduled = true
    run(
      Effect.delay(
        Effect.sync(() => offer({ _tag: "paint" })),
        ms,
      ),
    )
  }

  paint(paintedAt)
  wires.fork(
    Effect.flatMap(history(client, options.workspace), (words) =>
      Effect.map(Clock.currentTimeMillis, (now) =>
        then(() => {
          chat.editor = { ...chat.editor, history: [...words, ...chat.editor.history] }
          const pressed = early ?? []
          early = null
          for (const one of pressed) key(one, now)
        }),
      ),
    ),
  )
  show(options.view, options.page)
  if (options.once !== null) sayToModel(wires, options.once)

  while (!leaving) {
    const first = yield* Queue.take(messages)
    const all = [first, ...(yield* Queue.clear(messages))]
    const now = yield* Clock.currentTimeMillis
    for (const message of all) work(message, now)
    const { working } = chat.feed.totals
    chat.workingSince = working ? (chat.workingSince ?? now) : null
    if (all.some(({ _tag }) => _tag === "paint")) scheduled = false
    if (lent) continue
    // an answer that comes in is drawn now and then, a key at once
    const coming = all.every(({ _tag }) => _tag === "part")
    if (coming && now - paintedAt < frameMs) {
      tick(frameMs)
      continue
    }
    paint(now)
    paintedAt = now
    if (working) tick(1_000)
  }
  // what is not final yet is the last to be seen
  chat.commit(...chat.feed.live(wires.drawing()))
  const { commit } = chat.frame(terminal.size(), paintedAt)
  terminal.paint({ commit, live: [], cursor: { row: 0, column: 0 } })
  return { rested, session: session(wires), client }
})
