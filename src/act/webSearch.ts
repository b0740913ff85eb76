/**
 * `WebSearch`: asks the search engine the user configured. Off until there is one; then the call says which setting is
 * missing.
 * Invariants: only the engine of the user's own settings is asked, at its own host and without following redirects; the
 * key stays in its header and out of every text; hits outside the domain filters are never shown.
 */
import { Effect, Schema } from "effect"
import type { SearchSettings } from "../config/Settings.ts"
import { neutralise } from "../domain/neutralise.ts"
import { attempt, refused, wrongInput } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { readingPlan, textResult, type ActSettings } from "./planParts.ts"
import { ToolError } from "./Tool.ts"
import { destinationOf } from "./web/destination.ts"
import { passes, readDomain } from "./web/domains.ts"
import { type Hit, hitsOf, searchRequest, type SearchRequest } from "./web/searchEngines.ts"
import { networkOf, type WebOptions } from "./web/WebOptions.ts"
import { foreign } from "./webFetch.ts"

const limitMs = 20_000
const mostHits = 8
const maxBytes = 2 * 1024 * 1024

const Domains = Schema.optionalKey(
  Schema.Array(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(253))).check(
    Schema.isMaxLength(50),
  ),
)

const Input = Schema.Struct({
  query: Schema.String.check(Schema.isMinLength(2), Schema.isMaxLength(400)).annotate({
    description: "What to search for, in two characters or more",
  }),
  allowed_domains: Domains.annotate({
    description: "Only hits of these domains and what is below them (example.com holds www.example.com)",
  }),
  blocked_domains: Domains.annotate({ description: "No hits of these domains or what is below them" }),
})

const turnOn =
  'set web: { search: { engine: "brave" | "searxng" | "tavily", url?, keyEnv? } } in your own claw.config.ts'

const domainsOf = (list: ReadonlyArray<string> | undefined, key: string) =>
  Effect.forEach(list ?? [], (text) => {
    const domain = readDomain(text)
    return domain === null
      ? Effect.fail(
          wrongInput(`WebSearch: ${key}: ${JSON.stringify(neutralise(text.slice(0, 60)))} is not a domain`),
        )
      : Effect.succeed(domain)
  })

const shown = (query: string, hits: ReadonlyArray<Hit>, hidden: number): string =>
  [
    `Query: ${neutralise(query)}`,
    `Hits: ${hits.length}${hidden === 0 ? "" : ` (${hidden} outside the domain filters left out)`}`,
    ...(hits.length === 0 ? [] : [foreign]),
    ...hits.map(({ title, url, snippet }, index) =>
      [
        `\n${index + 1}. ${neutralise(title)}`,
        neutralise(url),
        ...(snippet === "" ? [] : [neutralise(snippet)]),
      ].join("\n   "),
    ),
  ].join("\n")

const failed = (message: string) => new ToolError({ reason: "failed", message })

/** The engine's answer as JSON. Its own words about what went wrong are not shown: they may repeat the key. */
const ask = async (
  engine: SearchSettings["engine"],
  request: SearchRequest,
  web: WebOptions,
  signal: AbortSignal,
): Promise<unknown> => {
  const [{ send }, { acceptedEncodings, readBody }] = await Promise.all([
    import("./web/request.ts"),
    import("./web/body.ts"),
  ])
  const found = destinationOf(request.url, { network: true, hosts: [new URL(request.url).hostname] })
  if ("reason" in found) throw refused(`web.search.url is not asked: ${found.reason}`)
  // the user's own settings name this host, so it may be one of their network
  const destination = { ...found, local: ["loopback", "private"] as const }
  const headers = {
    accept: "application/json",
    "accept-encoding": acceptedEncodings,
    "user-agent": "claw",
    ...request.headers,
    ...(request.body === undefined ? {} : { "content-length": String(Buffer.byteLength(request.body)) }),
  }
  const answer = await send(destination, { ...request, headers }, await networkOf(web), signal)
  const status = answer.statusCode ?? 0
  if (status !== 200) {
    answer.destroy()
    const meaning =
      status === 401 || status === 403
        ? ": the key is not accepted, or the engine does not answer in JSON"
        : status === 429
          ? ": too many questions for now"
          : ""
    throw failed(`${engine} answered ${status}${meaning}`)
  }
  const bytes = await readBody(answer, maxBytes)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw failed(`${engine} answered with something that is not JSON`)
  }
}

export const webSearchTool = (web: WebOptions, settings: ActSettings) =>
  defineTool({
    name: "WebSearch",
    description:
      "Searches the web with the engine the user configured and answers titles, URLs and snippets. Off until an engine is configured.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
    examples: [{ query: "effect schema tagged error" }],
    limits: [
      "at most 8 hits",
      "20 seconds",
      "the query goes to the configured engine and to nobody else",
      "off until web.search is set in the user's own claw.config.ts",
    ],
    off: Effect.map(web.search, (search) => (search === null ? turnOn : null)),
    plan: Effect.fnUntraced(function* (input, { permits, timeoutMs }) {
      const search = yield* web.search
      if (search === null)
        return yield* refused(`WebSearch is off: no search engine is configured; ${turnOn}`)
      if (!permits.network) return yield* refused("the network was not allowed for this call")
      const allowed = yield* domainsOf(input.allowed_domains, "allowed_domains")
      const blocked = yield* domainsOf(input.blocked_domains, "blocked_domains")
      const key = search.keyEnv === undefined ? null : (web.environment[search.keyEnv] ?? null)
      const request = searchRequest(search, input.query, key)
      if ("lacking" in request) return yield* refused(`WebSearch is not ready: ${request.lacking}`)
      const withoutKey = (text: string): string => (key === null ? text : text.replaceAll(key, "[redacted]"))
      const run = attempt(`ask ${search.engine}`, async (signal) => {
        const found = hitsOf(search.engine, await ask(search.engine, request, web, signal))
        if (found === null) throw failed(`${search.engine} answered in a form that is not known`)
        const kept = found.filter(({ url }) => passes(url, allowed, blocked))
        const text = shown(input.query, kept.slice(0, mostHits), found.length - kept.length)
        return textResult(withoutKey(text), settings)
      }).pipe(
        Effect.timeoutOrElse({
          duration: Math.min(limitMs, timeoutMs),
          orElse: () =>
            Effect.fail(
              new ToolError({ reason: "timeout", message: `${search.engine} did not answer in time` }),
            ),
        }),
      )
      return readingPlan(
        `Ask ${search.engine} for ${JSON.stringify(neutralise(input.query.slice(0, 200)))}`,
        run,
      )
    }),
  })
