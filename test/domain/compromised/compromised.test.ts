/** The look-up in the shipped list: exact by registry, name and version. */
import { assert, describe, it } from "@effect/vitest"
import {
  compromisedListDate,
  isCompromised,
  isWhollyCompromised,
} from "../../../src/domain/compromised/compromised.ts"

describe("the list of compromised versions", () => {
  it("knows versions with campaign, date and advisories", () => {
    assert.deepStrictEqual(isCompromised("npm", "ua-parser-js", "0.7.29"), {
      name: "ua-parser-js",
      version: "0.7.29",
      campaign: "ua-parser-js-2021-10",
      date: "2021-10-22",
      advisories: ["GHSA-pjwm-rvh2-c87w"],
    })
    assert.strictEqual(isCompromised("npm", "axios", "1.14.1")?.campaign, "axios-2026-03")
    assert.isNotNull(isCompromised("npm", "axios", "v1.14.1"))
    assert.isNotNull(isCompromised("npm", "@ctrl/tinycolor", "4.1.2"))
    assert.isNotNull(isCompromised("go", "github.com/verana-labs/verana-blockchain", "v0.10.1-dev.20"))
    assert.isNotNull(isCompromised("packagist", "Laravel-Lang/Lang", "v15.29.5"))
  })
  it("leaves the neighbours of a bad version alone", () => {
    for (const [name, version] of [
      ["chalk", "5.6.0"],
      ["chalk", "5.6.2"],
      ["nx", "21.4.1"],
      ["keyv", "5.5.0"],
      ["axios", "1.14.0"],
      ["axios", "1.14.10"],
      ["axios", ""],
      ["", "1.14.1"],
      ["constructor", "1.0.0"],
    ] as const)
      assert.isNull(isCompromised("npm", name, version), `${name}@${version}`)
    assert.isNull(isCompromised("pypi", "axios", "1.14.1"))
    assert.isNull(isCompromised("go", "github.com/verana-labs/verana-blockchain", "0.10.1-dev.20"))
  })
  it("takes a name that is bad everywhere in each registry it covers", () => {
    for (const ecosystem of ["npm", "pypi", "packagist", "crates.io", "any"] as const)
      assert.isNotNull(isCompromised(ecosystem, "async-pipeline-builder", "9.9.9"), ecosystem)
    assert.isNotNull(isCompromised("pypi", "Async_Pipeline.Builder", "1"))
    assert.isNull(isCompromised("rubygems", "async-pipeline-builder", "1"))
    assert.isNotNull(isCompromised("any", "axios", "1.14.1"))
  })
  it("tells packages of which every version is bad", () => {
    assert.isTrue(isWhollyCompromised("packagist", "laravel-lang/lang"))
    assert.isTrue(isWhollyCompromised("npm", "flatmap-stream"))
    assert.isFalse(isWhollyCompromised("npm", "axios"))
    assert.deepStrictEqual(isCompromised("npm", "flatmap-stream", "7.7.7")?.campaign, "event-stream-2018-11")
  })
  it("says how old it is", () => assert.match(compromisedListDate, /^\d{4}-\d{2}-\d{2}$/))
})
