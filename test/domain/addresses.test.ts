/** Classes of addresses in every spelling, and the address that a host spells. */
import { describe, expect, it } from "vitest"
import { classOf, hostNamed, literalAddress } from "../../src/domain/addresses.ts"

describe("class of an address", () => {
  it.each([
    ["8.8.8.8", "public"],
    ["2606:4700::1", "public"],
    ["127.255.0.9", "loopback"],
    ["0.0.0.0", "loopback"],
    ["::", "loopback"],
    ["::1", "loopback"],
    ["10.1.2.3", "private"],
    ["172.31.255.255", "private"],
    ["172.32.0.1", "public"],
    ["100.64.0.1", "private"],
    ["fd00::1", "private"],
    ["fe80::1%eth0", "link-local"],
    ["169.254.1.1", "link-local"],
    ["169.254.169.254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["224.0.0.1", "reserved"],
    ["255.255.255.255", "reserved"],
    // an IPv4 address carried by an IPv6 one
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["::ffff:8.8.8.8", "public"],
    ["::ffff:0:10.0.0.1", "private"],
    ["::127.0.0.1", "loopback"],
    ["64:ff9b::169.254.169.254", "metadata"],
    ["64:ff9b::8.8.8.8", "public"],
    ["64:ff9b:1::8.8.8.8", "private"],
    ["2002:7f00:1::", "loopback"],
    ["2002:a00:1::5", "private"],
    ["2001:0:1:2:3:4:80ff:fffe", "loopback"],
    ["2a00::5efe:192.168.0.1", "private"],
    ["2a00::200:5efe:127.0.0.1", "loopback"],
  ])("%s is %s", (text, expected) => {
    expect(classOf(text)).toBe(expected)
  })

  it.each(["example.org", "", "1.2.3", "1.2.3.4.5", "::1::", "256.1.1.1", "0x7f.1"])("%j is none", (text) =>
    expect(classOf(text)).toBeNull(),
  )
})

describe("the address a host spells", () => {
  it.each([
    ["127.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["0x7f.0.0.1", "127.0.0.1"],
    ["0177.1", "127.0.0.1"],
    ["\u2460\u2461\u2466.0.0.1", "127.0.0.1"],
    ["127\u30020\u30020\u30021", "127.0.0.1"],
    ["127.0.0.1.", "127.0.0.1"],
    ["[::1]", "::1"],
    ["FE80::1%25eth0", "fe80::1"],
    ["8.8.8.8", "8.8.8.8"],
  ])("%s is %s", (host, expected) => expect(literalAddress(host)).toBe(expected))
  it.each(["example.org", "a:b@127.0.0.1", "127.0.0.1/x", "", "localhost", "1.2.3.4.example.org"])(
    "%j is a name",
    (host) => expect(literalAddress(host)).toBeNull(),
  )
})

describe("hosts named by rules", () => {
  it.each([
    [["example.org"], "EXAMPLE.org.", true],
    [["example.org"], "a.example.org", false],
    [["example.org"], "badexample.org", false],
    [["*.example.org"], "a.b.example.org", true],
    [["*.example.org"], "example.org", false],
    [["*.example.org"], "badexample.org", false],
    [["127.0.0.1"], "2130706433", true],
    [["::1"], "[::1]", true],
    [["*.0.0.1"], "127.0.0.1", false],
    [[], "example.org", false],
  ])("%j names %s: %s", (rules, host, expected) => expect(hostNamed(rules, host)).toBe(expected))
})
