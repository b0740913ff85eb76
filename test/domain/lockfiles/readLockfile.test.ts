/** Each format's reader: what it finds, what it refuses. */
import { assert, describe, it } from "@effect/vitest"
import { isLockfile, readLockfile } from "../../../src/domain/lockfiles/readLockfile.ts"

const read = (path: string, text: string): ReadonlyArray<string> => {
  const reading = readLockfile(path, text)
  if (reading._tag !== "Read") throw new Error(`${path}: ${JSON.stringify(reading)}`)
  return reading.entries.map(
    (each) => `${each.ecosystem}:${each.name}@${each.version}${each.pinned ? "" : "?"}`,
  )
}
const tagOf = (path: string, text: string) => readLockfile(path, text)._tag

const json = (value: unknown) => JSON.stringify(value, null, 2)

describe("npm", () => {
  it("package-lock.json, versions 2 and 3", () => {
    const lock = json({
      name: "own",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: {
        "": { name: "own", version: "1.0.0", dependencies: { a: "^1.0.0" } },
        "node_modules/a": { version: "1.2.3", resolved: "https://r/a/-/a-1.2.3.tgz", integrity: "sha512-x" },
        "node_modules/a/node_modules/@s/b": { version: "2.0.0" },
        "node_modules/alias": { name: "real", version: "3.0.0" },
        "packages/member": { version: "9.9.9" },
        "node_modules/member": { resolved: "packages/member", link: true },
      },
    })
    const expected = ["npm:a@1.2.3", "npm:@s/b@2.0.0", "npm:real@3.0.0"]
    for (const name of ["package-lock.json", "npm-shrinkwrap.json", "node_modules/.package-lock.json"])
      assert.deepStrictEqual(read(`deep/${name}`, lock), expected)
    const reading = readLockfile("package-lock.json", lock)
    assert.deepInclude(reading._tag === "Read" ? reading.entries[0] : null, { integrity: "sha512-x" })
  })
  it("version 1, nested, with an alias", () => {
    const lock = json({
      lockfileVersion: 1,
      dependencies: { a: { version: "1.0.0", dependencies: { b: { version: "npm:c@2.0.0" } } } },
    })
    assert.deepStrictEqual(read("package-lock.json", lock), ["npm:a@1.0.0", "npm:c@2.0.0"])
  })
  it("shows what is fetched where that is another package than the one named", () => {
    const lock = json({
      lockfileVersion: 3,
      packages: { "node_modules/a": { version: "1.0.0", resolved: "https://r/@s/evil/-/evil-6.6.6.tgz" } },
    })
    assert.deepStrictEqual(read("package-lock.json", lock), ["npm:a@1.0.0", "npm:@s/evil@6.6.6"])
  })
  it("package.json: exact versions, ranges, aliases, overrides", () => {
    const manifest = json({
      name: "own",
      version: "4.4.4",
      dependencies: { a: "1.0.0", b: "^2.0.0", c: "npm:d@3.0.0", e: "npm:f@^1", g: "git+ssh://x/y#z" },
      peerDependencies: { h: "=5.0.0" },
      overrides: { i: "6.0.0", j: { ".": "7.0.0", k: "8.0.0", l: "^9" } },
      resolutions: { "**/m": "1.1.1", "n/@o/p": "2.2.2" },
      pnpm: { overrides: { "q@1>r": "3.3.3" } },
    })
    assert.sameMembers(
      [...read("package.json", manifest)],
      [
        "npm:a@1.0.0",
        "npm:b@^2.0.0?",
        "npm:d@3.0.0",
        "npm:f@^1?",
        "npm:g@git+ssh://x/y#z?",
        "npm:h@=5.0.0",
        "npm:i@6.0.0",
        "npm:j@7.0.0",
        "npm:k@8.0.0",
        "npm:m@1.1.1",
        "npm:@o/p@2.2.2",
        "npm:r@3.3.3",
      ],
    )
  })
  it("an installed package states itself, a file deeper inside states nothing", () => {
    const own = json({ name: "@s/a", version: "1.0.0", dependencies: { b: "2.0.0" } })
    assert.deepStrictEqual(read("x/node_modules/@s/a/package.json", own), ["npm:@s/a@1.0.0"])
    assert.strictEqual(tagOf("node_modules/@s/a/esm/package.json", own), "NotALockfile")
    assert.deepStrictEqual(read("node_modules/a/package.json", "{}"), [])
  })
})

describe("yarn", () => {
  it("version 1: the resolved version, not the range in the header", () => {
    const lock = `# yarn lockfile v1


"@s/a@^1.0.0", "@s/a@^1.1.0":
  version "1.2.3"
  resolved "https://r/@s/a/-/a-1.2.3.tgz#0"
  integrity sha512-x
  dependencies:
    b "^2.0.0"
    version "9.9.9"

alias@npm:real@^3.0.0:
  version "3.0.1"

b@^2.0.0:
  version "2.0.5"
`
    const expected = ["npm:@s/a@1.2.3", "npm:real@3.0.1", "npm:b@2.0.5"]
    assert.deepStrictEqual(read("yarn.lock", lock), expected)
    assert.deepStrictEqual(read("yarn.lock", lock.replaceAll("\n", "\r\n")), expected)
  })
  it("later versions", () => {
    const lock = `__metadata:
  version: 8
  cacheKey: 10

"@s/a@npm:^1.0.0, @s/a@npm:^1.1.0":
  version: 1.2.3
  resolution: "@s/a@npm:1.2.3"
  dependencies:
    b: "npm:^2.0.0"
  checksum: 10/abc
  languageName: node
  linkType: hard

"alias@npm:real@3.0.0":
  version: 3.0.0
  resolution: "real@npm:3.0.0"

"p@patch:p@npm%3A4.0.0#./p.patch":
  version: 4.0.0
  resolution: "p@patch:p@npm%3A4.0.0#./p.patch::version=4.0.0"

"own@workspace:.":
  version: 0.0.0-use.local
  resolution: "own@workspace:."
`
    assert.deepStrictEqual(read("yarn.lock", lock), ["npm:@s/a@1.2.3", "npm:real@3.0.0", "npm:p@4.0.0"])
  })
  it("a block without a version is not clean", () => {
    assert.strictEqual(tagOf("yarn.lock", '# yarn lockfile v1\n\na@^1:\n  resolved "x"\n'), "Unreadable")
    assert.strictEqual(tagOf("yarn.lock", "a@^1:\n"), "Unreadable")
    assert.strictEqual(tagOf("yarn.lock", "{}"), "Unreadable")
    assert.deepStrictEqual(read("yarn.lock", "# yarn lockfile v1\n\n"), [])
  })
})

describe("pnpm", () => {
  it("version 5", () => {
    const lock = `lockfileVersion: 5.4
dependencies:
  a: 1.0.0
packages:

  /a/1.0.0:
    resolution: {integrity: sha512-x==}
    dev: false

  /@s/b/2.0.0_react@18.0.0:
    resolution: {integrity: sha512-y==}

  registry.example.org/c/3.0.0:
    resolution: {tarball: x}

  github.com/u/d/abcdef:
    resolution: {tarball: y}
    name: d
    version: 4.0.0
`
    assert.deepStrictEqual(read("pnpm-lock.yaml", lock), [
      "npm:a@1.0.0",
      "npm:@s/b@2.0.0",
      "npm:c@3.0.0",
      "npm:d@4.0.0",
    ])
  })
  it("versions 6 and 9", () => {
    const six = `lockfileVersion: '6.0'\npackages:\n  /a@1.0.0:\n    resolution: {integrity: sha512-x==}\n  /@s/b@2.0.0(c@1.0.0)(d@2.0.0):\n    dev: true\n`
    assert.deepStrictEqual(read("pnpm-lock.yaml", six), ["npm:a@1.0.0", "npm:@s/b@2.0.0"])
    const three =
      "shrinkwrapVersion: 3\nregistry: 'https://r/'\npackages:\n  /@s/b/2.0.0/a@1.0.0:\n    dev: true\n"
    assert.deepStrictEqual(read("shrinkwrap.yaml", three), ["npm:@s/b@2.0.0"])
    const nine = `lockfileVersion: '9.0'\n\nimporters:\n  .:\n    dependencies:\n      x:\n        specifier: npm:a@1.0.0\n        version: a@1.0.0\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-x==}\n    engines: {node: '>=18'}\n    cpu: [x64]\n\n  '@s/b@2.0.0':\n    resolution: {integrity: sha512-y==}\n    deprecated: |-\n      Old\n      and: gone\n\nsnapshots:\n\n  '@s/b@2.0.0(a@1.0.0)':\n    dependencies:\n      a: 1.0.0\n\n  e@5.0.0: {}\n`
    const found = read("pnpm-lock.yaml", nine)
    assert.sameMembers([...new Set(found)], ["npm:a@1.0.0", "npm:@s/b@2.0.0", "npm:e@5.0.0"])
  })
  it("the first entry is read, and keys too long for one line", () => {
    const lock = `lockfileVersion: '9.0'\npackages:\n  first@1.0.0:\n    resolution: {}\nsnapshots:\n  ? 'long@2.0.0(${"p@1.0.0".repeat(3)})'\n  : dependencies:\n      first: 1.0.0\n`
    assert.deepStrictEqual(read("pnpm-lock.yaml", lock), ["npm:first@1.0.0", "npm:long@2.0.0"])
  })
  it("unusual YAML is read whole, what is no YAML is refused", () => {
    const flow = `{lockfileVersion: "9.0", packages: {a@1.0.0: {resolution: {integrity: x}}}}`
    assert.deepStrictEqual(read("pnpm-lock.yaml", flow), ["npm:a@1.0.0"])
    for (const text of [
      "",
      "hello",
      "lockfileVersion: 9\npackages: [1",
      "lockfileVersion: 9\npackages: no",
      "- a\n",
    ])
      assert.strictEqual(tagOf("pnpm-lock.yaml", text), "Unreadable", text)
  })
})

describe("bun and deno", () => {
  it("bun.lock with comments and trailing commas", () => {
    const lock = `{
  // written by bun
  "lockfileVersion": 1,
  "workspaces": { "": { "name": "own", }, },
  "packages": {
    "a": ["a@1.0.0", "", { "dependencies": { "b": "^2", }, }, "sha512-x=="],
    "alias": ["real@2.0.0", "", {}, "sha512-//y,]"], /* c */
    "own": ["own@workspace:packages/own"],
  },
}`
    assert.deepStrictEqual(read("bun.lock", lock), ["npm:a@1.0.0", "npm:real@2.0.0"])
    assert.strictEqual(tagOf("bun.lock", '{"lockfileVersion":1,"packages":{"a":["a"]}}'), "Unreadable")
  })
  it("bun.lockb cannot be checked", () => {
    assert.deepStrictEqual(readLockfile("bun.lockb", "x"), {
      _tag: "Unreadable",
      kind: "bun.lockb",
      reason: "binary, cannot check",
      entries: [],
    })
  })
  it("deno.lock", () => {
    const lock = json({ version: "4", npm: { "a@1.0.0_b@2.0.0": { integrity: "x" }, "@s/c@3.0.0": {} } })
    assert.deepStrictEqual(read("deno.lock", lock), ["npm:a@1.0.0", "npm:@s/c@3.0.0"])
  })
})

describe("other registries", () => {
  const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<string>]> = [
    [
      "Cargo.lock",
      'version = 4\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+x"\n',
      ["crates.io:a@1.0.0"],
    ],
    [
      "Cargo.toml",
      '[dependencies]\na = "=1.0.0"\nb = "2"\nc = { package = "d", version = "=3.0.0" }\n',
      ["crates.io:a@1.0.0", "crates.io:b@2?", "crates.io:d@3.0.0"],
    ],
    [
      "go.mod",
      "module m\n\ngo 1.22\n\nrequire a.b/c v1.0.0 // indirect\nrequire (\n\td.e/f v2.0.0+incompatible\n)\nreplace a.b/c => g.h/i v3.0.0\nexclude x.y/z v9.0.0\n",
      ["go:a.b/c@v1.0.0", "go:d.e/f@v2.0.0+incompatible", "go:g.h/i@v3.0.0"],
    ],
    ["go.sum", "a.b/c v1.0.0 h1:x=\na.b/c v1.0.0/go.mod h1:y=\n", ["go:a.b/c@v1.0.0", "go:a.b/c@v1.0.0"]],
    [
      "poetry.lock",
      '[[package]]\nname = "a"\nversion = "1.0"\n\n[metadata]\nlock-version = "2.0"\n',
      ["pypi:a@1.0"],
    ],
    [
      "uv.lock",
      'version = 1\n[[package]]\nname = "own"\nversion = "0.1.0"\nsource = { editable = "." }\n[[package]]\nname = "a"\nversion = "1.0"\nsource = { registry = "x" }\n',
      ["pypi:own@*?", "pypi:a@1.0"],
    ],
    ["requirements.lock", "-e file:.\na==1.0\n    # via x\n", ["pypi:a@1.0"]],
    [
      "pixi.toml",
      '[dependencies]\nc = "==1.0"\n[pypi-dependencies]\na = "==1.0"\n[feature.x.pypi-dependencies]\nb = { version = ">=2" }\n',
      ["pypi:a@1.0", "pypi:b@>=2?"],
    ],
    ["package.yaml", "name: x\ndependencies:\n  a: 1.0.0\n  b: ^2.0.0\n", ["npm:a@1.0.0", "npm:b@^2.0.0?"]],
    [
      "node_modules/.yarn-state.yml",
      '__metadata:\n  version: 1\n\n"a@npm:1.0.0":\n  locations:\n    - "node_modules/a"\n\n"@s/b@virtual:ab#npm:2.0.0":\n  locations: []\n\n"own@workspace:.":\n  locations:\n    - ""\n',
      ["npm:a@1.0.0", "npm:@s/b@2.0.0"],
    ],
    [
      "import_map.json",
      json({ imports: { a: "npm:a@1.0.0", b: "https://esm.sh/@s/b@2.0.0/x?dev", c: "https://x.y/c@1.0.0" } }),
      ["npm:a@1.0.0", "npm:@s/b@2.0.0"],
    ],
    [
      "deno.lock",
      json({
        version: "5",
        remote: { "https://esm.sh/v135/a@1.0.0/es2022/a.mjs": "00", "https://x.y/b@1": "1" },
      }),
      ["npm:a@1.0.0"],
    ],
    ["go.mod", "module m\r\n\r\nrequire (\r\n\ta.b/c v1.0.0 // indirect\r\n)\r\n", ["go:a.b/c@v1.0.0"]],
    ["pylock.toml", 'lock-version = "1.0"\n[[packages]]\nname = "a"\nversion = "1.0"\n', ["pypi:a@1.0"]],
    [
      "Pipfile.lock",
      json({ _meta: {}, default: { a: { version: "==1.0" } }, develop: { b: { version: "==2.0" } } }),
      ["pypi:a@1.0", "pypi:b@2.0"],
    ],
    [
      "requirements-dev.txt",
      "# c\n-r other.txt\na==1.0 \\\n    --hash=sha256:x\nb[extra] >= 2.0 ; python_version > '3'\nc\nd @ https://x/y.whl\ne===3.0 # pin\nf==1.*\n",
      ["pypi:a@1.0", "pypi:b@>= 2.0?", "pypi:c@*?", "pypi:e@3.0", "pypi:f@==1.*?"],
    ],
    [
      "pyproject.toml",
      '[project]\ndependencies = ["a==1.0", "b>=2"]\n[project.optional-dependencies]\nx = ["c==3"]\n[dependency-groups]\ndev = ["d==4", {include-group = "x"}]\n[tool.poetry.dependencies]\npython = "^3.11"\ne = "5.0"\nf = { version = "^6" }\n',
      ["pypi:a@1.0", "pypi:b@>=2?", "pypi:c@3", "pypi:d@4", "pypi:e@5.0", "pypi:f@^6?"],
    ],
    [
      "composer.lock",
      json({
        packages: [{ name: "v/a", version: "v1.0.0" }],
        "packages-dev": [{ name: "v/b", version: "2.0.0" }],
      }),
      ["packagist:v/a@v1.0.0", "packagist:v/b@2.0.0"],
    ],
    [
      "composer.json",
      json({ require: { php: ">=8", "ext-json": "*", "v/a": "^1.0", "v/b": "2.0.0" } }),
      ["packagist:v/a@^1.0?", "packagist:v/b@2.0.0"],
    ],
    [
      "Gemfile.lock",
      "GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0.0)\n      b (~> 2.0)\n    b (2.0.1-x86_64-linux)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  a (= 1.0.0)\n",
      ["rubygems:a@1.0.0", "rubygems:b@2.0.1"],
    ],
    [
      "mix.lock",
      '%{\n  "a": {:hex, :a_pkg, "1.0.0", "abc", [:mix], [], "hexpm", "def"},\n  "b": {:git, "https://x", "abc", []},\n}\n',
      ["hex:a_pkg@1.0.0"],
    ],
    [
      "pubspec.lock",
      'packages:\n  a:\n    dependency: transitive\n    description:\n      name: a\n      sha256: "x"\n      url: "https://pub.dev"\n    source: hosted\n    version: "1.0.0"\n  flutter:\n    dependency: "direct main"\n    description: flutter\n    source: sdk\n    version: "0.0.0"\nsdks:\n  dart: ">=3.0.0"\n',
      ["pub:a@1.0.0"],
    ],
    ["gradle.lockfile", "# c\ng.h:a:1.0.0=compileClasspath\nempty=x\n", ["maven:g.h:a@1.0.0"]],
    [
      "packages.lock.json",
      json({ version: 1, dependencies: { "net8.0": { A: { resolved: "1.0.0", contentHash: "x" } } } }),
      ["nuget:A@1.0.0"],
    ],
  ]
  for (const [name, text, expected] of cases)
    it(name, () => {
      assert.deepStrictEqual(read(name, text), expected)
      assert.deepStrictEqual(read(`a b/${name}`, `\ufeff${text}`), expected)
    })
})

describe("what cannot be read is never clean", () => {
  const broken: ReadonlyArray<readonly [string, string]> = [
    ["package-lock.json", "{"],
    ["package-lock.json", "[]"],
    ["package-lock.json", "{}"],
    ["package-lock.json", '{"lockfileVersion":3,"packages":[]}'],
    ["package.json", '{"dependencies": {"a": "1.0.0"'],
    ["package.json", '{"dependencies": 1}'],
    ["Cargo.lock", "[[package"],
    ["Cargo.lock", ""],
    ["poetry.lock", "hello = 1"],
    ["go.mod", "module m\nrequire (\n a v1.0.0"],
    ["go.mod", "module m\nrequire a"],
    ["go.sum", "a.b/c v1.0.0"],
    ["composer.lock", "{}"],
    ["Pipfile.lock", '{"default":{}}'],
    ["Gemfile.lock", "hello"],
    ["mix.lock", "%{\n  hello\n}"],
    ["pubspec.lock", "sdks:\n  dart: 3\n"],
    ["gradle.lockfile", "hello"],
  ]
  for (const [name, text] of broken)
    it(`${name}: ${JSON.stringify(text).slice(0, 40)}`, () =>
      assert.strictEqual(tagOf(name, text), "Unreadable"))

  it("conflict markers and binary bytes", () => {
    const valid = 'version = 4\n[[package]]\nname = "a"\nversion = "1.0.0"\n'
    assert.strictEqual(tagOf("Cargo.lock", valid), "Read")
    assert.strictEqual(tagOf("Cargo.lock", `${valid}<<<<<<< HEAD\n`), "Unreadable")
    assert.strictEqual(tagOf("requirements.txt", "a==1.0\n>>>>>>> other\n"), "Unreadable")
    assert.strictEqual(tagOf("requirements.txt", "a==1.0\n\0"), "Unreadable")
  })
  it("deep nesting", () => {
    const deep = `${'{"dependencies":{"a":'.repeat(4000)}1${"}}".repeat(4000)}`
    assert.include(["Read", "Unreadable"], tagOf("package-lock.json", deep))
    assert.strictEqual(tagOf("Cargo.lock", `a = ${"[".repeat(20_000)}`), "Unreadable")
  })
})

describe("which files are lockfiles or manifests", () => {
  it("by name and place", () => {
    for (const path of [
      "package.json",
      "a/yarn.lock",
      "a\\go.sum",
      "requirements/base.txt",
      "constraints.txt",
      "bun.lockb",
    ])
      assert.isTrue(isLockfile(path), path)
    for (const path of [
      "README.md",
      "package.json.bak",
      "lock.json",
      "notes.txt",
      "my-package.json",
      "node_modules/a/b/package.json",
    ])
      assert.isFalse(isLockfile(path), path)
  })
})
