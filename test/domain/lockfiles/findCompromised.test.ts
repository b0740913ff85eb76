/** Compromised packages in lockfiles, and laws over any text: no crash, and never clean by misreading. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { findCompromised, labelOf } from "../../../src/domain/lockfiles/findCompromised.ts"

const hits = (path: string, text: string): ReadonlyArray<string> => {
  const report = findCompromised(path, text)
  if (report._tag !== "Checked") throw new Error(JSON.stringify(report))
  return report.hits.map(labelOf)
}

/** A lockfile of each kind that holds just `name@version` of npm. */
const npmLockfiles: Readonly<Record<string, (name: string, version: string) => string>> = {
  "package-lock.json": (name, version) =>
    JSON.stringify({ lockfileVersion: 3, packages: { "": {}, [`node_modules/${name}`]: { version } } }),
  "npm-shrinkwrap.json": (name, version) =>
    JSON.stringify({ lockfileVersion: 1, dependencies: { [name]: { version } } }),
  "yarn.lock": (name, version) => `# yarn lockfile v1\n\n\n"${name}@^0.0.1":\n  version "${version}"\n`,
  "sub/yarn.lock": (name, version) =>
    `__metadata:\n  version: 8\n\n"${name}@npm:^0.0.1":\n  version: ${version}\n  resolution: "${name}@npm:${version}"\n`,
  "pnpm-lock.yaml": (name, version) =>
    `lockfileVersion: '9.0'\npackages:\n  '${name}@${version}':\n    resolution: {integrity: x}\n`,
  "six/pnpm-lock.yaml": (name, version) =>
    `lockfileVersion: '6.0'\npackages:\n  /${name}@${version}:\n    dev: true\n`,
  "five/pnpm-lock.yaml": (name, version) =>
    `lockfileVersion: 5.4\npackages:\n  /${name}/${version}:\n    dev: true\n`,
  "bun.lock": (name, version) =>
    `{"lockfileVersion": 1, "packages": {"${name}": ["${name}@${version}", "", {}, "sha512-x"],},}`,
  "package.json": (name, version) => JSON.stringify({ devDependencies: { alias: `npm:${name}@${version}` } }),
  "node_modules/x/package.json": (name, version) => JSON.stringify({ name, version }),
}

describe("compromised packages", () => {
  const bad = [
    ["axios", "1.14.1"],
    ["@ctrl/tinycolor", "4.1.2"],
    ["chalk", "5.6.1"],
    ["keyv", "6.0.0"],
  ] as const
  const good = [
    ["axios", "1.14.0"],
    ["@ctrl/tinycolor", "4.1.0"],
    ["chalk", "5.6.0"],
    ["chalk", "5.6.2"],
    ["keyv", "5.5.0"],
    ["nx", "21.4.1"],
  ] as const
  for (const [path, write] of Object.entries(npmLockfiles))
    it(`in ${path}`, () => {
      for (const [name, version] of bad)
        assert.deepStrictEqual(hits(path, write(name, version)), [`${name}@${version}`])
      for (const [name, version] of good) assert.deepStrictEqual(hits(path, write(name, version)), [])
    })

  it("other registries are named in front, with campaign and advisories in the hit", () => {
    assert.deepStrictEqual(hits("requirements.txt", "mistralai==2.4.6\n"), ["pypi:mistralai@2.4.6"])
    assert.deepStrictEqual(hits("requirements.txt", "mistralai==2.4.5\n"), [])
    assert.deepStrictEqual(hits("requirements.txt", "mistralai>=2.4.6\n"), [])
    const report = findCompromised("package.json", '{"dependencies":{"ua-parser-js":"0.7.29"}}')
    assert.deepStrictEqual(report._tag === "Checked" ? report.hits : [], [
      {
        ecosystem: "npm",
        name: "ua-parser-js",
        version: "0.7.29",
        campaign: "ua-parser-js-2021-10",
        advisories: ["GHSA-pjwm-rvh2-c87w"],
      },
    ])
  })
  it("a range is a hit only where every version is bad", () => {
    assert.deepStrictEqual(hits("package.json", '{"dependencies":{"axios":"^1.14.0"}}'), [])
    assert.deepStrictEqual(hits("package.json", '{"dependencies":{"flatmap-stream":"^0.1.0"}}'), [
      "flatmap-stream@^0.1.0",
    ])
    assert.deepStrictEqual(hits("composer.json", '{"require":{"laravel-lang/lang":"^15.0"}}'), [
      "packagist:laravel-lang/lang@^15.0",
    ])
  })
  it("each hit once", () => {
    const both = JSON.stringify({
      lockfileVersion: 2,
      packages: {
        "node_modules/axios": { version: "1.14.1" },
        "node_modules/x/node_modules/axios": { version: "1.14.1" },
      },
      dependencies: { axios: { version: "1.14.1" } },
    })
    assert.deepStrictEqual(hits("package-lock.json", both), ["axios@1.14.1"])
  })
  it("says that it cannot check", () => {
    assert.deepStrictEqual(findCompromised("bun.lockb", ""), {
      _tag: "CannotCheck",
      reason: "binary, cannot check",
      hits: [],
    })
    assert.strictEqual(findCompromised("package-lock.json", "{")._tag, "CannotCheck")
    assert.strictEqual(findCompromised("README.md", "axios@1.14.1")._tag, "NotALockfile")
  })
})

const names = [
  ...Object.keys(npmLockfiles),
  "Cargo.lock",
  "go.mod",
  "go.sum",
  "poetry.lock",
  "Pipfile.lock",
  "requirements.txt",
  "pyproject.toml",
  "Gemfile.lock",
  "composer.lock",
  "mix.lock",
  "pubspec.lock",
  "gradle.lockfile",
  "packages.lock.json",
  "deno.lock",
]

describe("any text", () => {
  it("is answered, whatever the file", () => {
    const pieces = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom(
        "\n",
        "  ",
        ":",
        '"',
        "'",
        "{",
        "}",
        "[",
        "]",
        ",",
        "packages",
        "lockfileVersion: 9",
        "@",
        "- ",
        "? ",
      ),
      fc.constantFrom(
        "__metadata:",
        "version",
        "1.0.0",
        "[[package]]",
        "name = ",
        "GEM",
        "%{",
        "require (",
        "&a",
        "*a",
        "|",
        "\t",
      ),
      fc.json({ maxDepth: 4 }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(pieces, { maxLength: 30 }), (name, text) => {
        const report = findCompromised(name, text.join(""))
        assert.include(["Checked", "CannotCheck"], report._tag)
      }),
      { numRuns: 2000 },
    )
  })
  it("a lockfile cut anywhere still shows its first package or is refused", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.entries(npmLockfiles)),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ([path, write], part) => {
          const whole = write("axios", "1.14.1")
          const report = findCompromised(path, whole.slice(0, Math.floor(whole.length * part)))
          // Cut before the package's block there is nothing to see; cut inside it, it must not read as clean.
          if (report._tag === "Checked" && report.entries > 0 && report.hits.length === 0)
            assert.fail(`${path} cut at ${part} read as clean`)
        },
      ),
      { numRuns: 800 },
    )
  })
})
