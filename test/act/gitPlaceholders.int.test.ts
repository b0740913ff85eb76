/** Git beside other programs in the sandbox: places held shut are not seen as files, and whatever is really there is. */
import { execFileSync } from "node:child_process"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { Sandbox } from "../../src/act/Sandbox.ts"
import type { SandboxRun } from "../../src/act/sandboxRun.ts"
import { makePlace, put, sandboxOf, type Place } from "./sandboxFixture.ts"

const promise = <A>(run: () => Promise<A>) => Effect.promise(run)
const script = (place: Place, text: string, more: Partial<SandboxRun> = {}): SandboxRun => ({
  argv: ["bash", "--noprofile", "--norc", "-c", text],
  cwd: place.workspace,
  workspace: place.workspace,
  write: [place.workspace],
  protection: "everything",
  network: false,
  timeoutMs: 20_000,
  ...more,
})
const git = (place: Place, folder: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, {
    cwd: join(place.workspace, folder),
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: place.home },
  })

/** A repository with a commit, beside which nothing is held yet. */
const inRepository = (
  test: (
    place: Place,
    said: (run: SandboxRun) => Effect.Effect<string, unknown>,
    sandbox: Sandbox["Service"],
  ) => Effect.Effect<void, unknown>,
  more: { readonly excludes?: (place: Place) => string } = {},
) =>
  Effect.gen(function* () {
    const place = yield* makePlace
    git(place, "", "init", "-q")
    yield* promise(() => put(place, { "a.txt": "one\n" }))
    git(place, "", "add", "a.txt")
    git(place, "", "commit", "-qm", "first")
    const options = more.excludes === undefined ? {} : { excludes: more.excludes(place) }
    const context = yield* Layer.build(sandboxOf(place, options))
    const sandbox = yield* Effect.provide(Sandbox, context)
    const said = (run: SandboxRun) =>
      Effect.map(sandbox.run(run), (result) => {
        const text = result.output.finish((output) => output).output.head
        assert.strictEqual(result.exit, 0, text)
        return text
      })
    yield* test(place, said, sandbox)
  }).pipe(Effect.scoped)

const lines = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "")

describe("git in the sandbox, beside another program", () => {
  it.live("sees no placeholder, and sees every real file", () =>
    inRepository((place, said) =>
      Effect.gen(function* () {
        const status = "true; git status --porcelain --untracked-files=all"
        assert.strictEqual(yield* said(script(place, status)), "")
        yield* promise(() =>
          put(place, { ".npmrc": "x=1\n", ".claude/rules.md": "rule\n", "b.txt": "new\n", "a.txt": "two\n" }),
        )
        assert.deepStrictEqual(lines(yield* said(script(place, status))), [
          " M a.txt",
          "?? .claude/rules.md",
          "?? .npmrc",
          "?? b.txt",
        ])
        yield* said(
          script(place, "true; git add -A && git commit -qm second && git commit -qam none || true"),
        )
        assert.deepStrictEqual(lines(git(place, "", "ls-files")), [
          ".claude/rules.md",
          ".npmrc",
          "a.txt",
          "b.txt",
        ])
        assert.strictEqual(git(place, "", "status", "--porcelain"), "")
      }),
    ),
  )

  it.live("sees none that another running command holds", () =>
    inRepository((place, said, sandbox) =>
      Effect.gen(function* () {
        const begun = yield* Effect.promise(() => Promise.resolve(Promise.withResolvers<void>()))
        const other = yield* Effect.forkChild(
          sandbox.run(
            script(place, "echo begun; exec sleep 60", {
              onOutput: () => begun.resolve(),
              timeoutMs: 60_000,
            }),
          ),
        )
        yield* Effect.raceFirst(
          promise(() => begun.promise),
          Effect.andThen(Fiber.join(other), Effect.die("it ended before it began")),
        )
        yield* said(script(place, "git add -A", { protection: "git" }))
        assert.deepStrictEqual(lines(git(place, "", "ls-files")), ["a.txt"])
        yield* Fiber.interrupt(other)
      }),
    ),
  )

  it.live("goes on by the user's own ignore file, and leaves the repository's files as they are", () =>
    inRepository(
      (place, said) =>
        Effect.gen(function* () {
          yield* promise(async () => {
            await writeFile(join(place.home, "my-ignores"), "*.swp\n!/.claude\n")
            await put(place, { "x.swp": "", "c.txt": "" })
          })
          const before = yield* promise(() =>
            readFile(join(place.workspace, ".git", "info", "exclude"), "utf8"),
          )
          const config = yield* promise(() => readFile(join(place.workspace, ".git", "config"), "utf8"))
          assert.deepStrictEqual(lines(yield* said(script(place, "true; git status --porcelain"))), [
            "?? c.txt",
          ])
          assert.strictEqual(
            yield* promise(() => readFile(join(place.workspace, ".git", "info", "exclude"), "utf8")),
            before,
          )
          assert.strictEqual(
            yield* promise(() => readFile(join(place.workspace, ".git", "config"), "utf8")),
            config,
          )
        }),
      { excludes: (place) => join(place.home, "my-ignores") },
    ),
  )

  it.live("hides nothing in another repository below, and keeps settings a command brings", () =>
    inRepository((place, said) =>
      Effect.gen(function* () {
        yield* promise(async () => {
          await mkdir(join(place.workspace, "sub"))
          await put(place, { "sub/.claude/rules.md": "rule\n", "sub/.npmrc": "" })
        })
        git(place, "sub", "init", "-q")
        const run = script(place, "true; git -C sub status --porcelain -uall; git config claw.test", {
          env: { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "claw.test", GIT_CONFIG_VALUE_0: "kept" },
        })
        assert.deepStrictEqual(lines(yield* said(run)), ["?? .claude/rules.md", "?? .npmrc", "kept"])
      }),
    ),
  )

  it.live("sees none in a worktree of a repository that lies elsewhere", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const main = join(place.folder, "main")
      yield* promise(() => mkdir(main))
      git(place, "../../main", "init", "-q")
      git(place, "../../main", "commit", "-qm", "first", "--allow-empty")
      git(place, "../../main", "worktree", "add", "-q", join(place.workspace, "tree"))
      const tree = { ...place, workspace: join(place.workspace, "tree") }
      const sandbox = yield* Effect.provide(Sandbox, yield* Layer.build(sandboxOf(place)))
      yield* promise(() => put(tree, { "b.txt": "new\n" }))
      const result = yield* sandbox.run(script(tree, "true; git status --porcelain"))
      assert.strictEqual(result.output.finish((output) => output).output.head, "?? b.txt\n")
    }).pipe(Effect.scoped),
  )
})
