/** WebFetch against servers of this machine: what is read, followed, refused and kept. */
import { gzipSync, brotliCompressSync, deflateSync, zstdCompressSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { ToolContext } from "../../../src/act/Tool.ts"
import { type Tools, withTools } from "../toolFixture.ts"
import { page, redirect, type Site, withSite } from "./site.ts"

const permits = (...hosts: ReadonlyArray<string>): Partial<ToolContext> => ({
  permits: { write: [], network: true, hosts, shell: false, unsandboxed: false },
})

const onSite = <A, E>(body: (site: Site, tools: Tools) => Effect.Effect<A, E>) =>
  withSite((site) => withTools((tools) => body(site, tools), { web: site.web() }))

const prompt = "what is it?"
const get = (tools: Tools, url: string, ...hosts: ReadonlyArray<string>) =>
  tools.run("WebFetch", { url, prompt }, permits(...(hosts.length === 0 ? [new URL(url).hostname] : hosts)))
const text = (tools: Tools, url: string, ...hosts: ReadonlyArray<string>) =>
  Effect.map(get(tools, url, ...hosts), ({ output }) => output.head + output.tail)
const refusal = (tools: Tools, url: string, ...hosts: ReadonlyArray<string>) =>
  Effect.flip(get(tools, url, ...hosts))

const article = `<!doctype html><html><head><title>Tea</title><style>p{}</style></head><body>
<nav><a href="/home">home</a></nav><article><h1>Tea</h1><p>${"Tea is made of leaves and water. ".repeat(20)}</p>
<h2>Kinds</h2><ul><li>green</li><li>black</li></ul><script>alert("x")</script>
<p>More <a href="/more">here</a>.</p></article></body></html>`

describe("WebFetch", () => {
  it.live("fetches over TLS, to the address that was looked up once", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/a", page("text/plain", "leaves"))
        const answer = yield* text(tools, "http://site.test/a?q=1#part")
        assert.include(
          answer,
          "URL: https://site.test/a?q=1\nStatus: 200 OK\nContent: text/plain\nAsked: what is it?",
        )
        assert.match(answer, /written by others[^\n]*\n\nleaves$/)
        assert.deepStrictEqual(
          site.hits.map(({ secure, host, url, method }) => [secure, host, url, method]),
          [[true, "site.test", "/a?q=1", "GET"]],
        )
        assert.deepStrictEqual(site.resolved, ["site.test"])
      }),
    ),
  )

  it.live("sends no cookies, credentials or referrer", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/a", redirect("/b"))
        site.routes.set("/b", page("text/plain", "b", { "set-cookie": "id=1" }))
        yield* get(tools, "https://site.test/a")
        yield* get(tools, "https://site.test/b")
        for (const { headers } of site.hits) {
          assert.deepStrictEqual(Object.keys(headers).sort(), [
            "accept",
            "accept-encoding",
            "connection",
            "host",
            "user-agent",
          ])
        }
        assert.strictEqual(site.hits.length, 3)
      }),
    ),
  )

  it.live("makes HTML readable", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/tea", page("text/html; charset=utf-8", article))
        const answer = yield* text(tools, "https://site.test/tea")
        assert.include(answer, "as Markdown")
        assert.include(answer, "# Tea")
        assert.include(answer, "- green")
        assert.include(answer, "https://site.test/more")
        assert.notInclude(answer, "alert(")
        assert.notInclude(answer, "<p>")
      }),
    ),
  )

  it.live("shows the bare text of a page that cannot be made readable in time", () =>
    withSite((site) =>
      withTools(
        (tools) =>
          Effect.gen(function* () {
            site.routes.set("/deep", page("text/html", `<title>t</title>${"<div>".repeat(100_000)}the words`))
            const answer = yield* text(tools, "https://site.test/deep")
            assert.include(answer, "as its bare text: it took longer than 0.5 s")
            assert.include(answer, "the words")
          }),
        { web: { ...site.web(), readableMs: 500 } },
      ),
    ),
  )

  it.live("reads charsets by mark, header, page and guess", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        const latin = Buffer.from("na\u00efve caf\u00e9", "latin1")
        site.routes.set("/header", page("text/plain; charset=ISO-8859-1", latin))
        site.routes.set("/guess", page("text/plain", latin))
        site.routes.set("/unknown", page("text/plain; charset=klingon", "plain"))
        site.routes.set(
          "/mark",
          page("text/plain", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("caf\u00e9", "utf16le")])),
        )
        site.routes.set("/utf16", page("text/plain; charset=utf-16le", Buffer.from("caf\u00e9", "utf16le")))
        const meta = `<html><head><meta charset="windows-1252"></head><body><p>caf\u00e9 ${"word ".repeat(50)}`
        site.routes.set("/meta", page("text/html", Buffer.from(meta, "latin1")))
        for (const name of ["header", "guess"]) {
          assert.include(yield* text(tools, `https://site.test/${name}`), "na\u00efve caf\u00e9")
        }
        for (const name of ["mark", "utf16", "meta"]) {
          assert.include(yield* text(tools, `https://site.test/${name}`), "caf\u00e9")
        }
        assert.include(yield* text(tools, "https://site.test/unknown"), "the charset klingon is not known")
      }),
    ),
  )

  it.live("names binary content by its size and does not show it", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/pdf", page("application/pdf", "%PDF-1.7 secret words"))
        site.routes.set("/liar", page("text/plain", Buffer.from([0x41, 0, 0x42, 0x43])))
        site.routes.set("/nothing", page("text/html", ""))
        const pdf = yield* text(tools, "https://site.test/pdf")
        assert.include(pdf, "application/pdf: binary, 21 bytes, not shown")
        assert.notInclude(pdf, "secret words")
        assert.include(yield* text(tools, "https://site.test/liar"), "binary, 4 bytes, not shown")
        assert.include(yield* text(tools, "https://site.test/nothing"), "empty")
      }),
    ),
  )

  it.live("says what an error page says", () =>
    onSite((_, tools) =>
      Effect.gen(function* () {
        const result = yield* get(tools, "https://site.test/nowhere")
        assert.isFalse(result.ok)
        assert.include(result.output.head, "Status: 404 Not Found")
        assert.include(result.output.head, "no such page")
      }),
    ),
  )

  it.live(
    "unpacks what is packed, and stops at a bomb",
    () =>
      onSite((site, tools) =>
        Effect.gen(function* () {
          const packed = {
            gzip: gzipSync,
            br: brotliCompressSync,
            deflate: deflateSync,
            zstd: zstdCompressSync,
          }
          for (const [coding, pack] of Object.entries(packed)) {
            site.routes.set(
              `/${coding}`,
              page("text/plain", pack("tea leaves"), { "content-encoding": coding }),
            )
            assert.include(yield* text(tools, `https://site.test/${coding}`), "tea leaves")
          }
          const zeros = Buffer.alloc(16 * 1024 * 1024)
          for (const [coding, pack] of [
            ["gzip", gzipSync],
            ["br", brotliCompressSync],
          ] as const) {
            site.routes.set("/bomb", page("text/plain", pack(zeros), { "content-encoding": coding }))
            const { message } = yield* refusal(tools, "https://site.test/bomb")
            assert.match(message, /unpacks to more than 10 MiB/)
          }
          site.routes.set(
            "/twice",
            page("text/plain", gzipSync(gzipSync(zeros)), { "content-encoding": "gzip, gzip" }),
          )
          assert.match((yield* refusal(tools, "https://site.test/twice")).message, /unpacks to more than/)
          site.routes.set("/odd", page("text/plain", "x", { "content-encoding": "rot13" }))
          assert.match((yield* refusal(tools, "https://site.test/odd")).message, /packed as rot13/)
          site.routes.set(
            "/torn",
            page("text/plain", gzipSync("tea leaves").subarray(0, 12), { "content-encoding": "gzip" }),
          )
          assert.strictEqual((yield* refusal(tools, "https://site.test/torn")).reason, "failed")
        }),
      ),
    60_000,
  )

  it.live(
    "stops at 10 MiB, claimed or not",
    () =>
      onSite((site, tools) =>
        Effect.gen(function* () {
          site.routes.set("/claimed", (_, response) => {
            response.writeHead(200, {
              "content-type": "text/plain",
              "content-length": String(11 * 1024 * 1024),
            })
            response.write("x")
          })
          assert.match((yield* refusal(tools, "https://site.test/claimed")).message, /at most 10 MiB/)
          let sent = 0
          site.routes.set("/endless", (request, response) => {
            response.writeHead(200, { "content-type": "text/plain" })
            const chunk = Buffer.alloc(256 * 1024, "x")
            const more = (): void => {
              if (request.socket.destroyed) return
              sent += chunk.length
              if (response.write(chunk)) setImmediate(more)
              else response.once("drain", more)
            }
            more()
          })
          assert.match((yield* refusal(tools, "https://site.test/endless")).message, /larger than 10 MiB/)
          assert.isBelow(sent, 64 * 1024 * 1024)
        }),
      ),
    60_000,
  )

  it.live("follows redirects within the host, and names the way out of it", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/1", redirect("/2", 301))
        site.routes.set("/2", redirect("http://site.test/3", 307))
        site.routes.set("/3", page("text/plain", "there"))
        assert.include(yield* text(tools, "https://site.test/1"), "URL: https://site.test/3")
        assert.isTrue(site.hits.every(({ secure }) => secure))
        site.routes.set("/out", redirect("https://other.test/secret?x=1"))
        const out = yield* refusal(tools, "https://site.test/out")
        assert.strictEqual(out.reason, "refused")
        assert.include(out.message, "https://other.test/secret?x=1")
        assert.include(out.message, "call WebFetch with that URL")
        assert.isFalse(site.hits.some(({ host }) => host === "other.test"))
        site.routes.set("/secret", page("text/plain", "both"))
        assert.include(yield* text(tools, "https://site.test/out", "site.test", "other.test"), "both")
      }),
    ),
  )

  it.live("ends circles, long chains and redirects to nowhere", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        site.routes.set("/round", redirect("/trip"))
        site.routes.set("/trip", redirect("/round"))
        assert.match((yield* refusal(tools, "https://site.test/round")).message, /in a circle/)
        for (let n = 0; n <= 12; n++) site.routes.set(`/n${n}`, redirect(`/n${n + 1}`))
        assert.match((yield* refusal(tools, "https://site.test/n0")).message, /more than 10 times/)
        site.routes.set("/n12", page("text/plain", "the end"))
        assert.include(yield* text(tools, "https://site.test/n2"), "the end")
        site.routes.set("/bad", redirect("http://["))
        assert.match((yield* refusal(tools, "https://site.test/bad")).message, /which is not a URL/)
        site.routes.set("/words", redirect("/na\u00efve".normalize()))
        site.routes.set("/port", redirect("https://site.test:8443/x"))
        assert.match((yield* refusal(tools, "https://site.test/port")).message, /port 8443 was not allowed/)
      }),
    ),
  )

  it.live("does not trust a certificate of another name, or of nobody it knows", () =>
    withSite((site) =>
      withTools(
        (tools) =>
          Effect.gen(function* () {
            site.names.set("bank.test", [["93.184.216.34"]])
            const error = yield* refusal(tools, "https://bank.test/")
            assert.strictEqual(error.reason, "failed")
            assert.match(error.message, /ERR_TLS_CERT_ALTNAME_INVALID/)
            assert.strictEqual(site.hits.length, 0)
          }),
        { web: site.web() },
      ),
    ),
  )

  it.live("says what is wrong with a place that does not answer", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        assert.match((yield* refusal(tools, "https://nowhere.test/")).message, /no such host/)
        site.names.set("empty.test", [[]])
        assert.match((yield* refusal(tools, "https://empty.test/")).message, /has no address/)
        site.routes.set("/cut", (_, response) => response.socket?.destroy())
        assert.strictEqual((yield* refusal(tools, "https://site.test/cut")).reason, "failed")
        site.routes.set("/torn", (_, response) => {
          response.writeHead(200, { "content-length": "100" })
          response.write("half", () => response.socket?.destroy())
        })
        assert.strictEqual((yield* refusal(tools, "https://site.test/torn")).reason, "failed")
      }),
    ),
  )

  it.live("ends in time, and at once when it is stopped", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        const arrived: Array<() => void> = []
        const closed = new Promise<void>((resolve) => {
          site.routes.set("/slow", (request) => {
            request.socket.once("close", () => resolve())
            for (const one of arrived) one()
          })
        })
        const slow = { url: "https://site.test/slow", prompt }
        const late = yield* Effect.flip(
          tools.run("WebFetch", slow, { ...permits("site.test"), timeoutMs: 300 }),
        )
        assert.strictEqual(late.reason, "timeout")
        yield* Effect.promise(() => closed)
        const there = new Promise<void>((resolve) => arrived.push(resolve))
        const fiber = yield* Effect.forkChild(tools.run("WebFetch", slow, permits("site.test")))
        yield* Effect.promise(() => there)
        yield* Fiber.interrupt(fiber)
      }),
    ),
  )

  it.live("reaches a local host that a rule names, in plain HTTP", () =>
    onSite((site, tools) =>
      Effect.gen(function* () {
        site.names.set("localhost", [["127.0.0.1"]])
        site.routes.set("/dev", page("text/plain", "local words"))
        const url = `http://localhost:${site.httpPort}/dev`
        assert.include(yield* text(tools, url), "local words")
        assert.isFalse(site.hits[0]!.secure)
        assert.include(yield* text(tools, `http://127.0.0.1:${site.httpPort}/dev`), "local words")
        assert.include(yield* text(tools, `https://localhost:${site.httpsPort}/dev`), "local words")
      }),
    ),
  )
})
