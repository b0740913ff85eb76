/** What the machine lacks: room, files, rights, a port, a certificate, the network. */
import { assert, describe, it } from "@effect/vitest"
import type { ProbeAnswers } from "../../../src/domain/probeAnswers.ts"
import { satisfies } from "../../../src/decide/failures/versions.ts"
import { Driver, run, workspace } from "../driver.ts"

type Answers = NonNullable<ConstructorParameters<typeof Driver>[0]>["answers"]
const failed = (answers: Answers, line: string, output: string, exit = 1) => {
  const driver = new Driver({ answers: answers ?? {} })
  run(driver, line, exit, { output })
  return driver
}
const of = (driver: Driver, rule: string) => driver.rows.filter((row) => row.rule === rule)
const gigabyte = 1024 ** 3

describe("disk full", () => {
  const rule = "disk-full"
  const disk = (over: Partial<ProbeAnswers["diskSpace"]> = {}): Answers => ({
    diskSpace: {
      mount: "/home",
      freeBytes: 12 * 1024 ** 2,
      totalBytes: 50 * gigabyte,
      freeFiles: 100_000,
      totalFiles: 3_000_000,
      ...over,
    },
  })
  const output = "npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device, write\n"
  it("says how much is left, and where; once", () => {
    const driver = failed(disk(), "npm install", output)
    const row = driver.row(rule)
    assert.strictEqual(row.title, "/home is full: 12 MB of 50.0 GB left")
    assert.deepStrictEqual(row.actions, [])
    assert.deepStrictEqual(driver.shown, [rule])
    run(driver, "cargo build", 101, { output: "error: No space left on device (os error 28)" })
    assert.lengthOf(of(driver, rule), 1)
  })
  it("tells inodes from room", () => {
    const driver = failed(disk({ freeBytes: 9 * gigabyte, freeFiles: 0 }), "npm install", output)
    assert.include(driver.row(rule).title, "inodes left")
  })
  it("is silent where there is room again, the words are others', or nothing was printed", () => {
    assert.deepStrictEqual(of(failed(disk({ freeBytes: 9 * gigabyte }), "npm install", output), rule), [])
    assert.deepStrictEqual(of(failed(disk(), "npm install", "Kein Speicherplatz mehr verfügbar"), rule), [])
    const unseen = new Driver({ answers: disk() ?? {} })
    run(unseen, "npm install", 1)
    assert.deepStrictEqual(of(unseen, rule), [])
  })
})

describe("file limit", () => {
  const rule = "file-limit"
  const limits = { limits: { openFiles: 1024, watches: 65536, instances: 128 } }
  it("tells watches from a full disk", () => {
    const output = "Error: ENOSPC: System limit for number of file watchers reached, watch '/w/src'"
    const driver = failed(limits, "npm run dev", output)
    assert.strictEqual(driver.row(rule).title, "All 65536 file watches of this user are taken")
    assert.deepStrictEqual(of(driver, "disk-full"), [])
  })
  it("asks the shell that ran it for its open files", () => {
    const driver = failed(limits, "npm run dev", "Error: EMFILE: too many open files, open '/w/a'")
    assert.include(driver.row(rule).title, "1024 files open")
    assert.deepInclude(
      driver.of("situation.facts").flatMap((event) => event.payload.facts.map(({ probe }) => probe)),
      { _tag: "limits", pid: 1 },
    )
  })
})

describe("wrong owner", () => {
  const rule = "wrong-owner"
  const owner = (over: Partial<ProbeAnswers["owners"][string]> = {}): Answers => ({
    owners: ({ paths }) => ({
      [paths[0]!]: {
        path: paths[0]!.startsWith("/") ? paths[0]! : `${workspace}/${paths[0]!}`,
        owner: "root",
        mine: false,
        group: "root",
        listed: false,
        forGroup: false,
        writable: false,
        ...over,
      },
    }),
  })
  it("of what lies in the workspace; nothing says sudo", () => {
    const output = "npm error Error: EACCES: permission denied, mkdir '/w/node_modules/left-pad'"
    const driver = failed(owner({ path: "/w/node_modules" }), "npm install left-pad", output)
    assert.strictEqual(driver.row(rule).title, "node_modules belongs to root, not to you")
    assert.notInclude(JSON.stringify(driver.rows), "sudo")
    assert.deepStrictEqual(
      driver.rows.map((row) => row.rule),
      [rule],
    )
  })
  it("of npm's global folder", () => {
    const output =
      "npm error code EACCES\nnpm error path /usr/lib/node_modules\nnpm error EACCES: permission denied, mkdir '/usr/lib/node_modules/x'"
    const driver = failed(owner({ path: "/usr/lib/node_modules" }), "npm install -g x", output)
    assert.strictEqual(driver.row(rule).title, "/usr/lib/node_modules belongs to root, not to you")
    assert.include(JSON.stringify(driver.row(rule).why), "npm config set prefix")
  })
  it("of Docker's socket", () => {
    const output =
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix"
    const docker = { group: "docker", forGroup: true }
    assert.strictEqual(
      failed(owner(docker), "docker ps", output).row(rule).title,
      "Docker's socket is for group docker, and you are not in it",
    )
    assert.include(
      failed(owner({ ...docker, listed: true }), "docker ps", output).row(rule).title,
      "since a later login",
    )
    assert.deepStrictEqual(of(failed(owner({ ...docker, writable: true }), "docker ps", output), rule), [])
  })
  it("is silent where it may be written, lies elsewhere, or rights are of another kind", () => {
    const inside = "rm: cannot remove 'dist/a': Permission denied"
    assert.lengthOf(of(failed(owner(), "rm dist/a", inside), rule), 1)
    assert.deepStrictEqual(of(failed(owner({ writable: true }), "rm dist/a", inside), rule), [])
    assert.deepStrictEqual(
      of(failed(owner(), "touch /etc/x", "touch: cannot touch '/etc/x': Permission denied"), rule),
      [],
    )
    assert.deepStrictEqual(
      of(failed(owner(), "git push", "git@github.com: Permission denied (publickey)."), rule),
      [],
    )
    assert.deepStrictEqual(
      of(failed(owner(), "rm dist/a", "rm: 'dist/a' kann nicht entfernt werden"), rule),
      [],
    )
  })
})

describe("nobody listens", () => {
  const rule = "nobody-listens"
  const output = "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap"
  it("with the command that started it before, ready", () => {
    const driver = new Driver({ answers: { portOwner: null } })
    const started = run(driver, "docker compose up -d db")
    const refused = run(driver, "npm run migrate", 1, { output })
    const row = driver.row(rule)
    assert.strictEqual(row.title, "Nobody listens on port 5432 (PostgreSQL): run `docker compose up -d db`")
    assert.deepStrictEqual(row.actions[0]?.input, { command: "docker compose up -d db" })
    assert.deepStrictEqual(row.evidence, [started.seq, refused.seq])
    run(driver, "docker compose up -d db")
    assert.strictEqual(driver.row(rule).state, "expired")
  })
  it("without one it is no more than said", () => {
    const row = failed({ portOwner: null }, "npm run migrate", output).row(rule)
    assert.strictEqual(row.mode, "notify")
    assert.deepStrictEqual(row.actions, [])
  })
  it("is silent where somebody listens, on other machines, and in tests of some port", () => {
    assert.deepStrictEqual(
      of(failed({ portOwner: { pid: 1, command: "postgres" } }, "npm run migrate", output), rule),
      [],
    )
    assert.deepStrictEqual(
      of(failed({ portOwner: null }, "node a.js", "connect ECONNREFUSED 10.0.0.7:5432"), rule),
      [],
    )
    assert.deepStrictEqual(
      of(failed({ portOwner: null }, "npm test", "connect ECONNREFUSED 127.0.0.1:43121"), rule),
      [],
    )
    assert.deepStrictEqual(of(failed({}, "npm run migrate", output), rule), [])
  })
})

describe("certificate refused", () => {
  const rule = "certificate-refused"
  const host = "https://npm.example.com/left-pad"
  it("says whose and why, and never how to look away", () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      [`curl: (60) SSL certificate problem: certificate has expired ${host}`, "has expired"],
      [
        `npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request to ${host} failed`,
        "vouched for by nobody",
      ],
      [`npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY\nnpm error ${host}`, "is not known"],
      [`curl: (60) SSL certificate problem: certificate is not yet valid ${host}`, "clock"],
      [
        `Get "${host}": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-03-02T09:00:00Z is after 2026-02-01T00:00:00Z`,
        "has expired",
      ],
      [`Error [ERR_TLS_CERT_ALTNAME_INVALID]: ${host}`, "for other names"],
    ]
    for (const [output, says] of cases) {
      const driver = failed({}, "npm install", output)
      const row = driver.row(rule)
      assert.include(row.title, "npm.example.com")
      assert.include(row.title, says, output)
      assert.notMatch(
        JSON.stringify(driver.rows),
        /strict-ssl|sslVerify|--insecure|NODE_TLS_REJECT|-k\b|trusted-host/,
      )
    }
  })
  it("is silent where no host is named", () => {
    assert.deepStrictEqual(of(failed({}, "./a", "certificate has expired"), rule), [])
  })
})

describe("offline", () => {
  const rule = "offline"
  const output = "npm error code EAI_AGAIN\nnpm error getaddrinfo EAI_AGAIN registry.npmjs.org"
  it("is said once, whatever fails for it", () => {
    const driver = failed({ network: { way: false } }, "npm install", output)
    run(driver, "git fetch", 128, { output: "ssh: Could not resolve hostname x: Name or service not known" })
    run(driver, "curl https://a.example", 6, { output: "curl: (6) Could not resolve host: a.example" })
    assert.lengthOf(of(driver, rule), 1)
  })
  it("is silent where there is a way out", () => {
    assert.deepStrictEqual(of(failed({ network: { way: true } }, "npm install", output), rule), [])
  })
})

describe("versions", () => {
  it("are what was asked for, or cannot be told", () => {
    const cases: ReadonlyArray<readonly [string, string, boolean | null]> = [
      ["22.4.1", "22", true],
      ["22.4.1", "v22.4.1", true],
      ["22.4.1", "22.5", false],
      ["22.4.1", "20.x", false],
      ["18.19.0", ">=20", false],
      ["20.0.0", ">=20", true],
      ["18.19.0", "^18.12 || >=20", true],
      ["19.1.0", "^18.12 || >=20", false],
      ["18.19.0", ">= 18 < 20", true],
      ["3.11", "3.11.4", null],
      ["3.10", "3.11.4", false],
      ["22.4.1", "lts/*", null],
      ["22.4.1", "node", null],
      ["22.4.1", "", null],
    ]
    for (const [version, wanted, is] of cases)
      assert.strictEqual(satisfies(version, wanted), is, `${version} ${wanted}`)
  })
})

describe("environment", () => {
  const pulled = (driver: Driver, ...files: ReadonlyArray<string>) =>
    driver.see("git.pull", {
      from: "a".repeat(40),
      to: "b".repeat(40),
      fromBranch: "main",
      branch: "main",
      subject: "pull: Fast-forward",
      files,
    })
  const versions = (text: string, ...found: ReadonlyArray<string>): Answers => ({
    toolVersions: {
      wants: [{ tool: "node", file: ".nvmrc", text }],
      found: found.map((version) => ({ tool: "node", version, by: "nvm" })),
    },
  })
  it("a version that came with a pull and is not there", () => {
    const driver = new Driver({ answers: versions("22.4", "18.19.0", "20.11.1") ?? {} })
    const pull = pulled(driver, ".nvmrc", "src/a.ts")
    const row = driver.row("version-missing")
    assert.strictEqual(row.title, ".nvmrc wants node 22.4; here are 18.19.0 (nvm), 20.11.1 (nvm)")
    assert.deepStrictEqual(row.evidence, [pull.seq])
    assert.deepStrictEqual(driver.shown, ["version-missing"])
  })
  it("is silent where one would do, nothing is known, the wish is in other words, or came with something else", () => {
    for (const answers of [
      versions("22", "22.4.1", "18.19.0"),
      versions("22"),
      versions("lts/*", "18.19.0"),
    ]) {
      const driver = new Driver({ answers: answers ?? {} })
      pulled(driver, ".nvmrc")
      assert.deepStrictEqual(driver.rows, [])
    }
    const other = new Driver({ answers: versions("22", "18.19.0") ?? {} })
    pulled(other, "src/a.ts")
    assert.deepStrictEqual(other.rows, [])
  })
  it("a command refused the version that ran, and another is there", () => {
    const output =
      'npm error code EBADENGINE\nnpm error notsup Required: {"node":">=20"}\nnpm error notsup Actual:   {"npm":"9.2.0","node":"v18.19.0"}'
    const driver = failed(versions(">=20", "22.4.1", "18.19.0"), "npm ci", output)
    assert.strictEqual(
      driver.row("other-version").title,
      "node 18.19.0 ran, >=20 is wanted: 22.4.1 (nvm) is here",
    )
    assert.deepStrictEqual(of(failed(versions(">=20", "18.19.0"), "npm ci", output), "other-version"), [])
  })
  const names = (over: Partial<NonNullable<ProbeAnswers["envNames"]>> = {}): Answers => ({
    envNames: {
      example: ".env.example",
      present: true,
      missing: ["SMTP_HOST", "API_URL"],
      added: ["SMTP_HOST"],
      ...over,
    },
  })
  const rule = "variables-missing"
  it("a variable that came with a pull, and only that", () => {
    const driver = new Driver({ answers: names() ?? {} })
    pulled(driver, ".env.example")
    assert.strictEqual(driver.row(rule).title, ".env has no SMTP_HOST, and .env.example names it")
  })
  it("a variable that a failed command speaks of", () => {
    const output = "Error: API_URL is required"
    assert.strictEqual(
      failed(names(), "npm start", output).row(rule).title,
      ".env has no API_URL, and .env.example names it",
    )
    const row = failed(names({ present: false }), "npm start", output).row(rule)
    assert.strictEqual(row.title, "There is no .env; .env.example names API_URL")
    assert.deepStrictEqual(row.actions[0]?.input, { command: "cp -n .env.example .env" })
  })
  it("is silent where nothing came, none is kept, or the failure is about something else", () => {
    for (const answers of [
      names({ added: [] }),
      names({ added: null }),
      names({ present: false }),
      { envNames: null },
    ]) {
      const driver = new Driver({ answers: answers ?? {} })
      pulled(driver, ".env.example")
      assert.deepStrictEqual(of(driver, rule), [])
    }
    assert.deepStrictEqual(of(failed(names(), "npm start", "Error: OTHER_NAME is required"), rule), [])
    assert.deepStrictEqual(of(failed(names(), "npm start", "TypeError: x is not a function"), rule), [])
  })
})
