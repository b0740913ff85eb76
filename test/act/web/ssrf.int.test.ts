/**
 * Ways to make a fetch reach this machine, its network or its cloud. Each is tried by itself and as the target of a
 * redirect, with the widest verdict there is ("any public host"); nothing may be dialled but the public address the
 * redirects come from, and no server on this machine, which listens on all addresses, may see a hit.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { compile } from "../../../policies/compile.ts"
import { evaluate } from "../../../policies/evaluate.ts"
import { loadRuleSet } from "../../../policies/load.ts"
import { memoryOracle } from "../../../policies/memoryOracle.ts"
import { readShipped, shippedDirectory } from "../../../policies/shipped.ts"
import type { ToolContext } from "../../../src/act/Tool.ts"
import { withTools } from "../toolFixture.ts"
import { otherAddress, page, publicAddress, redirect, type Site, withSite } from "./site.ts"

const anyPublic: Partial<ToolContext> = {
  permits: { write: [], network: true, hosts: [], shell: false, unsandboxed: false },
}

/** `PORT` is that of a server of this machine. Names get their answers below. */
const places: ReadonlyArray<string> = [
  // loopback, as it is and in other spellings
  "http://127.0.0.1:PORT/",
  "http://127.0.0.1:PORT",
  "https://127.0.0.1:PORT/",
  "http://127.1:PORT/",
  "http://127.0.1:PORT/",
  "http://127.255.255.254:PORT/",
  "http://2130706433:PORT/",
  "http://0x7f000001:PORT/",
  "http://0x7F.0x0.0x0.0x1:PORT/",
  "http://0177.0.0.1:PORT/",
  "http://017700000001:PORT/",
  "http://0177.0x0.1:PORT/",
  "http://127.0.0.1.:PORT/",
  "http://127.00.00.01:PORT/",
  "http://%31%32%37.0.0.1:PORT/",
  "http://127%2E0%2E0%2E1:PORT/",
  "http://\uff11\uff12\uff17.0.0.1:PORT/",
  "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:PORT/",
  "http://127\u30020\u30020\u30021:PORT/",
  "http://127\uff0e0\uff0e0\uff0e1:PORT/",
  "http://0.0.0.0:PORT/",
  "http://0:PORT/",
  "http://0x0:PORT/",
  "http://localhost:PORT/",
  "http://LOCALHOST:PORT/",
  "http://localhost.:PORT/",
  "http://loca\u00adlhost:PORT/",
  "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3:PORT/",
  "http://app.localhost:PORT/",
  "http://localhost.localdomain:PORT/",
  "http://ip6-localhost:PORT/",
  "http://[::1]:PORT/",
  "http://[0:0:0:0:0:0:0:1]:PORT/",
  "http://[::]:PORT/",
  "http://[::ffff:127.0.0.1]:PORT/",
  "http://[::ffff:7f00:1]:PORT/",
  "http://[::127.0.0.1]:PORT/",
  "http://[::ffff:0:127.0.0.1]:PORT/",
  "http://[64:ff9b::7f00:1]:PORT/",
  "http://[2002:7f00:1::1]:PORT/",
  "http://[2001:0:1:2:3:4:80ff:fffe]:PORT/",
  "http://[fe80::5efe:7f00:1]:PORT/",
  "http://[::1%25lo]:PORT/",
  // names that lead home
  "https://127.0.0.1.nip.io:PORT/",
  "https://7f000001.nip.io:PORT/",
  "https://127-0-0-1.sslip.io:PORT/",
  "https://app.localtest.me:PORT/",
  "https://lvh.me:PORT/",
  "https://home.attacker.test:PORT/",
  "https://xn--hme-rna.attacker.test:PORT/",
  "https://h\u00f6me.attacker.test:PORT/",
  "https://home6.attacker.test:PORT/",
  "https://mapped.attacker.test:PORT/",
  "https://zero.attacker.test:PORT/",
  "https://mixed.attacker.test:PORT/",
  "https://garbage.attacker.test:PORT/",
  // the network around, and the cloud
  "http://10.0.0.1/",
  "http://172.31.255.255/",
  "http://192.168.1.1/",
  "http://100.64.0.1/",
  "http://[fd12:3456::1]/",
  "http://router/",
  "http://printer.local/",
  "http://kubernetes.default.svc/",
  "https://lan.attacker.test/",
  "http://169.254.169.254/latest/meta-data/",
  "http://2852039166/",
  "http://0xa9fea9fe/",
  "http://0251.0376.0251.0376/",
  "http://169.254.169.254./",
  "http://[::ffff:169.254.169.254]/",
  "http://[fd00:ec2::254]/",
  "http://metadata.google.internal/",
  "http://Metadata.Google.Internal./",
  "https://cloud.attacker.test/",
  "http://169-254-169-254.nip.io/",
  "http://169.254.1.1/",
  "http://[fe80::1]/",
  "http://100.100.100.200/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://240.0.0.1/",
  // what is not a web address, or says one thing and means another
  "http://user:secret@127.0.0.1:PORT/",
  "http://site.test@127.0.0.1:PORT/",
  "http://site.test:443@127.0.0.1:PORT/",
  "http://127.0.0.1:PORT\\@site.test/",
  "http://site.test\\@127.0.0.1:PORT/",
  "http:/127.0.0.1:PORT/",
  "http:127.0.0.1:PORT/",
  "http:///127.0.0.1:PORT/",
  "//127.0.0.1:PORT/",
  "http://127.0.0.1:PORT#@site.test/",
  "http://127.0.0.1:PORT?@site.test/",
  "http://site.test:22/",
  "http://site.test:25/",
  "https://site.test:0/",
  "https://site.test:PORT:PORT/",
  "file:///etc/passwd",
  "file://127.0.0.1/etc/passwd",
  "ftp://127.0.0.1:PORT/",
  "gopher://127.0.0.1:PORT/_GET%20/",
  "dict://127.0.0.1:PORT/",
  "ws://127.0.0.1:PORT/",
  "data:text/plain,hello",
  "javascript:alert(1)",
  "blob:http://127.0.0.1:PORT/x",
  "unix:/run/docker.sock",
]

const answers = (site: Site): void => {
  const say = (name: string, ...addresses: ReadonlyArray<string>): void => {
    site.names.set(name, [addresses])
  }
  for (const name of ["localhost", "app.localhost", "localhost.localdomain", "ip6-localhost"])
    say(name, "127.0.0.1")
  for (const name of [
    "127.0.0.1.nip.io",
    "7f000001.nip.io",
    "127-0-0-1.sslip.io",
    "app.localtest.me",
    "lvh.me",
  ])
    say(name, "127.0.0.1")
  for (const name of ["home.attacker.test", "xn--hme-rna.attacker.test"]) say(name, "127.0.0.1")
  say("home6.attacker.test", "::1")
  say("mapped.attacker.test", "::ffff:127.0.0.1")
  say("zero.attacker.test", "0.0.0.0")
  say("mixed.attacker.test", publicAddress, "127.0.0.1")
  say("garbage.attacker.test", "not an address")
  say("lan.attacker.test", "192.168.1.1")
  say("cloud.attacker.test", "169.254.169.254")
  for (const name of ["router", "printer.local", "kubernetes.default.svc"]) say(name, "192.168.1.1")
  for (const name of ["metadata.google.internal", "169-254-169-254.nip.io"]) say(name, "169.254.169.254")
}

const urlsOf = (site: Site): ReadonlyArray<string> =>
  places.flatMap((place) =>
    place.includes("PORT")
      ? [place.replaceAll("PORT", String(site.httpPort)), place.replaceAll("PORT", String(site.httpsPort))]
      : [place],
  )

/** Only the place the redirects come from. */
const isHarmless = (dialled: string): boolean => dialled === `${publicAddress}:443`

const onSite = (
  body: (
    site: Site,
    get: (url: string, context?: Partial<ToolContext>) => Effect.Effect<string, string>,
  ) => Effect.Effect<void, string>,
) =>
  withSite((site) => {
    answers(site)
    site.routes.set("*", page("text/plain", "REACHED"))
    return withTools(
      (tools) =>
        body(site, (url, context = anyPublic) =>
          tools
            .text("WebFetch", { url, prompt: "x" }, context)
            .pipe(Effect.mapError(({ message }) => message)),
        ),
      { web: site.web() },
    )
  })

describe("what must not be reached", () => {
  it("has at least 60 cases", () => assert.isAtLeast(places.length, 60))

  it.live("is not, when asked for", () =>
    onSite((site, get) =>
      Effect.gen(function* () {
        for (const url of urlsOf(site)) {
          const answer = yield* Effect.result(get(url))
          assert.strictEqual(answer._tag, "Failure", url)
        }
        assert.deepStrictEqual(site.dialled, [])
        assert.deepStrictEqual(site.hits, [])
      }),
    ),
  )

  it.live("is not, when redirected to", () =>
    onSite((site, get) =>
      Effect.gen(function* () {
        for (const [index, url] of urlsOf(site).entries()) {
          // what is no absolute URL would only be another page of the same host
          if (url.startsWith("http:/127") || url.startsWith("http:127")) continue
          const path = `/r${index}`
          site.routes.set(
            path,
            redirect(Buffer.from(url, "utf8").toString("latin1"), [301, 302, 303, 307, 308][index % 5]),
          )
          const answer = yield* Effect.result(get(`https://site.test${path}`))
          assert.strictEqual(answer._tag, "Failure", url)
        }
        assert.isTrue(site.dialled.every(isHarmless))
        assert.isTrue(site.hits.every(({ host, url }) => host === "site.test" && url.startsWith("/r")))
      }),
    ),
  )

  it.live("is not, by a name whose second answer is another", () =>
    onSite((site, get) =>
      Effect.gen(function* () {
        // public when it is judged, loopback if it were looked up again
        site.names.set("site.test", [[publicAddress], ["127.0.0.1"]])
        assert.include(yield* get("https://site.test/once"), "REACHED")
        assert.deepStrictEqual(site.resolved, ["site.test"])
        assert.deepStrictEqual(site.dialled, [`${publicAddress}:443`])
        // the next request looks it up anew, and finds it moved home
        assert.match(yield* Effect.flip(get("https://site.test/twice")), /loopback address/)
        // and so does a redirect to itself
        site.names.set("site.test", [[publicAddress], ["127.0.0.1"]])
        site.routes.set("/self", redirect("/again"))
        assert.match(yield* Effect.flip(get("https://site.test/self")), /loopback address/)
        assert.isFalse(site.hits.some(({ url }) => url === "/again" || url === "/twice"))
      }),
    ),
  )

  it.live("is not, by a rule that names another kind of place", () =>
    onSite((site, get) =>
      Effect.gen(function* () {
        const named = (host: string): Partial<ToolContext> => ({
          permits: { ...anyPublic.permits!, hosts: [host] },
        })
        // its name says private, its address loopback
        site.names.set("printer.local", [["127.0.0.1"]])
        assert.match(
          yield* Effect.flip(get(`http://printer.local:${site.httpPort}/`, named("printer.local"))),
          /loopback address/,
        )
        // metadata is nobody's to open
        assert.match(yield* Effect.flip(get("http://169.254.169.254/", named("169.254.169.254"))), /metadata/)
        site.names.set("localhost", [["169.254.169.254"]])
        assert.match(yield* Effect.flip(get("http://localhost:8080/", named("localhost"))), /metadata/)
        // a public name stays public, whoever names it
        assert.match(
          yield* Effect.flip(get("https://home.attacker.test/", named("home.attacker.test"))),
          /loopback address/,
        )
        assert.deepStrictEqual(site.hits, [])
      }),
    ),
  )

  it.live("tries the next address where one does not answer, and no other", () =>
    onSite((site, get) =>
      Effect.gen(function* () {
        site.names.set("other.test", [[otherAddress, publicAddress]])
        assert.include(yield* get("https://other.test/x"), "REACHED")
        assert.deepStrictEqual(site.dialled, [`${otherAddress}:443`])
      }),
    ),
  )

  it("is denied, or at least asked, by the default policy", () => {
    const rules = loadRuleSet(readShipped(shippedDirectory(), ["default"]))
    const scope = {
      workspace: "/home/ada/shop",
      cwd: "/home/ada/shop",
      home: "/home/ada",
      actor: "agent",
      trust: "trusted" as const,
      own: [],
      ownReadable: [],
      secrets: [],
      isCompromised: () => false,
    }
    for (const place of places) {
      const url = place.replaceAll("PORT", "8080")
      const call = { tool: "WebFetch", input: { url, prompt: "x" } }
      const { verdict } = evaluate(rules, compile(call, scope, memoryOracle({}), rules.table), scope)
      // a name that only its address gives away is asked; the address is checked when it is fetched
      const byNameOnly = /attacker\.test/.test(url) || /site\.test:(?:22|25|0)\//.test(url)
      assert.strictEqual(verdict, byNameOnly ? "ask" : "deny", url)
    }
  })
})
