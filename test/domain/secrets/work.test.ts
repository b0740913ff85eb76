/**
 * What the search costs at worst, counted in characters that patterns are run over: a bounded number of
 * times the text's length, whatever stands in it and however often.
 */
import { assert, describe, it } from "@effect/vitest"
import { findSecrets, namedRules, tokenRules } from "../../../src/domain/secrets/findSecrets.ts"
import { structures } from "../../../src/domain/secrets/structures.ts"
import { alphanumeric, hex, made } from "./made.ts"

/** The characters that patterns went over while `run` ran: up to the match, or to the end without one. */
const workOf = (run: () => void): number => {
  const exec = RegExp.prototype.exec
  let work = 0
  RegExp.prototype.exec = function (this: RegExp, text: string) {
    const from = this.sticky || this.global ? this.lastIndex : 0
    const match = exec.call(this, text)
    const to = match === null ? (this.sticky ? from + 1 : text.length) : match.index + match[0].length
    work += Math.max(1, to - from)
    return match
  }
  try {
    run()
  } finally {
    RegExp.prototype.exec = exec
  }
  return work
}

const size = 1 << 15
const most = 200
const filled = (unit: string): string => unit.repeat(Math.ceil(size / unit.length))
const perCharacter = (text: string): number => workOf(() => findSecrets(text)) / text.length

const units: ReadonlyArray<string> = [
  "mysql -pabcd1 ",
  "gh secret ",
  'gh secret "',
  "gh secret '\\",
  `docker${" login".repeat(300)} `,
  `docker login ${"x ".repeat(900)}`,
  "zip -P ",
  "-----BEGIN RSA " + "PRIVATE KEY-----",
  "curl -u a:b ",
  `curl -H "${"token".repeat(380)}"\n`,
  "key=",
  "psk=",
  `${"token=".repeat(99)} `,
  `token=${":".repeat(1020)}a `,
  `token="/${"a".repeat(585)}!",`,
  `token="${"1".repeat(595)}",`,
  `password="${made(1000)}" `,
  `CHECKSUMS:\n  tokenkey: ${made(32, hex)}\n`,
  `apitoken: ${made(32, hex)} `,
  `encryptedData: token: ${made(210)} `,
  "authorization=",
  "authorization=1",
  `authorization: Bearer ${"a".repeat(3990)}(`,
  "kind: Secret\ndata:\n",
  `kind: Secret\ndata:\n${"data:\n".repeat(3000)}`,
  '"kty"',
  "@tcp(",
  "=a:a@tcp(",
  ":5432:",
  "://a:",
  "eyJ",
  ` eyJ${made(3990)}.ey`,
  `.login("a","b1`,
  "convertto-securestring '",
  `name="token"\ntype = ${"a".repeat(100)}\n`,
]

describe("the work is bounded by the length", () => {
  for (const unit of units)
    it(JSON.stringify(unit).slice(0, 60), () => {
      const work = perCharacter(filled(unit))
      assert.isBelow(work, most)
    })

  it("of one line of base64, hex or a single character", () => {
    for (const text of [
      made(size, `${alphanumeric}+/`),
      made(size, hex),
      filled("a"),
      filled(" "),
      filled('"'),
    ])
      assert.isBelow(perCharacter(text), most)
  })

  it("of any word that wakes a rule, repeated with anything between", () => {
    const words = new Set([
      ...tokenRules.flatMap((rule) => rule.keywords),
      ...namedRules.flatMap((rule) => rule.words),
      ...structures.flatMap(([each]) => each),
    ])
    for (const word of words)
      for (const between of ["", " ", "=", '="', "=1 ", "-p ", "\n"]) {
        const unit = word + between
        const text = unit.repeat(Math.ceil(2000 / unit.length))
        assert.isBelow(perCharacter(text), most, JSON.stringify(unit))
      }
  })
})
