/** Shapes in which a listed version hides: each is found, and its clean neighbour is not. */
import { assert, describe, it } from "@effect/vitest"
import { findCompromised, hitsOf, labelOf } from "../../../src/domain/lockfiles/findCompromised.ts"

const bad = "axios@1.14.1"
const find = (path: string, text: string) => findCompromised(path, text)
const labels = (path: string, text: string): ReadonlyArray<string> =>
  hitsOf(find(path, text)).map(labelOf).toSorted()

/** `text` says 1.14.1 of axios; with 1.14.0 in its place nothing is found. */
const found = (path: string, text: string): void => {
  assert.deepStrictEqual(labels(path, text), [bad], `${path}: ${text.slice(0, 200)}`)
  assert.deepStrictEqual(labels(path, text.replaceAll("1.14.1", "1.14.0")), [], path)
  assert.strictEqual(find(path, text)._tag, "Checked", path)
}
const foundPython = (path: string, text: string): void => {
  assert.deepStrictEqual(labels(path, text), ["pypi:mistralai@2.4.6"], `${path}: ${text.slice(0, 200)}`)
  assert.deepStrictEqual(labels(path, text.replaceAll("2.4.6", "2.4.7")), [], path)
  assert.strictEqual(find(path, text)._tag, "Checked", path)
}
const tarball = "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz"
const json = (value: unknown): string => JSON.stringify(value, null, 2)

describe("npm's shapes", () => {
  it("specs of package.json: tarballs, patches, catalogs, aliases, signs before the version", () => {
    for (const spec of [
      "1.14.1",
      "=1.14.1",
      "v1.14.1",
      " 1.14.1 ",
      "npm:axios@1.14.1",
      tarball,
      "patch:axios@npm%3A1.14.1#~/.yarn/patches/axios.patch",
    ])
      found("packages/a/package.json", json({ dependencies: { axios: spec } }))
    found("package.json", json({ dependencies: { http: "npm:axios@1.14.1" } }))
    found("package.json", json({ workspaces: { catalog: { axios: "1.14.1" } } }))
    found("package.json", json({ catalogs: { old: { axios: "1.14.1" } } }))
    found("package.json", json({ resolutions: { "**/axios": "1.14.1" } }))
    for (const spec of ["github:axios/axios#v1.14.1", "git+ssh://git@x/axios.git#1.14.1", "^1.14.0"])
      assert.deepStrictEqual(labels("package.json", json({ dependencies: { axios: spec } })), [])
  })
  it("lockfiles of npm", () => {
    found(
      "package-lock.json",
      json({ lockfileVersion: 1, dependencies: { axios: { version: tarball, integrity: "sha512-x" } } }),
    )
    found(
      "package-lock.json",
      json({
        lockfileVersion: 3,
        packages: { "node_modules/http": { version: "1.14.1", resolved: tarball } },
      }),
    )
    found(
      "npm-shrinkwrap.json",
      `\ufeff${json({ lockfileVersion: 2, packages: { "packages/a/node_modules/b/node_modules/axios": { version: "1.14.1" } } })}`.replaceAll(
        "\n",
        "\r\n",
      ),
    )
  })
  it("lockfiles of pnpm and the workspace's file", () => {
    for (const key of ["/axios/1.14.1", "/axios/1.14.1_debug@4.3.4", "/axios@1.14.1(debug@4.3.4)"])
      found(
        "pnpm-lock.yaml",
        `lockfileVersion: 5.4\n\npackages:\n\n  ${key}:\n    resolution: {integrity: x}\n`,
      )
    found(
      "pnpm-lock.yaml",
      `lockfileVersion: '9.0'\n\npackages:\n\n  axios@${tarball}:\n    resolution: {tarball: ${tarball}}\n    version: 1.14.1\n`,
    )
    found(
      "node_modules/.pnpm/lock.yaml",
      "lockfileVersion: '9.0'\npackages:\n  axios@1.14.1:\n    dev: true\n",
    )
    found("shrinkwrap.yaml", "lockfileVersion: 3\npackages:\n  /axios/1.14.1:\n    dev: true\n")
    found("pnpm-workspace.yaml", "packages:\n  - a/*\ncatalog:\n  axios: 1.14.1\n")
    found("pnpm-workspace.yaml", "catalogs:\n  old:\n    axios: '1.14.1'\n")
    found("pnpm-workspace.yaml", 'overrides:\n  "b>axios": "1.14.1"\n')
  })
  it("lockfiles of yarn", () => {
    found(
      "yarn.lock",
      `# yarn lockfile v1\r\n\r\n"http@npm:axios@^1.14.0":\r\n  version "1.14.1"\r\n  resolved "${tarball}#abc"\r\n`,
    )
    found(
      "yarn.lock",
      `http@${tarball}:\n  version "1.14.1"\n  resolved "${tarball}"\n`.replace("http@", "axios@"),
    )
    found(
      "yarn.lock",
      `__metadata:\n  version: 8\n\n"http@npm:axios@1.14.1":\n  version: 1.14.1\n  resolution: "axios@npm:1.14.1"\n`,
    )
    found(
      "yarn.lock",
      `__metadata:\n  version: 8\n\n"axios@patch:axios@npm%3A1.14.1#~/x.patch":\n  version: 1.14.1\n  resolution: "axios@patch:axios@npm%3A1.14.1#~/x.patch::version=1.14.1&hash=1"\n`,
    )
    found(".yarnrc.yml", "nodeLinker: node-modules\ncatalog:\n  axios: npm:1.14.1\n")
  })
  it("bun.lock and deno's files", () => {
    found(
      "bun.lock",
      `{ "lockfileVersion": 1, "packages": { "http": ["axios@1.14.1", "", {}, "sha512-x"], }, }`,
    )
    found("bun.lock", `{ "lockfileVersion": 1, "packages": { "axios": ["axios@${tarball}", {}], }, }`)
    found(
      "deno.lock",
      json({ version: "2", npm: { specifiers: {}, packages: { [bad]: { integrity: "x" } } } }),
    )
    found("deno.lock", json({ version: "3", packages: { npm: { [bad]: {} } } }))
    found("deno.lock", json({ version: "5", npm: { "axios@1.14.1_debug@4.3.4": {} } }))
    found("deno.json", `{ "imports": { "axios": "npm:axios@1.14.1/lib", } } // end`)
  })
  it("installed packages say their version, and so does the folder that keeps them", () => {
    found("node_modules/axios/package.json", json({ name: "axios", version: "1.14.1" }))
    const kept = "node_modules/.pnpm/keyv@6.0.0/node_modules/keyv/package.json"
    const swapped = json({ name: "keyv", version: "5.5.0" })
    assert.deepStrictEqual(labels(kept, swapped), ["keyv@6.0.0"])
    assert.deepStrictEqual(labels(kept, "{ broken"), ["keyv@6.0.0"])
    const peer = "node_modules/.pnpm/keyv@6.0.0/node_modules/debug/package.json"
    assert.deepStrictEqual(labels(peer, json({ name: "debug", version: "4.4.1" })), [])
    const scoped =
      "node_modules/.pnpm/@ctrl+tinycolor@4.1.2_x@1.0.0/node_modules/@ctrl/tinycolor/package.json"
    assert.deepStrictEqual(labels(scoped, "{}"), ["@ctrl/tinycolor@4.1.2"])
  })
})

describe("Python's shapes", () => {
  it("requirement lines", () => {
    for (const line of [
      "mistralai==2.4.6",
      "MistralAI[agents] == 2.4.6 ; python_version > '3.8'",
      "mistralai===2.4.6",
      "mistralai==v2.4.6.0",
      "mistralai (==2.4.6)",
      "mistralai==2.4.6 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def  # via x",
      "mistralai @ https://files.pythonhosted.org/packages/a/b/mistralai-2.4.6-py3-none-any.whl#sha256=1",
      "https://files.pythonhosted.org/packages/a/mistralai-2.4.6.tar.gz",
      "./wheels/mistralai-2.4.6-1-py3-none-any.whl",
    ])
      foundPython("requirements-dev.txt", `${line}\r\n`)
    for (const line of [
      "mistralai==2.4.6.*",
      "mistralai==2.4.60",
      "mistralai==1!2.4.6",
      "mistralai==2.4.6rc1",
      "mistralai>=2.4.6",
      "xmistralai==2.4.6",
      "# mistralai==2.4.6",
      "git+https://github.com/x/mistralai@2.4.6#egg=mistralai",
      "mistralai @ https://github.com/x/mistralai/archive/mistralai-2.4.6.tar.gz",
    ])
      assert.deepStrictEqual(labels("requirements.txt", line), [], line)
  })
  it("UTF-16, as PowerShell writes it", () => {
    const bytes = Buffer.from("\ufeffmistralai==2.4.6\r\n", "utf16le")
    assert.deepStrictEqual(labels("requirements.txt", bytes.toString("utf8")), ["pypi:mistralai@2.4.6"])
  })
  it("names and versions in any spelling are the list's own", () => {
    assert.deepStrictEqual(labels("requirements/base.in", "Magique_AI==0.4.5.0"), ["pypi:magique-ai@0.4.5"])
  })
  it("other files that hold requirements", () => {
    foundPython("setup.py", `setup(install_requires=["requests>=2", "mistralai==2.4.6"])`)
    foundPython("setup.cfg", "[options]\ninstall_requires =\n    requests\n    mistralai==2.4.6\n")
    foundPython(
      "environment.yml",
      "dependencies:\n  - python=3.12\n  - pip\n  - pip:\n    - mistralai==2.4.6\n  - zlib\n",
    )
    assert.deepStrictEqual(labels("environment.yml", "dependencies:\n  - mistralai==2.4.6\n"), [])
    foundPython("conda-lock.yml", "package:\n- name: mistralai\n  version: 2.4.6\n  manager: pip\n  url: x\n")
    assert.deepStrictEqual(
      labels("conda-lock.yml", "package:\n- name: mistralai\n  version: 2.4.6\n  manager: conda\n"),
      [],
    )
    foundPython(
      "pixi.lock",
      "packages:\n- conda: https://c/x.conda\n- pypi: https://f/mistralai-2.4.6-py3-none-any.whl\n  name: mistralai\n  version: 2.4.6\n",
    )
    foundPython(
      ".venv/lib/python3.12/site-packages/mistralai-2.4.6.dist-info/METADATA",
      "Metadata-Version: 2.1\nName: mistralai\nVersion: 2.4.6\n\nName: axios\n",
    )
  })
})

describe("other shapes", () => {
  it("Go's workspace and vendored modules", () => {
    const module = "github.com/verana-labs/verana-blockchain"
    const version = "v0.10.1-dev.20"
    const expected = [`go:${module}@${version}`]
    assert.deepStrictEqual(labels("go.work", `go 1.22\n\nreplace a/b => ${module} ${version}\n`), expected)
    assert.deepStrictEqual(labels("go.work.sum", `${module} ${version}/go.mod h1:abc=\n`), expected)
    assert.deepStrictEqual(labels("vendor/modules.txt", `# ${module} ${version}\n## explicit\n`), expected)
    assert.deepStrictEqual(labels("vendor/modules.txt", `# a v1.0.0 => ${module} ${version}\n`), expected)
  })
  it("Composer's installed packages", () => {
    const one = { name: "Laravel-Lang/Lang", version: "v15.29.5" }
    for (const root of [[one], { packages: [one] }])
      assert.strictEqual(labels("vendor/composer/installed.json", json(root)).length, 1)
  })
})

describe("what cannot be read whole still tells what stands in it", () => {
  const partly = (path: string, text: string): void => {
    const report = find(path, text)
    assert.strictEqual(report._tag, "CannotCheck", path)
    assert.deepStrictEqual(hitsOf(report).map(labelOf), [bad], path)
  }
  const lock = json({
    lockfileVersion: 3,
    packages: {
      "node_modules/axios": { version: "1.14.1", resolved: tarball },
      "node_modules/b": { version: "1.0.0" },
    },
  })
  it("JSON that breaks off", () => {
    partly("package-lock.json", lock.slice(0, -30))
    partly("package-lock.json", lock.slice(0, lock.indexOf("node_modules/b") + 4))
    partly("package-lock.json", `${lock}}`.replace("1.14.1", "1.14.1").slice(0, lock.indexOf("resolved") - 3))
  })
  it("conflicts, on either side", () => {
    const mark = "<<<<<<< HEAD\n"
    const ours = '"axios": "1.14.1"\n'
    const theirs = '"axios": "1.14.0"\n'
    const around = (a: string, b: string) => `{ "dependencies": {\n${mark}${a}=======\n${b}>>>>>>> main\n} }`
    partly("package.json", around(ours, theirs))
    partly("package.json", around(theirs, ours))
    partly(
      "yarn.lock",
      `${mark}axios@^1.14.0:\n  version "1.14.1"\n||||||| base\naxios@^1.14.0:\n  version "1.13.0"\n=======\naxios@^1.14.0:\n  version "1.14.0"\n>>>>>>> main\n`,
    )
    const clean = find("package.json", around(theirs, theirs))
    assert.deepInclude(clean, { _tag: "CannotCheck", hits: [] })
  })
  it("lines among others", () => {
    partly("yarn.lock", 'axios@^1:\n  version "1.14.1"\n\nnonsense\n\nb@^1:\n  version "1.0.0"\n')
    partly("yarn.lock", 'b@^1:\n\nnonsense\n\naxios@^1:\n  version "1.14.1"\n')
  })
})
