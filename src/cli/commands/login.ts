/**
 * claw login: a key of a provider of models, or a login in the browser, pasted back, or by a code on another device. The
 * daemon does it and keeps what comes of it; secrets are on no command line.
 */
import { Clock, Console, Deferred, Effect, Option, Redacted, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { AuthView, LoginStep } from "../../rpc/auth.ts"
import { orExit } from "../errors.ts"
import { Exit, fail, usage } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"
import { clock, safe } from "../output.ts"
import { confirm } from "../person.ts"
import { secretText } from "../secretText.ts"
import { type Client, Session } from "../Session.ts"

const person = Effect.map(
  Effect.flatMap(Session, (session) => session.token),
  (token) => ({ token, surface: "cli" as const }),
)

/** The named one, or the only one that is used and lacks what it needs. */
const chosen = Effect.fnUntraced(function* (client: Client, name: Option.Option<string>) {
  const views = yield* orExit(client.AuthStatus())
  const names = views.map(({ provider }) => safe(provider)).join(", ")
  if (Option.isSome(name)) {
    const found = views.find(({ provider }) => provider === name.value)
    if (found !== undefined) return found
    return yield* new Exit({
      reason: "noSuch",
      message: `no such provider: ${safe(name.value)} (there are ${names}; models.providers adds others)`,
    })
  }
  const lacking = views.filter(({ problem, used }) => used && problem?.now === true)
  if (lacking.length === 1) return lacking[0]!
  return yield* usage(`say which provider: ${names}`)
})

const report = Effect.fnUntraced(function* (done: string, view: AuthView) {
  const { expiresAt, provider, renews, source, where } = view
  const now = yield* Clock.currentTimeMillis
  const end =
    expiresAt === null ? "" : renews ? ", renewed by itself" : `, good until ${clock(expiresAt, now)}`
  yield* Console.log(`${done} ${safe(provider)}${end}`)
  if (source === "environment")
    yield* Console.error(`${safe(where ?? "")} is set where the daemon runs, and counts before it`)
  else if (view.problem !== null)
    yield* Console.error(`${safe(view.problem.message)}: ${safe(view.problem.cure)}`)
})

const giveKey = Effect.fnUntraced(function* (client: Client, { provider }: AuthView, anyway: boolean) {
  const key = Redacted.make(yield* secretText("-", `API key of ${safe(provider)}`))
  const keep = Effect.fnUntraced(function* (doubtless: boolean) {
    return yield* client.AuthKey({ ...(yield* person), provider, key, anyway: doubtless })
  })
  const { interactive } = yield* Invocation
  const view = yield* keep(anyway).pipe(
    Effect.catchIf(
      (error) => error._tag === "LoginFailed" && error.reason === "doubtful",
      Effect.fnUntraced(function* ({ message }) {
        if (!interactive) return yield* fail(`${message}: nothing was kept (--anyway keeps it all the same)`)
        yield* Console.error(message)
        if (!(yield* confirm("keep it all the same?"))) return yield* fail("nothing was kept")
        return yield* keep(true)
      }),
    ),
    orExit,
  )
  yield* report("the key is kept for", view)
})

/** Reads answers until one is taken; a pipe has one. Never ends by itself then: the login does. */
const pasted = Effect.fnUntraced(function* (client: Client, login: string) {
  const { interactive } = yield* Invocation
  for (;;) {
    const text = yield* secretText("-", "the code, or the whole address the browser ended at")
    if (text.trim() === "") return yield* fail("nothing was pasted: the login is given up")
    const taken = yield* Effect.result(
      orExit(client.AuthPaste({ ...(yield* person), login, answer: Redacted.make(text) })),
    )
    if (taken._tag === "Success") return yield* Effect.never
    if (!interactive) return yield* taken.failure
    yield* Console.error(safe(taken.failure.message))
  }
})

const shown = (step: Exclude<LoginStep, { readonly _tag: "done" }>, paste: boolean, now: number): string => {
  const until = `(until ${clock(step.endsAt, now)})`
  if (step._tag === "code") {
    const direct = step.completeUri === null ? "" : `\nor go to\n\n  ${safe(step.completeUri)}\n`
    return `go to\n\n  ${safe(step.uri)}\n\nand enter the code ${safe(step.userCode)} ${until}\n${direct}`
  }
  const wait = paste
    ? "and paste what it ends with here"
    : step.listens
      ? "in a browser on this machine; the answer comes back by itself"
      : "in a browser"
  return `open\n\n  ${safe(step.url)}\n\n${wait} ${until}`
}

const logIn = Effect.fnUntraced(function* (
  client: Client,
  { provider }: AuthView,
  way: "browser" | "paste" | "device",
) {
  const opened = Deferred.makeUnsafe<string>()
  let done: AuthView | null = null
  const steps = client
    .AuthLogin({ ...(yield* person), provider, way: way === "device" ? "device" : "browser" })
    .pipe(
      Stream.runForEach(
        Effect.fnUntraced(function* (step) {
          if (step._tag === "done") {
            done = step.view
            return
          }
          // where the browser cannot bring the answer, it is pasted in any case
          const paste = step._tag === "open" && (way === "paste" || !step.listens)
          yield* Console.error(shown(step, paste, yield* Clock.currentTimeMillis))
          if (step._tag === "open" && paste) yield* Deferred.succeed(opened, step.login)
        }),
      ),
    )
  yield* Effect.raceFirst(
    orExit(steps),
    Effect.flatMap(Deferred.await(opened), (login) => pasted(client, login)),
  )
  if (done === null) return yield* fail("the login ended without an answer")
  yield* report("logged in to", done)
})

const wayFlag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDefault(false), Flag.withDescription(description))

export const login = Command.make(
  "login",
  {
    provider: Argument.String("provider").pipe(
      Argument.withDescription("as claw auth status names it; left out: the one that lacks a credential"),
      Argument.optional,
    ),
    key: wayFlag("key", "read an API key: typed unseen, or from a pipe"),
    paste: wayFlag("paste", "log in in a browser elsewhere, and paste what it ends with"),
    device: wayFlag("device", "log in with a code on another device"),
    anyway: wayFlag("anyway", "keep a key that looks like another vendor's"),
  },
  Effect.fn(function* ({ anyway, device, key, paste, provider }) {
    if ([device, key, paste].filter(Boolean).length > 1)
      return yield* usage("one of --key, --paste and --device")
    if (anyway && (device || paste)) return yield* usage("--anyway is of a key: it goes with --key")
    const client = yield* (yield* Session).ensure
    const view = yield* chosen(client, provider)
    const { interactive } = yield* Invocation
    const takesKey = key || anyway || (!paste && !device && !view.login)
    if (!takesKey) return yield* logIn(client, view, paste ? "paste" : device ? "device" : "browser")
    if (!key && !interactive)
      return yield* usage(
        `the settings describe no login for ${safe(view.provider)}: --key reads a key from a pipe`,
      )
    yield* giveKey(client, view, anyway)
  }, Effect.scoped),
).pipe(
  Command.withDescription("give a key of a provider of models, or log in to it"),
  Command.withExamples([
    { command: "claw login anthropic --key", description: "asks for an API key, and keeps it" },
    { command: "claw login openai --key < key.txt", description: "from a file" },
    { command: "claw login work --device", description: "with a code, where there is no browser" },
  ]),
)
