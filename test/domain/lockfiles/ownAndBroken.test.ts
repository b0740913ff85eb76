/** What is no release of a registry though it carries a listed name and version, and files that break off. */
import { assert, describe, it } from "@effect/vitest"
import { findCompromised, hitsOf, labelOf } from "../../../src/domain/lockfiles/findCompromised.ts"

const labels = (path: string, text: string) => hitsOf(findCompromised(path, text)).map(labelOf)
const tag = (path: string, text: string) => findCompromised(path, text)._tag

/** The same file with the package in a folder of the user's own, and with it from a registry or archive. */
const pairs: ReadonlyArray<readonly [string, (own: boolean) => string, string]> = [
  [
    "yarn.lock",
    (own) =>
      `# yarn lockfile v1\n\n\n"axios@${own ? "file:./vendor/axios" : "file:./axios.tgz"}":\n  version "1.14.1"\n`,
    "axios@1.14.1",
  ],
  [
    "yarn.lock",
    (own) => {
      const from = own ? "file:./vendor/axios" : "npm:1.14.1"
      return `__metadata:\n  version: 8\n\n"axios@${from}":\n  version: 1.14.1\n  resolution: "axios@${from}"\n`
    },
    "axios@1.14.1",
  ],
  [
    "yarn.lock",
    (own) => {
      const from = own ? "virtual:ab12#workspace:packages/axios" : "virtual:ab12#npm:1.14.1"
      return `__metadata:\n  version: 8\n\n"axios@${from}":\n  version: 1.14.1\n  resolution: "axios@${from}"\n`
    },
    "axios@1.14.1",
  ],
  [
    "pnpm-lock.yaml",
    (own) =>
      `lockfileVersion: 5.4\n\npackages:\n\n  file:vendor/axios:\n    resolution: ${own ? "{directory: vendor/axios, type: directory}" : "{integrity: sha512-x}"}\n    name: axios\n    version: 1.14.1\n`,
    "axios@1.14.1",
  ],
  [
    "poetry.lock",
    (own) =>
      `[[package]]\nname = "telnyx"\nversion = "4.87.1"\n\n[package.source]\ntype = "${own ? "directory" : "legacy"}"\nurl = "../telnyx"\n\n[metadata]\nlock-version = "2.1"\n`,
    "pypi:telnyx@4.87.1",
  ],
  [
    "pylock.toml",
    (own) =>
      `lock-version = "1.0"\n[[packages]]\nname = "telnyx"\nversion = "4.87.1"\n${own ? 'directory = { path = "." }' : 'index = "https://pypi.org/simple"'}\n`,
    "pypi:telnyx@4.87.1",
  ],
  [
    "Cargo.lock",
    (own) =>
      `version = 4\n\n[[package]]\nname = "move-compiler-tools"\nversion = "0.1.0"\n${own ? "" : 'source = "registry+https://github.com/rust-lang/crates.io-index"\n'}`,
    "crates.io:move-compiler-tools@0.1.0",
  ],
]

describe("a folder of the user's own", () => {
  for (const [path, text, label] of pairs)
    it(`${path}: ${JSON.stringify(text(true)).slice(-60)}`, () => {
      assert.deepStrictEqual(labels(path, text(true)), [])
      assert.strictEqual(tag(path, text(true)), "Checked")
      assert.deepStrictEqual(labels(path, text(false)), [label])
    })
})

/** Each holds a listed package first, and a clean one after it. */
const whole: ReadonlyArray<readonly [string, string, string]> = [
  [
    "pnpm-lock.yaml",
    "lockfileVersion: '9.0'\n\npackages:\n\n  axios@1.14.1:\n    resolution: {integrity: sha512-x}\n\n  zod@3.0.0:\n    resolution: {integrity: sha512-y}\n",
    "axios@1.14.1",
  ],
  [
    "uv.lock",
    'version = 1\n\n[[package]]\nname = "telnyx"\nversion = "4.87.1"\nsource = { registry = "https://pypi.org/simple" }\n\n[[package]]\nname = "zope"\nversion = "1.0"\nwheels = [\n    { url = "https://x/zope.whl", hash = "sha256:00" },\n]\n',
    "pypi:telnyx@4.87.1",
  ],
  [
    "package-lock.json",
    JSON.stringify(
      {
        lockfileVersion: 3,
        packages: { "node_modules/axios": { version: "1.14.1" }, "node_modules/zod": { version: "3.0.0" } },
      },
      null,
      2,
    ),
    "axios@1.14.1",
  ],
  [
    "yarn.lock",
    '# yarn lockfile v1\n\n\naxios@^1:\n  version "1.14.1"\n\nzod@^3:\n  version "3.0.0"\n',
    "axios@1.14.1",
  ],
]

describe("a file that breaks off", () => {
  for (const [path, text, label] of whole)
    it(`${path}: what stands before is found, wherever in the next entry it ends`, () => {
      assert.deepStrictEqual(labels(path, text), [label])
      const next = text.search(/zod|zope/)
      for (let end = next; end < text.trimEnd().length; end++)
        for (const each of [text.slice(0, end), text.slice(0, end).replaceAll("\n", "\r\n")])
          assert.deepStrictEqual(labels(path, each), [label], JSON.stringify(each.slice(-40)))
    })
})
