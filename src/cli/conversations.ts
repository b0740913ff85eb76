/**
 * Opening a conversation, or going on in one, as chat, ask and print do.
 * Invariant: without a model nothing is opened, and it is said what to do.
 */
import { Effect } from "effect"
import type { Effort } from "../domain/modelRequest.ts"
import { type ItemPage, mostItems, type SessionItem, type SessionView } from "../rpc/sessions.ts"
import { orExit, toExit } from "./errors.ts"
import { fail } from "./Exit.ts"
import { Invocation } from "./Invocation.ts"
import { type Client, Session } from "./Session.ts"

export interface Wanted {
  readonly kind: "chat" | "ask" | "print"
  /** By id, by the beginning of one, or `latest`; null: a new one. */
  readonly resume: string | null
  readonly model: string | null
  readonly effort: Effort
  readonly tools?: ReadonlyArray<string>
  readonly limits?: { readonly steps?: number; readonly usd?: number }
  readonly format?: Readonly<Record<string, never>>
}

export interface Entered {
  readonly view: SessionView
  /** It was opened just now. */
  readonly fresh: boolean
}

/** The watched workspace around the folder one is in, else that folder. */
export const workspaceHere = Effect.fnUntraced(function* (client: Client) {
  const { cwd } = yield* Invocation
  const { workspaces } = yield* orExit(client.Status())
  const around = workspaces.filter((one) => cwd === one || cwd.startsWith(`${one}/`))
  return around.toSorted((a, b) => b.length - a.length)[0] ?? cwd
})

export const found = (client: Client, session: string, workspace: string) =>
  orExit(client.Session({ session, workspace }))

/** All that was said and done in it, oldest first. */
export const allItems = Effect.fnUntraced(function* (client: Client, session: string) {
  const pages: Array<ReadonlyArray<SessionItem>> = []
  let before: number | null = null
  do {
    const page: ItemPage = yield* orExit(client.SessionItems({ session, before, limit: mostItems }))
    pages.unshift(page.items)
    before = page.earlier ? (page.items[0]?.seq ?? null) : null
  } while (before !== null)
  return pages.flat()
})

/** A fresh proof, from the command line. */
export const asPerson = Effect.gen(function* () {
  const session = yield* Session
  return { token: yield* session.token, surface: "cli" as const }
})

/** What is wanted of it besides the words: of a new one, or from here on. */
const choices = ({ effort, format, limits, model, tools }: Wanted) => ({
  ...(model === null ? {} : { model }),
  ...(effort === null ? {} : { effort }),
  ...(tools === undefined ? {} : { tools }),
  ...(limits === undefined || Object.keys(limits).length === 0 ? {} : { limits }),
  ...(format === undefined ? {} : { format }),
})

const resumed = Effect.fnUntraced(function* (client: Client, wanted: Wanted, workspace: string) {
  const view = yield* found(client, wanted.resume!, workspace)
  const changes = choices(wanted)
  if (Object.keys(changes).length === 0) return { view, fresh: false }
  const changed = yield* orExit(
    client.ChangeSession({ ...(yield* asPerson), session: view.session, ...changes }),
  )
  return { view: changed, fresh: false }
})

export const entered = Effect.fnUntraced(function* (client: Client, wanted: Wanted, workspace: string) {
  if (wanted.resume !== null) return yield* resumed(client, wanted, workspace)
  const { cwd } = yield* Invocation
  const { session } = yield* client
    .OpenSession({
      ...(yield* asPerson),
      kind: wanted.kind,
      workspace,
      cwd,
      ...choices(wanted),
    })
    .pipe(
      Effect.mapError((error) =>
        // without a model it does not get better by trying again, and the command line is not what is wrong
        error._tag === "Unavailable" || (error._tag === "BadInput" && wanted.model === null)
          ? fail(error.message)
          : toExit(error),
      ),
    )
  return { view: yield* found(client, session, workspace), fresh: true }
})
