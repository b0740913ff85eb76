/** A repository made to harm is opened, watched and worked in with the settings as they come: nothing it asks for happens. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ndjson } from "../cli/claws.ts"
import { injection, makeHostile, ranMark } from "./hostileRepository.ts"
import { isInstalled } from "./Shell.ts"
import { openScene, type Scene } from "./Scene.ts"

// eslint-disable-next-line no-control-regex
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202e]/u

/** What a person would call to look around; the exit that is right. */
const looks: ReadonlyArray<readonly [ReadonlyArray<string>, number]> = [
  [["read_file", "path=README.md"], 0],
  [["read_file", "path=x.ts"], 0],
  [["read_file", "path=key.txt"], 5],
  [["read_file", "path=users.txt"], 5],
  [["read_file", "path=docs/id_ed25519"], 5],
  [["glob_search", "pattern=**/*"], 0],
  // links in the tree lead to what must not be read: a person is asked before it is searched
  [["grep_search", "pattern=IMPORTANT", "output_mode=content"], 6],
  [["grep_search", "pattern=never-to-be-read", "path=.git"], 6],
  [["write_file", "path=docs/authorized_keys", "content=x"], 5],
  [["write_file", "path=.envrc", "content=x"], 5],
  [["NotebookEdit", "notebook_path=book.ipynb", "cell_id=a", "new_source=1"], 6],
  [["lsp", "operation=diagnostics", "path=x.ts"], 6],
  [["bash", "command=npm test"], 6],
  [["bash", "command=make"], 6],
  [["bash", "command=ls -la"], 0],
]

const marksOf = (scene: Scene): string => join(scene.world.root, "marks")
/** The person's own git, told to run nothing: what is tested is what Claw runs. */
const safely =
  "git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c filter.evil.clean=cat -c filter.evil.smudge=cat -c core.pager=cat"

describe.skipIf(!isInstalled("zsh"))("a hostile repository", () => {
  it.live(
    "gets nothing it asks for",
    () =>
      Effect.gen(function* () {
        const scene = yield* openScene("zsh", (world) =>
          Effect.sync(() => makeHostile(world.repository, join(world.root, "marks"), world.env["HOME"]!)),
        )
        const { claw, log, shell, world } = scene
        const heard: Array<string> = []
        const run = (...args: ReadonlyArray<string>) => {
          const done = claw(...args)
          heard.push(done.stdout, done.stderr)
          assert.notMatch(done.stdout + done.stderr, raw, args.join(" "))
          return done
        }
        const sawFile = (path: string) =>
          log.until(
            `${path} was seen`,
            0,
            (event) =>
              event.type === "fs.changed" && event.payload.changes.some((change) => change.path === path),
          )

        // a day's work: files saved, commands that fail or are mistyped, commits
        writeFileSync(join(world.repository, "mine.ts"), "export const mine = 1\n")
        yield* sawFile("mine.ts")
        yield* shell.type("gti status")
        yield* shell.type(`sh -c 'cat README.md; exit 3'`)
        yield* shell.type(
          `${safely} add mine.ts x.ts && ${safely} commit -qm '${injection.slice(-80)}' --no-verify`,
        )
        yield* log.until("the commit was seen", 0, (event) => event.type === "git.commit")
        writeFileSync(join(world.repository, "last.ts"), injection)
        yield* sawFile("last.ts")

        for (const [args, exit] of looks) {
          const done = run("tool", "run", ...args)
          assert.strictEqual(done.exit, exit, `${args.join(" ")}: ${done.stdout}${done.stderr}`)
          assert.notInclude(done.stdout, "never-to-be-read")
        }
        for (const args of [
          ["tool", "run", "git", "operation=status"],
          ["tool", "run", "git", "operation=diff"],
          ["tool", "run", "bash", "command=git status"],
          ["tool", "run", "bash", "command=git diff"],
          ["status"],
          ["doctor"],
          ["queue"],
          ["log", "-n", "1000"],
          ["policy", "list"],
          ["config", "show"],
        ])
          run(...args)
        for (const row of ndjson(run("queue", "--json").stdout)) run("show", String(row["id"]))

        assert.deepStrictEqual(readdirSync(marksOf(scene)), [])
        assert.deepStrictEqual(
          heard.flatMap((text) => text.match(new RegExp(`${ranMark} \\S+`, "g")) ?? []),
          [],
        )
        for (const name of ["named-substitution", "named-ticks", "named-chain", "quote"])
          assert.notInclude(readdirSync(world.repository), name)
        const events = ndjson(run("log", "--json").stdout)
        const types = (type: string) => events.filter((event) => event["type"] === type)
        assert.deepStrictEqual(types("approval.approved"), [])
        assert.deepStrictEqual(types("daemon.trusted"), [])
        const started = types("tool.started").map(({ payload }) => (payload as { tool: string }).tool)
        const harmless = new Set(["read_file", "glob_search", "grep_search", "bash", "git"])
        assert.deepStrictEqual(
          started.filter((tool) => !harmless.has(tool)),
          [],
        )
        const allowed = types("policy.verdict").filter(
          ({ payload }) =>
            (payload as { verdict: { verdict: string; effects: ReadonlyArray<{ _tag: string }> } }).verdict
              .verdict === "allow",
        )
        for (const { payload } of allowed) {
          const { effects } = (payload as { verdict: { effects: ReadonlyArray<{ _tag: string }> } }).verdict
          assert.includeMembers(
            ["read", "exec"],
            effects.map(({ _tag }) => _tag),
          )
        }
        const rules = run("policy", "list", "--json").stdout
        assert.notInclude(rules, "trust me")
        assert.strictEqual(run("audit", "verify").exit, 0)
      }).pipe(Effect.scoped),
    180_000,
  )
})
