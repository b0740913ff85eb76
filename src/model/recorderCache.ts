/**
 * Whether a server read less from its cache than a prefix it had been sent shortly before would give, and why. Pure.
 * Invariant: what changed is read off the two requests; where nothing did, the cache went stale or was never kept, and it
 * says so.
 */
import type { PayloadOf } from "../domain/event.ts"
import type { Usage } from "../domain/modelRequest.ts"

/** A request that was answered: what it was, and what was then in the server's cache. */
export interface Cached {
  readonly model: string
  readonly messages: ReadonlyArray<string>
  readonly rest: Readonly<Record<string, string>>
  readonly tokens: number
  readonly atMs: number
}

/** Less than this is the grain of caches, and no loss. */
const noticed = 2_000
/** Vendors keep a prefix for five minutes after it was last used. */
const keptMs = 300_000

/** What a prompt's beginning does not rest on. */
const beside: ReadonlySet<string> = new Set(["stable", "maxOutput"])

type CacheBreak = NonNullable<PayloadOf<"model.answered">["cacheBreak"]>

/** Null: as much was read as could be, or nothing can be told. */
export const cacheBreakOf = (
  before: Cached | undefined,
  now: Omit<Cached, "tokens">,
  usage: Usage,
): CacheBreak | null => {
  if (before === undefined || before.tokens < noticed || before.model !== now.model) return null
  const expected = before.tokens
  const read = usage.cacheRead
  if (read + noticed > expected) return null
  const at = before.messages.findIndex((text, index) => text !== now.messages[index])
  const reason = Object.keys(now.rest).some((key) => !beside.has(key) && now.rest[key] !== before.rest[key])
    ? "the tools or the settings of the request changed"
    : at >= 0
      ? `message ${at + 1} changed${before.messages[at]!.includes('"role":"system"') ? " (a system section)" : ""}`
      : now.atMs - before.atMs > keptMs
        ? `nothing changed: it went stale after ${Math.round((now.atMs - before.atMs) / 60_000)} minutes`
        : "nothing changed: the server did not keep it"
  return { expected, read, reason }
}
