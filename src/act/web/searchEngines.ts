/**
 * The search engines `WebSearch` can ask: how each wants to be asked, and where in its answer the hits stand. Pure.
 * Invariant: a key is only ever in the one header it belongs to, never in a URL.
 */
import type { SearchSettings } from "../../config/Settings.ts"

export interface Hit {
  readonly title: string
  readonly url: string
  readonly snippet: string
}

export interface SearchRequest {
  readonly method: "GET" | "POST"
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

interface Engine {
  /** Null: it has no public place; the settings must name one. */
  readonly home: string | null
  readonly needsKey: boolean
  readonly request: (base: string, query: string, key: string | null) => SearchRequest
  /** Rows of the answer, and the names their parts go by. */
  readonly rows: (answer: unknown) => unknown
  readonly snippet: string
}

/** How many are asked for; filters may leave fewer. */
const asked = 20

const member = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined

const withQuery = (base: string, query: Readonly<Record<string, string>>): string => {
  const url = new URL(base)
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  return url.href
}

const engines: Readonly<Record<SearchSettings["engine"], Engine>> = {
  brave: {
    home: "https://api.search.brave.com/res/v1/web/search",
    needsKey: true,
    request: (base, query, key) => ({
      method: "GET",
      url: withQuery(base, { q: query, count: String(asked) }),
      headers: { "x-subscription-token": key ?? "" },
    }),
    rows: (answer) => member(member(answer, "web"), "results"),
    snippet: "description",
  },
  searxng: {
    home: null,
    needsKey: false,
    request: (base, query, key) => ({
      method: "GET",
      url: withQuery(`${base.replace(/\/+$/, "")}/search`, { q: query, format: "json" }),
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
    }),
    rows: (answer) => member(answer, "results"),
    snippet: "content",
  },
  tavily: {
    home: "https://api.tavily.com/search",
    needsKey: true,
    request: (base, query, key) => ({
      method: "POST",
      url: base,
      headers: { authorization: `Bearer ${key ?? ""}`, "content-type": "application/json" },
      body: JSON.stringify({ query, max_results: asked, search_depth: "basic" }),
    }),
    rows: (answer) => member(answer, "results"),
    snippet: "content",
  },
}

/** The request, or what the settings lack for it. */
export const searchRequest = (
  settings: SearchSettings,
  query: string,
  key: string | null,
): SearchRequest | { readonly lacking: string } => {
  const engine = engines[settings.engine]
  const base = settings.url ?? engine.home
  if (base === null) return { lacking: `web.search.url must say where this ${settings.engine} is` }
  if (engine.needsKey && settings.keyEnv === undefined) {
    return { lacking: `web.search.keyEnv must name the environment variable that holds its key` }
  }
  if (settings.keyEnv !== undefined && (key === null || key === "")) {
    return { lacking: `the environment variable ${settings.keyEnv} is not set where the daemon runs` }
  }
  return engine.request(base, query, key)
}

const textOf = (value: unknown, limit: number): string =>
  typeof value === "string"
    ? value
        .replace(/<\/?(?:b|strong|em|mark)>/gi, "")
        .replace(/\s+/g, " ")
        .trim()
        .slice(0, limit)
    : ""

/** Null where the answer is not of this engine's shape. */
export const hitsOf = (engine: SearchSettings["engine"], answer: unknown): ReadonlyArray<Hit> | null => {
  const rows = engines[engine].rows(answer)
  // an engine that found nothing leaves the list out
  if (rows === undefined) return typeof answer === "object" && answer !== null ? [] : null
  if (!Array.isArray(rows)) return null
  return rows.flatMap((row): ReadonlyArray<Hit> => {
    const url = member(row, "url")
    if (typeof url !== "string" || !/^https?:\/\//i.test(url) || !URL.canParse(url) || url.length > 2048)
      return []
    const title = textOf(member(row, "title"), 300)
    return [
      { title: title === "" ? url : title, url, snippet: textOf(member(row, engines[engine].snippet), 600) },
    ]
  })
}
