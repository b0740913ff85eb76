/**
 * From the command line into the conversation and back out: this terminal, this connection. Loaded only when one is opened.
 * Invariant: a conversation that was opened and in which nothing was said is put away.
 */
import { Console, Effect, Option } from "effect"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import { asPerson, type Entered } from "../conversations.ts"
import { Invocation } from "../Invocation.ts"
import { type Client, Session } from "../Session.ts"
import { inFront } from "./inFront.ts"
import { newestItems, runChat } from "./runChat.ts"

export const openChat = Effect.fn("openChat")(function* (
  client: Client,
  { fresh, view }: Entered,
  workspace: string,
  once: string | null,
) {
  const session = yield* Session
  const { colour, cwd, entry, env } = yield* Invocation
  if (env["TERM"] === "dumb") return yield* fail("TERM=dumb cannot show a conversation; claw -p works in it")
  const [rows, look, page] = yield* orExit(
    Effect.all([client.Commands(), client.ChatLook(), newestItems(client, view.session)], {
      concurrency: "unbounded",
    }),
  )
  const left = yield* runChat({
    client,
    token: session.token,
    reconnect: session.attach,
    streams: { input: process.stdin, output: process.stdout },
    colour,
    cwd,
    workspace,
    view,
    page,
    rows,
    look,
    front: (args) => inFront([entry.node, ...entry.args, ...args], { cwd, env }),
    once,
  })
  // a daemon that is away at the end keeps the conversation all the same
  const after = yield* Effect.option(left.client.Session({ session: view.session, workspace }))
  if (fresh && Option.isSome(after) && after.value.words === 0)
    yield* Effect.ignore(
      left.client.ArchiveSession({ ...(yield* asPerson), session: view.session, restored: false }),
    )
  else if (once === null) yield* Console.error(`claw chat --resume ${left.session} goes on here`)
  return left
})
