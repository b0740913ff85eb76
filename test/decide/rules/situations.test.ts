/** Reflexes that a user wrote: what they wait for, what they offer, and what is wrong with how they are written. */
import { assert, describe, it } from "@effect/vitest"
import { compileGlobs, nameFits } from "../../../src/decide/rules/globs.ts"
import { readRules, showRuleProblem } from "../../../src/decide/rules/read.ts"
import { emptyReplay, replayWith } from "../../../src/decide/replay.ts"
import type { PayloadOf } from "../../../src/domain/event.ts"
import { branch, Driver, run, save, stagedEvent, workspace } from "../driver.ts"

const file = "/home/dev/.config/claw/reflexes/team.toml"
const with_ = (driver: Driver, text: string, of: string | null = null): void => {
  driver.see("daemon.reflexes", { files: [{ file, digest: "d", text }], problems: [] }, { workspace: of })
}
const driverOf = (text: string, of: string | null = null): Driver => {
  const driver = new Driver({
    answers: {
      gitBranch: branch({ branch: "main" }),
      gitDirty: { files: 1, oldestMs: 0, paths: ["src/gen/api.ts"] },
      gitStaged: {
        files: ["film.mov", "a.ts"].map((path) => ({
          path,
          status: "A",
          bytes: path === "film.mov" ? 40_000_000 : 10,
          binary: true,
          added: [],
          truncated: false,
        })),
        truncated: false,
      },
    },
  })
  with_(driver, text, of)
  return driver
}
const moved = (files: ReadonlyArray<string>, driver: Driver): PayloadOf<"git.pull"> => ({
  from: "a".repeat(40),
  to: "b".repeat(40),
  fromBranch: "main",
  branch: "main",
  subject: "pull",
  files,
  at: new Date(driver.nowMs).toISOString(),
})
const commit = (files: ReadonlyArray<string>, over: Partial<PayloadOf<"git.commit">> = {}) => ({
  sha: "c".repeat(40),
  parents: ["a".repeat(40)],
  branch: "main",
  subject: "Told of it",
  files,
  ...over,
})
const linesOf = (driver: Driver, rule: string): ReadonlyArray<unknown> =>
  driver.row(rule).actions.map(({ input }) => input["command"])
const problemsOf = (text: string, of = false): ReadonlyArray<string> =>
  readRules("team.toml", text, { workspace: of }).problems.map(showRuleProblem)

const migrate = `
[[reflex]]
name = "migrations-pulled"
reason = "the database lags behind what was pulled"
when = "head.moved"
how = ["pull", "merge", "checkout"]
files = ["migrations/**", "!**/*.md"]
title = "Run {count} new migrations: {files}"
run = "npm run migrate"
match = [{ files = ["migrations/1.sql", "a.ts"], how = "pull", gives = "npm run migrate", title = "Run 1 new migrations: migrations/1.sql" }]
no_match = [{ files = ["src/migrations.ts"] }, { files = ["migrations/a.md"] }, { files = ["migrations/1.sql"], how = "reset" }]
`

describe("what a user waits for", () => {
  it("a pull that touched files", () => {
    assert.deepStrictEqual(problemsOf(migrate), [])
    const driver = driverOf(migrate)
    driver.see("git.pull", moved(["src/a.ts"], driver))
    assert.deepStrictEqual(driver.rows, [])
    driver.see("git.pull", moved(["migrations/2.sql", "migrations/1.sql"], driver))
    const row = driver.row("migrations-pulled")
    assert.strictEqual(row.title, "Run 2 new migrations: migrations/2.sql, migrations/1.sql")
    assert.deepStrictEqual(linesOf(driver, "migrations-pulled"), ["npm run migrate"])
    assert.include(JSON.stringify(row.why), `migrations-pulled of ${file}`)
    run(driver, "npm run migrate")
    assert.strictEqual(driver.row("migrations-pulled").state, "expired")
  })
  it("nothing that the log heard long after", () => {
    const driver = driverOf(migrate)
    const late = {
      ...moved(["migrations/1.sql"], driver),
      at: new Date(driver.nowMs - 3_600_000).toISOString(),
    }
    driver.see("git.pull", late)
    assert.deepStrictEqual(driver.rows, [])
  })
  it("a saved file, a commit on a branch, something large that is staged", () => {
    const driver = driverOf(`
[[reflex]]
name = "prisma"
when = "files.settled"
files = "schema.prisma"
title = "Generate the client of {file}"
run = "npx prisma generate --schema {file}"
[[reflex]]
name = "docs-on-main"
when = "commit.made"
branch = ["main", "release/*"]
files = "docs/"
title = "{files} went to {branch}: tell the writers"
note = "{subject}"
[[reflex]]
name = "huge"
when = "index.staged"
larger_than = "10MB"
title = "{file} is large"
[[reflex]]
name = "generated"
when = "commit.made"
uncommitted = "src/gen/**"
title = "{uncommitted} is generated, and not in the commit"
`)
    save(driver, "db/schema.prisma")
    driver.advance(20_000)
    assert.deepStrictEqual(linesOf(driver, "prisma"), ["npx prisma generate --schema db/schema.prisma"])
    driver.see("git.commit", commit(["docs/a/b.md", "x.ts"]))
    const row = driver.row("docs-on-main")
    assert.strictEqual(row.mode, "notify")
    assert.strictEqual(row.title, "docs/a/b.md went to main: tell the writers")
    assert.include(JSON.stringify(row.why), "Told of it")
    assert.strictEqual(driver.row("generated").title, "src/gen/api.ts is generated, and not in the commit")
    driver.see("git.commit", commit(["docs/a.md"], { branch: "topic", sha: "d".repeat(40) }))
    assert.strictEqual(driver.rows.filter(({ rule }) => rule === "docs-on-main").length, 1)
    driver.see("git.staged", stagedEvent("film.mov", "a.ts"))
    assert.strictEqual(driver.row("huge").title, "film.mov is large")
  })
  it("a command, by its words, its output, its end", () => {
    const driver = driverOf(`
[[reflex]]
name = "no-target"
when = "command.failed"
command = "make ..."
says = "No rule to make target '{target}'"
title = "{target} is no target: list them"
run = "make -qp {target}"
[[reflex]]
name = "took-long"
when = "command.done"
min_duration = "5m"
title = "{line} took {minutes} min, exit {exit}"
`)
    run(driver, "make -j8 out/x.o | tee log", 2, {
      output: "make: *** No rule to make target 'out/x.o'.  Stop.\n",
      durationMs: 4 * 60_000,
    })
    assert.deepStrictEqual(linesOf(driver, "no-target"), ["make -qp out/x.o"])
    assert.strictEqual(driver.rows.filter(({ rule }) => rule === "took-long").length, 0)
    run(driver, "./import.sh", 0, { durationMs: 6 * 60_000 })
    assert.strictEqual(driver.row("took-long").title, "./import.sh took 6 min, exit 0")
  })
  it("in its own workspace only, and the same on a replay", () => {
    const elsewhere = driverOf(migrate, "/elsewhere")
    elsewhere.see("git.pull", moved(["migrations/1.sql"], elsewhere))
    assert.deepStrictEqual(elsewhere.rows, [])
    const here = driverOf(migrate, workspace)
    here.see("git.pull", moved(["migrations/1.sql"], here))
    assert.strictEqual(here.rows.length, 1)
    const replayed = here.events.reduce(replayWith(here.projection), emptyReplay(1))
    assert.isNull(replayed.difference)
    assert.isAbove(replayed.decisions, 0)
  })
  it("of one name in two workspaces each in its own", () => {
    const driver = driverOf(migrate, "/elsewhere")
    with_(
      driver,
      migrate
        .replace('run = "npm run migrate"', 'run = "make migrate"')
        .replaceAll(/^(?:no_)?match = .*$/gm, ""),
      workspace,
    )
    driver.see("git.pull", moved(["migrations/1.sql"], driver))
    assert.deepStrictEqual(linesOf(driver, "migrations-pulled"), ["make migrate"])
    driver.see("git.pull", moved(["migrations/1.sql"], driver), { workspace: "/elsewhere" })
    assert.deepStrictEqual(
      driver.rows.map((row) => row.actions[0]?.input["command"]),
      ["make migrate", "npm run migrate"],
    )
  })
  it("once a branch is once, also when it ended meanwhile", () => {
    const rule = `[[reflex]]\nname = "r"\nwhen = "head.moved"\ntitle = "on {branch}"\nonce_per = "branch"\n`
    const driver = driverOf(rule)
    driver.see("git.pull", moved(["a"], driver))
    const { id } = driver.row("r")
    driver.advance(60_000)
    driver.answer(id, "approval.rejected", { suggestion: id, reason: "no", surface: "cli" } as never)
    driver.see("git.pull", moved(["b"], driver))
    assert.strictEqual(driver.rows.length, 1)
    assert.match(driver.silence("r"), /said before/)
  })
})

describe("what it may not", () => {
  const failing = (rest: string, output: string): Driver => {
    const driver = driverOf(
      `[[reflex]]\nname = "r"\nwhen = "command.failed"\nsays = "lost {x}"\ntitle = "t {x}"\n${rest}\n`,
    )
    run(driver, "x", 1, { output })
    return driver
  }
  it("put hostile words into a line", () => {
    for (const word of ["$(id)", "a;id", "`id`", "|id", "--force", "a\u202eb"])
      assert.deepStrictEqual(failing(`run = "see {x}"`, `lost ${word}.`).rows, [], word)
    assert.deepStrictEqual(linesOf(failing(`run = "see {x}"`, "lost a/b.c."), "r"), ["see a/b.c"])
  })
  it("make ready what cannot be taken back", () => {
    const row = failing(`run = "git push --force"`, "lost it.").row("r")
    assert.strictEqual(row.mode, "question")
    assert.deepStrictEqual(row.actions, [])
    assert.deepStrictEqual(
      row.alternatives[0]?.map(({ input }) => input["command"]),
      ["git push --force"],
    )
  })
  it("be urgent, unless it is the user's own", () => {
    const text = `[[reflex]]\nname = "r"\nwhen = "head.moved"\ntitle = "t"\nurgent = true\n`
    assert.deepStrictEqual(problemsOf(text), [])
    assert.deepStrictEqual(problemsOf(text, true), [
      "team.toml:5: reflex[0].urgent: only a rule of your own folder may be urgent, not a workspace's",
    ])
  })
})

describe("how it is written", () => {
  const rule = (rest: string): ReadonlyArray<string> =>
    problemsOf(`[[reflex]]\nname = "r"\ntitle = "t"\n${rest}`).map((line) => line.replace(/^[^ ]+ /, ""))
  it("every mistake has its place and what was meant", () => {
    assert.deepStrictEqual(problemsOf(migrate.replace("files =", "fils =")).slice(0, 1), [
      'team.toml:7: reflex[0].fils: unknown key, did you mean "files"?',
    ])
    assert.deepStrictEqual(problemsOf(migrate.replace(`gives =`, `givs =`)), [
      'team.toml:10: reflex[0].match[0].givs: unknown key, did you mean "gives"?',
    ])
    assert.deepStrictEqual(problemsOf(migrate.replace("{count}", "{cont}")), [
      "team.toml:8: reflex[0].title: {cont} is bound by nothing, did you mean {count}?",
    ])
    assert.deepStrictEqual(problemsOf(`[[reflx]]\nname = "x"\n`), [
      'team.toml:1: reflx: unknown key, did you mean "reflex"?',
    ])
    assert.deepStrictEqual(
      problemsOf(`${migrate}\n[[correction]]\nname = "migrations-pulled"\nprogram = "x"\nanswer = "y"`),
      ['team.toml:5: reflex[0].name: the name "migrations-pulled" is taken'].map((line) =>
        line.replace(":5:", ":3:"),
      ),
    )
  })
  it("conditions belong to their situations, and a rule is about something", () => {
    assert.deepStrictEqual(rule(`when = "commit.made"\nexit = 1`), [
      'reflex[0].exit: "exit" needs a command, not "commit.made"',
    ])
    assert.deepStrictEqual(rule(`when = "files.settled"`), [
      'reflex[0]: a rule about every "files.settled" would never be silent: add "files"',
    ])
    assert.deepStrictEqual(rule(`when = "remote.fetched"\nmode = "draft"`), [
      'reflex[0].mode: "draft" needs "run"',
    ])
    assert.deepStrictEqual(rule(`when = "remote.fetched"\nrun = "rm -rf / --no-preserve-root"`), [
      'reflex[0].run: "rm -rf / --no-preserve-root" is never offered',
    ])
    assert.strictEqual(rule(`when = "comit.made"`).length, 1)
  })
  it("is held to its examples", () => {
    assert.deepStrictEqual(problemsOf(migrate.replace(`gives = "npm run migrate"`, `gives = "x"`)), [
      'team.toml:10: reflex[0].match[0].gives: it gives "npm run migrate", not "x"',
    ])
    assert.deepStrictEqual(problemsOf(migrate.replace("src/migrations.ts", "migrations/x.ts")), [
      'team.toml:11: reflex[0].no_match[0]: it says "Run 1 new migrations: migrations/x.ts", and should be silent',
    ])
  })
  it("paths by pattern", () => {
    const chosen = (patterns: ReadonlyArray<string>, ...paths: ReadonlyArray<string>) =>
      compileGlobs(patterns)(paths)
    assert.deepStrictEqual(chosen(["*.ts"], "a.ts", "b/c.ts", "a.tsx"), ["a.ts", "b/c.ts"])
    assert.deepStrictEqual(chosen(["/*.ts"], "a.ts", "b/c.ts"), ["a.ts"])
    assert.deepStrictEqual(chosen(["a/**/z"], "a/z", "a/b/c/z", "b/a/z", "a/zz"), ["a/z", "a/b/c/z"])
    assert.deepStrictEqual(chosen(["docs/"], "docs/a", "docs/a/b", "docs", "x/docs/a"), [
      "docs/a",
      "docs/a/b",
    ])
    assert.deepStrictEqual(chosen(["a?c", "!abc"], "abc", "axc", "ac"), ["axc"])
    assert.deepStrictEqual(chosen(["a.b"], "axb", "a.b"), ["a.b"])
    assert.isTrue(nameFits(["release/*"], "release/1/2"))
    assert.isFalse(nameFits(["main"], "maine"))
  })
})
