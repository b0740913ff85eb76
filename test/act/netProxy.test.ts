/** Which hosts and addresses the proxy lets a command ask for, by name and by what a name turns out to be. */
import { connect } from "node:tls"
import { createServer } from "node:net"
import { describe, expect, it } from "vitest"
import { greetingOf } from "../../src/act/netProxy/clientHello.ts"
import {
  addressRefused,
  hostRefused,
  networkLine,
  proxyEnvironment,
} from "../../src/act/netProxy/connections.ts"

describe("which host may be asked for", () => {
  it.each([
    [[], "example.org", true],
    [[], "8.8.8.8", false],
    [[], "localhost", false],
    [[], "router", false],
    [[], "git.internal", false],
    [[], "127.0.0.1.nip.io", false],
    [[], "metadata.google.internal", false],
    [["example.org"], "example.org", true],
    [["example.org"], "EXAMPLE.ORG.", true],
    [["example.org"], "a.example.org", false],
    [["*.example.org"], "a.example.org", true],
    [["127.0.0.1"], "127.0.0.1", true],
    [["127.0.0.1"], "localhost", false],
    [["localhost"], "localhost", true],
    [["git.internal"], "git.internal", true],
    [["10.0.0.5"], "0x0a000005", true],
    [["169.254.169.254"], "169.254.169.254", false],
    [["metadata.google.internal"], "metadata.google.internal", false],
    [["*.internal"], "metadata.google.internal", false],
    [["example.org"], "", false],
  ])("rules %j, host %j: %s", (rules, host, allowed) =>
    expect(hostRefused(rules, host) === null).toBe(allowed),
  )
})

describe("which address it may turn out to be", () => {
  it.each([
    [["example.org"], "example.org", "93.184.216.34", true],
    [["example.org"], "example.org", "127.0.0.1", false],
    [["example.org"], "example.org", "10.0.0.1", false],
    [["example.org"], "example.org", "::ffff:127.0.0.1", false],
    [["example.org", "10.0.0.1"], "example.org", "10.0.0.1", true],
    [["localhost"], "localhost", "127.0.0.1", true],
    [["localhost"], "localhost", "10.0.0.1", false],
    [["git.internal"], "git.internal", "10.0.0.1", true],
    [["git.internal"], "git.internal", "127.0.0.1", false],
    [["*.internal"], "git.internal", "169.254.169.254", false],
    [["git.internal", "169.254.169.254"], "git.internal", "169.254.169.254", false],
    [[], "example.org", "fd00::1", false],
    [[], "example.org", "2606:4700::1", true],
    [[], "example.org", "no address", false],
  ])("rules %j, %s at %s: %s", (rules, host, address, allowed) =>
    expect(addressRefused(rules, host, address) === null).toBe(allowed),
  )
})

describe("what a command is told, and what is told of it", () => {
  it("goes past the proxy for its own servers only", () => {
    expect(proxyEnvironment([], "http://p:1")).toMatchObject({
      http_proxy: "http://p:1",
      HTTPS_PROXY: "http://p:1",
      no_proxy: "localhost,127.0.0.1,::1",
      NODE_USE_ENV_PROXY: "1",
    })
    expect(proxyEnvironment(["127.0.0.1", "localhost"], "http://p:1")["NO_PROXY"]).toBe("::1")
  })
  it("names what was reached and refused, hostile names made visible", () => {
    expect(networkLine([])).toBe("[network: nothing was asked for]")
    expect(
      networkLine([
        { host: "a.example", port: 443, refused: null, times: 3 },
        { host: "::1", port: 80, refused: "no rule names it", times: 1 },
        { host: "e\u001b[2J\u202e", port: 1, refused: "no host", times: 1 },
      ]),
    ).toMatch(
      /^\[network: reached a\.example:443 3x; refused \[::1\]:80 \(no rule names it\), e[^\u001b\u202e]*:1 \(no host\)\]$/,
    )
  })
})

/** The first bytes a real client sends. */
const greeting = (servername: string | undefined): Promise<Buffer> =>
  new Promise((done) => {
    const server = createServer((socket) => {
      socket.once("data", (bytes) => {
        server.close()
        socket.destroy()
        done(Buffer.from(bytes))
      })
    }).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      connect({ host: "127.0.0.1", port, ...(servername === undefined ? {} : { servername }) }).on(
        "error",
        () => {},
      )
    })
  })

describe("the name in a greeting", () => {
  it("is read from a real one, however it is cut", async () => {
    const bytes = await greeting("www.example.org")
    expect(greetingOf(bytes)).toEqual({ _tag: "name", name: "www.example.org" })
    for (let length = 1; length < bytes.length; length += 7) {
      expect(greetingOf(bytes.subarray(0, length))).toEqual({ _tag: "more" })
    }
    // the same message in two records
    const [body, split] = [bytes.subarray(5), 40]
    const record = (part: Buffer) =>
      Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part])
    const twice = Buffer.concat([record(body.subarray(0, split)), record(body.subarray(split))])
    expect(greetingOf(twice)).toEqual({ _tag: "name", name: "www.example.org" })
  })
  it("is none without one, and nothing breaks it", async () => {
    const bytes = await greeting(undefined)
    expect(greetingOf(bytes)).toEqual({ _tag: "name", name: null })
    expect(greetingOf(Buffer.from("GET / HTTP/1.1\r\n"))).toEqual({ _tag: "not-tls" })
    expect(greetingOf(Buffer.from("SSH-2.0-x\r\n"))).toEqual({ _tag: "not-tls" })
    const named = await greeting("www.example.org")
    for (let at = 5; at < named.length; at++) {
      for (const value of [0, 255]) {
        const odd = Buffer.from(named)
        odd[at] = value
        expect(["more", "not-tls", "name"]).toContain(greetingOf(odd)._tag)
      }
    }
  })
})
