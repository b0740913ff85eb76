/** Each engine's protocol, spoken by a server of this machine. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { SearchSettings } from "../../../src/config/Settings.ts"
import type { ToolContext } from "../../../src/act/Tool.ts"
import { type Tools, withTools } from "../toolFixture.ts"
import { type Handler, type Site, withSite } from "./site.ts"

const key = "key-of-the-user-42"
const context: Partial<ToolContext> = {
  permits: { write: [], network: true, hosts: [], shell: false, unsandboxed: false },
}

const rows = (count: number, snippet: string) =>
  Array.from({ length: count }, (_, n) => ({
    title: `Tea <strong>${n}</strong>`,
    url: `https://${n % 2 === 0 ? "www.tea.example" : "badtea.example"}/${n}`,
    [snippet]: `leaves\nand water ${n} ${key}`,
  }))

const answering =
  (answer: unknown, asked: Array<string> = []): Handler =>
  (request, response) => {
    let body = ""
    request.on("data", (chunk) => {
      body += String(chunk)
    })
    request.on("end", () => {
      asked.push(body)
      response.writeHead(200, { "content-type": "application/json" })
      response.end(JSON.stringify(answer))
    })
  }

const withEngine = <A, E>(
  settings: (site: Site) => SearchSettings,
  body: (site: Site, tools: Tools) => Effect.Effect<A, E>,
  environment: Readonly<Record<string, string>> = { SEARCH_KEY: key },
) =>
  withSite((site) => {
    site.names.set("localhost", [["127.0.0.1"]])
    return withTools((tools) => body(site, tools), { web: site.web(settings(site), environment) })
  })

const engine =
  (name: SearchSettings["engine"], path: string, keyed = true) =>
  (site: Site): SearchSettings => ({
    engine: name,
    url: `http://localhost:${site.httpPort}${path}`,
    ...(keyed ? { keyEnv: "SEARCH_KEY" } : {}),
  })

const search = (tools: Tools, input: object = {}) =>
  tools.text("WebSearch", { query: "green tea", ...input }, context)
const refusal = (tools: Tools, input: object = {}) => Effect.flip(search(tools, input))

describe("WebSearch", () => {
  it.live("is off until an engine is configured, and says which setting turns it on", () =>
    withSite((site) =>
      withTools(
        (tools) =>
          Effect.gen(function* () {
            const error = yield* refusal(tools)
            assert.strictEqual(error.reason, "refused")
            assert.include(error.message, "set web: { search")
            assert.deepStrictEqual(site.dialled, [])
          }),
        { web: site.web() },
      ),
    ),
  )

  it.live("asks brave with the key in its header", () =>
    withEngine(engine("brave", "/res/v1/web/search"), (site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/res/v1/web/search", answering({ web: { results: rows(12, "description") } }))
        const text = yield* search(tools)
        assert.include(text, "Hits: 8")
        assert.include(text, "1. Tea 0\n   https://www.tea.example/0\n   leaves and water 0")
        assert.notInclude(text, key)
        const [hit] = site.hits
        assert.strictEqual(hit?.url, "/res/v1/web/search?q=green+tea&count=20")
        assert.strictEqual(hit?.headers["x-subscription-token"], key)
      }),
    ),
  )

  it.live("asks searxng, which needs no key", () =>
    withEngine(engine("searxng", "/searx/", false), (site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/searx/search", answering({ results: rows(3, "content") }))
        assert.include(yield* search(tools), "Hits: 3")
        const [hit] = site.hits
        assert.strictEqual(hit?.url, "/searx/search?q=green+tea&format=json")
        assert.isUndefined(hit?.headers.authorization)
      }),
    ),
  )

  it.live("asks tavily by POST", () =>
    withEngine(engine("tavily", "/search"), (site, tools) =>
      Effect.gen(function* () {
        const asked: Array<string> = []
        site.routes.set("/search", answering({ results: rows(2, "content") }, asked))
        assert.include(yield* search(tools), "Hits: 2")
        assert.strictEqual(site.hits[0]?.method, "POST")
        assert.strictEqual(site.hits[0]?.headers.authorization, `Bearer ${key}`)
        assert.deepStrictEqual(JSON.parse(asked[0]!), {
          query: "green tea",
          max_results: 20,
          search_depth: "basic",
        })
      }),
    ),
  )

  it.live("keeps domains apart at their labels", () =>
    withEngine(engine("searxng", "", false), (site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/search", answering({ results: rows(4, "content") }))
        const allowed = yield* search(tools, { allowed_domains: ["tea.example"] })
        assert.include(allowed, "Hits: 2 (2 outside the domain filters left out)")
        assert.notInclude(allowed, "badtea.example")
        const blocked = yield* search(tools, { blocked_domains: ["Tea.Example."] })
        assert.include(blocked, "badtea.example")
        assert.notInclude(blocked, "www.tea.example")
        const both = yield* search(tools, {
          allowed_domains: ["tea.example"],
          blocked_domains: ["*.tea.example"],
        })
        assert.include(both, "Hits: 0")
        const wrong = yield* refusal(tools, { allowed_domains: ["https://tea.example/"] })
        assert.strictEqual(wrong.reason, "input")
        assert.include(wrong.message, "allowed_domains")
      }),
    ),
  )

  it.live("drops what is no web address, and makes hostile text harmless", () =>
    withEngine(engine("searxng", "", false), (site, tools) =>
      Effect.gen(function* () {
        const results = [
          { title: "x", url: "javascript:alert(1)", content: "" },
          { title: "y", url: 7 },
          null,
          { url: "https://ok.example/", title: "clear\u001b[2Jed\u202e", content: { not: "text" } },
        ]
        site.routes.set("/search", answering({ results }))
        const text = yield* search(tools)
        assert.include(text, "Hits: 1")
        assert.include(text, "https://ok.example/")
        assert.notMatch(text, /[\u001b\u202e]|javascript/)
      }),
    ),
  )

  it.live("says what is missing before it asks anybody", () =>
    Effect.gen(function* () {
      const missing = yield* withEngine(
        engine("brave", "/"),
        (site, tools) => Effect.map(refusal(tools), ({ message }) => [message, site.dialled.length] as const),
        {},
      )
      assert.include(missing[0], "SEARCH_KEY is not set where the daemon runs")
      assert.strictEqual(missing[1], 0)
      const unnamed = yield* withEngine(engine("tavily", "/", false), (_, tools) => refusal(tools))
      assert.include(unnamed.message, "web.search.keyEnv")
      const nowhere = yield* withEngine(
        () => ({ engine: "searxng" }),
        (_, tools) => refusal(tools),
      )
      assert.include(nowhere.message, "web.search.url")
    }),
  )

  it.live("says how the engine failed, and never its words or the key", () =>
    withEngine(engine("brave", "/s"), (site, tools) =>
      Effect.gen(function* () {
        const failing =
          (status: number, body: string): Handler =>
          (_, response) => {
            response.writeHead(status)
            response.end(body)
          }
        for (const [status, said] of [
          [401, "the key is not accepted"],
          [429, "too many questions"],
          [302, "answered 302"],
          [500, "answered 500"],
        ] as const) {
          site.routes.set("/s", failing(status, `your key ${key} is bad`))
          const { message } = yield* refusal(tools)
          assert.include(message, said)
          assert.notInclude(message, key)
        }
        site.routes.set("/s", failing(200, "<html>not json"))
        assert.include((yield* refusal(tools)).message, "not JSON")
        site.routes.set("/s", answering({ web: { results: "none" } }))
        assert.include((yield* refusal(tools)).message, "in a form that is not known")
        site.routes.set("/s", answering({ type: "search" }))
        assert.include(yield* search(tools), "Hits: 0")
      }),
    ),
  )

  it.live("does not ask where the network was not allowed", () =>
    withEngine(engine("searxng", "", false), (site, tools) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(tools.text("WebSearch", { query: "green tea" }))
        assert.strictEqual(error.reason, "refused")
        assert.deepStrictEqual(site.dialled, [])
      }),
    ),
  )
})
