/** The network of the sandbox: nothing but what was judged is reached, by any way. */
import { execFile } from "node:child_process"
import { createServer as createHttp, type Server as HttpServer } from "node:http"
import { createServer, type AddressInfo, type Server } from "node:net"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Sandbox } from "../../src/act/Sandbox.ts"
import type { SandboxRun } from "../../src/act/sandboxRun.ts"
import { makePlace, path, put, withSandbox, type Place } from "./sandboxFixture.ts"

const run = promisify(execFile)
const promise = <A>(body: () => Promise<A>) => Effect.promise(body)

const command = (place: Place, script: string, more: Partial<SandboxRun> = {}): SandboxRun => ({
  argv: ["bash", "--noprofile", "--norc", "-c", script],
  cwd: place.workspace,
  workspace: place.workspace,
  write: [place.workspace],
  protection: "everything",
  network: true,
  timeoutMs: 20_000,
  ...more,
})
const printed = (sandbox: Sandbox["Service"], spec: SandboxRun) =>
  sandbox.run(spec).pipe(
    Effect.map((result) => {
      const text = result.output.finish((t) => t).output.head
      const lines = text.trimEnd().split("\n")
      return { exit: result.exit, text, last: lines.at(-1) ?? "" }
    }),
  )

const listen = <A extends Server | HttpServer>(server: A) =>
  Effect.acquireRelease(
    promise(
      () =>
        new Promise<number>((done) =>
          server.listen(0, "127.0.0.1", () => done((server.address() as AddressInfo).port)),
        ),
    ),
    () => Effect.sync(() => server.close()),
  )

/** Answers each request with what it was asked for. */
const echo = listen(
  createHttp((request, response) => {
    response.setHeader("x-seen-host", request.headers.host ?? "")
    response.end(`${request.method} ${request.url} to ${request.headers.host}`)
  }),
)

describe("network of the sandbox", () => {
  it.live("reaches a host that a rule names, plainly and through a tunnel, and says so last", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const port = yield* echo
        const url = `http://127.0.0.1:${port}`
        const both = `curl -s ${url}/a; echo; curl -s -p ${url}/b; echo`
        const result = yield* printed(sandbox, command(place, both, { hosts: ["127.0.0.1"] }))
        assert.include(result.text, `GET /a to 127.0.0.1:${port}\nGET /b to 127.0.0.1:${port}\n`)
        assert.strictEqual(result.last, `[network: reached 127.0.0.1:${port} 2x]`)
      }).pipe(Effect.scoped),
    ),
  )

  it.live("refuses what no rule names, whatever the way there", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const port = yield* echo
        const script = `
for url in http://127.0.0.1:${port} http://2130706433:${port} http://localhost:${port} 'http://[::ffff:127.0.0.1]:${port}' http://169.254.169.254 http://metadata.google.internal; do
  curl -s --noproxy '' -o answer -w '%{http_code}\\n' "$url/"
  curl -s --noproxy '' -p -o answer -w '%{http_connect}\\n' "$url/"
done
curl -s --noproxy '*' -m 2 http://127.0.0.1:${port}/ ; echo direct $?
curl -s --noproxy '*' -m 2 http://169.254.169.254/ ; echo direct $?
`
        const result = yield* printed(sandbox, command(place, script, { hosts: ["example.org"] }))
        assert.deepStrictEqual(result.text.match(/\d{3}$/gm), Array<string>(12).fill("403"))
        assert.deepStrictEqual(result.text.match(/direct 7/g)?.length, 2)
        assert.match(
          result.last,
          /^\[network: refused 127\.0\.0\.1:\d+ \d+x \(an address that no rule names\)/,
        )
        assert.notInclude(result.last, "reached")
        // with any public host allowed, these are no public ones
        const any = yield* printed(sandbox, command(place, script))
        assert.deepStrictEqual(any.text.match(/\d{3}$/gm), Array<string>(12).fill("403"))
      }).pipe(Effect.scoped),
    ),
  )

  it.live("connects to the address it judged, and refuses a name that turns private", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const port = yield* echo
      const answers: Readonly<Record<string, ReadonlyArray<string>>> = {
        "turning.example": ["127.0.0.1"],
        "half.example": ["93.184.216.34", "10.0.0.1"],
        "mapped.example": ["::ffff:127.0.0.1"],
        "cloud.example": ["169.254.169.254"],
        "named.internal": ["10.255.255.1"],
        "both.example": ["127.0.0.1"],
      }
      const asked: Array<string> = []
      const context = yield* Layer.build(
        Sandbox.layer({
          home: place.home,
          environment: { PATH: path },
          hidden: [],
          temporary: join(place.folder, "tmp"),
          holdsSecret: () => false,
          lookup: async (host) => {
            asked.push(host)
            return answers[host] ?? []
          },
        }),
      )
      const sandbox = yield* Effect.provide(Sandbox, context)
      const fetchAll = (names: ReadonlyArray<string>) =>
        names
          .map((name) => `curl -s -o /dev/null -w '${name} %{http_code}\\n' http://${name}:${port}/`)
          .join("\n")
      const refused = [
        "turning.example",
        "half.example",
        "mapped.example",
        "cloud.example",
        "unknown.example",
      ]
      const result = yield* printed(sandbox, command(place, fetchAll(refused), { hosts: ["*.example"] }))
      for (const name of refused) assert.include(result.text, `${name} 403`)
      const named = { hosts: ["both.example", "127.0.0.1"] }
      const reached = yield* printed(sandbox, command(place, fetchAll(["both.example"]), named))
      assert.include(reached.text, "both.example 200")
      assert.strictEqual(asked.filter((name) => name === "both.example").length, 1)
    }).pipe(Effect.scoped),
  )

  it.live("node, git, npm and python find their way through it", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        yield* promise(async () => {
          const source = join(place.folder, "source")
          await mkdir(source)
          const git = (...args: ReadonlyArray<string>) => run("git", ["-C", source, ...args])
          await git("init", "-q", "-b", "main")
          await writeFile(join(source, "file"), "over the proxy\n")
          await git("add", "file")
          await git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
          await git("clone", "-q", "--bare", source, join(place.folder, "served.git"))
          await run("git", ["-C", join(place.folder, "served.git"), "update-server-info"])
        })
        const seen: Array<string> = []
        const port = yield* listen(
          createHttp((request, response) => {
            const url = request.url ?? ""
            seen.push(url)
            if (url === "/thing") {
              response.setHeader("content-type", "application/json")
              return void response.end(
                JSON.stringify({
                  name: "thing",
                  "dist-tags": { latest: "1.2.3" },
                  versions: { "1.2.3": { name: "thing", version: "1.2.3" } },
                }),
              )
            }
            if (url.startsWith("/simple/")) {
              response.setHeader("content-type", "text/html")
              return void response.end('<a href="/files/thing-9.9.9.tar.gz">thing-9.9.9.tar.gz</a>')
            }
            readFile(join(place.folder, url.split("?")[0]!)).then(
              (bytes) => response.end(bytes),
              () => response.writeHead(404).end(),
            )
          }),
        )
        yield* promise(() =>
          put(place, { "get.mjs": `const r = await fetch(process.argv[2]); console.log("node", r.status)` }),
        )
        const base = `http://127.0.0.1:${port}`
        const script = `
git clone -q ${base}/served.git copy && cat copy/file
/run/claw/node get.mjs ${base}/thing
npm view thing version --registry ${base}/ --cache /tmp/npm --update-notifier=false --fetch-retries=0
/usr/bin/python3 -c 'import urllib.request as u; print("python", u.urlopen("${base}/thing").status)'
`
        const result = yield* printed(sandbox, command(place, script, { hosts: ["127.0.0.1"] }))
        assert.include(result.text, "over the proxy")
        assert.include(result.text, "node 200")
        assert.include(result.text, "1.2.3")
        assert.include(result.text, "python 200")
        assert.match(result.last, /^\[network: reached 127\.0\.0\.1:\d+ \d+x\]$/)
        assert.isTrue(seen.includes("/served.git/HEAD"))
      }).pipe(Effect.scoped),
    ),
  )

  it.live("a command's own servers stay its own, and nothing of the launcher is left", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const own = `
/run/claw/node -e 'const s = require("http").createServer((q, r) => r.end("mine")); s.listen(0, "127.0.0.1", async () => { console.log(await (await fetch("http://localhost:" + s.address().port)).text()); s.close() })'
ls -l /proc/self/fd | grep -v total
tr '\\0' '\\n' < /proc/self/environ | grep -c CHANNEL
ls -d /proc/[0-9]* | wc -l
`
        const result = yield* printed(sandbox, command(place, own))
        assert.match(result.text, /^mine\n/)
        const open = [...result.text.matchAll(/ (\d+) -> (.*)$/gm)].map(
          ([, fd, to]) => [Number(fd), to!] as const,
        )
        assert.deepStrictEqual(
          open.filter(([fd, to]) => fd > 2 && to !== "/dev/null" && !to.startsWith("/proc/")),
          [],
        )
        assert.match(result.text, /^0$/m)
        assert.strictEqual(result.last, "[network: nothing was asked for]")
      }),
    ),
  )

  it.live("a tunnel for a named host carries no greeting for another", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const greeted: Array<string> = []
        const port = yield* listen(
          createServer((socket) => {
            socket.on("error", () => {})
            socket.once("data", (bytes) => {
              greeted.push(bytes.toString("latin1"))
              socket.destroy()
            })
          }),
        )
        const to = (name: string) =>
          `curl -s -k --connect-to ${name}:443:127.0.0.1:${port} -m 2 https://${name}/; echo "exit $?"`
        const result = yield* printed(
          sandbox,
          command(place, to("other.example"), { hosts: ["127.0.0.1", "named.example"] }),
        )
        assert.match(
          result.last,
          /refused 127\.0\.0\.1:\d+ \(greeted as other\.example, which no rule names\)/,
        )
        assert.deepStrictEqual(greeted, [])
        yield* printed(
          sandbox,
          command(place, to("named.example"), { hosts: ["127.0.0.1", "named.example"] }),
        )
        assert.include(greeted.join(""), "named.example")
      }).pipe(Effect.scoped),
    ),
  )
})
