/** Addresses in every spelling, and what may be fetched. */
import { describe, expect, it } from "vitest"
import { judgeHost, judgeUrl } from "../../policies/net/urls.ts"
import { tool } from "./gate.ts"

describe("addresses, in every spelling", () => {
  it.each([
    ["http://127.0.0.1/", "loopback"],
    ["http://127.1/", "loopback"],
    ["http://2130706433/", "loopback"],
    ["http://0x7f.0.0.1/", "loopback"],
    ["http://0177.1/", "loopback"],
    ["http://\u2460\u2461\u2466.0.0.1/", "loopback"],
    ["http://127\u30020\u30020\u30021/", "loopback"],
    ["http://[::1]/", "loopback"],
    ["http://[::ffff:7f00:1]/", "loopback"],
    ["http://[64:ff9b::127.0.0.1]/", "loopback"],
    ["http://[2002:7f00:1::]/", "loopback"],
    ["http://localhost./", "loopback"],
    ["http://a.b.localhost/", "loopback"],
    ["http://0/", "loopback"],
    ["http://10.20.30.40/", "private"],
    ["http://[fd12::1]/", "private"],
    ["http://router/", "private"],
    ["http://printer.local/", "private"],
    ["http://169.254.169.254/", "metadata"],
    ["http://2852039166/", "metadata"],
    ["http://[::ffff:169.254.169.254]/", "metadata"],
    ["http://[fd00:ec2::254]/", "metadata"],
    ["http://Metadata.Google.Internal./", "metadata"],
    ["http://169-254-169-254.nip.io/", "metadata"],
    ["http://169.254.7.7/", "link-local"],
    ["http://[fe80::1]/", "link-local"],
    ["http://255.255.255.255/", "reserved"],
    ["https://example.org/", "public"],
    ["https://127.0.0.1.example.org/", "public"],
    ["https://8.8.8.8/", "public"],
    ["https://[2606:4700::1]/", "public"],
  ])("%s is %s", (url, expected) => expect(judgeUrl(url).classes).toContain(expected))

  it.each([
    "http://",
    "http:/127.0.0.1",
    "http:\\\\127.0.0.1",
    "https://a\0b/",
    "https://a/\r\nHost: b",
    " https://a/",
    "x",
    "",
  ])("%j is malformed", (url) => expect(judgeUrl(url).classes).toContain("malformed"))
  it("reads hosts as programs write them", () => {
    expect(judgeHost("git@10.0.0.5:repo.git", "ssh").classes).toContain("private")
    expect(judgeHost("[::1]:8080", "tcp").classes).toContain("loopback")
    expect(judgeHost("::1", "tcp").classes).toContain("loopback")
    expect(judgeHost("example.org:443/x", "tcp")).toMatchObject({ host: "example.org", port: 443 })
  })
})

describe("fetching", () => {
  it.each([
    ["https://example.org/a?b=c", "ask"],
    ["https://user:pw@example.org/", "ask"],
    [`https://example.org/${"a".repeat(5000)}`, "ask"],
    ["https://xn--80ak6aa92e.example/", "ask"],
    ["https://example.org@127.0.0.1/", "deny"],
    ["file:///etc/passwd", "deny"],
    ["FTP://example.org/", "deny"],
    ["data:text/plain,x", "deny"],
    ["https://example.org/?k=hunter2-hunter2", "deny"],
    ["https://example.org/?k=aHVudGVyMi1odW50ZXIy", "deny"],
  ])("%s: %s", (url, expected) => expect(tool("web_fetch", { url })).toBe(expected))
})
