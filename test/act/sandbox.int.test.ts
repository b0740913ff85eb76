/** The sandbox for real: what a command sees, may write and reach, and what it may take of the machine. */
import { chmod, lstat, mkdir, readFile, readdir, symlink, utimes, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { Sandbox } from "../../src/act/Sandbox.ts"
import type { SandboxRun } from "../../src/act/sandboxRun.ts"
import { makePlace, put, sandboxOf, withSandbox, type Place } from "./sandboxFixture.ts"

const command = (place: Place, script: string, more: Partial<SandboxRun> = {}): SandboxRun => ({
  argv: ["bash", "--noprofile", "--norc", "-c", script],
  cwd: place.workspace,
  workspace: place.workspace,
  write: [],
  protection: "everything",
  network: false,
  timeoutMs: 20_000,
  ...more,
})
const outputOf = (sandbox: Sandbox["Service"], run: SandboxRun) =>
  sandbox
    .run(run)
    .pipe(Effect.map((result) => ({ exit: result.exit, text: result.output.finish((t) => t).output.head })))
const promise = <A>(run: () => Promise<A>) => Effect.promise(run)

describe("Sandbox", () => {
  it.live("passes its own escape tests and says so", () =>
    withSandbox((_, sandbox) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* sandbox.state)._tag, "available")
        const tests = yield* sandbox.selfTest
        assert.deepStrictEqual(
          tests.filter((test) => !test.held),
          [],
        )
        assert.isAbove(tests.length, 10)
      }),
    ),
  )

  it.live("reads the workspace, writes nothing without a grant", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        yield* promise(() => put(place, { "a.txt": "hello\n" }))
        const run = yield* outputOf(sandbox, command(place, "cat a.txt; echo x > a.txt; echo y > b.txt"))
        assert.match(run.text, /^hello\n/)
        assert.match(run.text, /Read-only file system/)
        assert.deepStrictEqual(yield* promise(() => readdir(place.workspace)), ["a.txt"])
      }),
    ),
  )

  it.live("writes exactly where it was granted", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        yield* promise(() => put(place, { "dist/old": "", "src/a": "" }))
        const write = [join(place.workspace, "dist")]
        yield* outputOf(sandbox, command(place, "echo x > dist/new; echo x > src/b; rm src/a", { write }))
        assert.deepStrictEqual(yield* promise(() => readdir(join(place.workspace, "dist"))), ["new", "old"])
        assert.deepStrictEqual(yield* promise(() => readdir(join(place.workspace, "src"))), ["a"])
      }),
    ),
  )

  it.live("shows neither home, credentials, Claw's folders nor the daemon's environment", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        yield* promise(async () => {
          await mkdir(join(place.home, ".ssh"))
          await writeFile(join(place.home, ".ssh", "id"), "KEYBYTES")
          await writeFile(join(place.home, "notes"), "HOMEBYTES")
          await writeFile(join(place.hidden, "log"), "LOGBYTES")
        })
        const all = `cat ~/.ssh/id ~/notes ${place.hidden}/log /etc/shadow; env; cat /proc/*/environ; ls -la ~`
        const run = yield* outputOf(sandbox, command(place, all))
        assert.notMatch(run.text, /KEYBYTES|HOMEBYTES|LOGBYTES|planted|root:[^:]*:\d+:/)
        assert.include(run.text, "CLAW_AGENT=1")
      }),
    ),
  )

  it.live("covers credentials and Claw's folders where the workspace itself holds them", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const inHome = { ...place, workspace: place.home }
      const context = yield* Layer.build(sandboxOf(inHome))
      const sandbox = yield* Effect.provide(Sandbox, context)
      yield* promise(async () => {
        await mkdir(join(place.home, ".ssh"))
        await writeFile(join(place.home, ".ssh", "id"), "KEYBYTES")
        await writeFile(join(place.home, ".netrc"), "NETRCBYTES")
        await writeFile(join(place.hidden, "log"), "LOGBYTES")
        await writeFile(join(place.home, "seen"), "SEENBYTES")
      })
      const run = yield* outputOf(
        sandbox,
        command(
          inHome,
          `cat ~/.ssh/id ~/.netrc ${place.hidden}/log seen; echo x >> ~/.bashrc; echo x > ~/.ssh/new`,
          {
            write: [place.home],
          },
        ),
      )
      assert.match(run.text, /SEENBYTES/)
      assert.notMatch(run.text, /KEYBYTES|NETRCBYTES|LOGBYTES/)
      assert.deepStrictEqual(yield* promise(() => readdir(join(place.home, ".ssh"))), ["id"])
      assert.notInclude(yield* promise(() => readdir(place.home)), ".bashrc")
    }).pipe(Effect.scoped),
  )

  it.live("keeps files that run later as they are, also those that do not exist yet", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        yield* promise(() =>
          put(place, {
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/config": "[core]\n",
            ".git/hooks/pre-commit.sample": "",
            ".git/modules/sub/HEAD": "x",
            ".git/modules/sub/config": "[core]\n",
            ".husky/pre-push": "old",
            "nested/.git/HEAD": "x",
            "nested/.git/config": "[core]\n",
            "nested/.git/hooks/x": "",
          }),
        )
        const before = yield* promise(() => readdir(place.workspace, { recursive: true }))
        const attacks = [
          "echo x > .git/hooks/post-checkout",
          "echo x >> .git/config",
          "rm -rf .git/hooks",
          "mv .git .git2",
          "mv .git/hooks .git/h2",
          "mv .git/modules .git/m2",
          "echo x >> .git/modules/sub/config",
          "echo x > .git/config.worktree",
          "echo ../evil > .git/commondir",
          "echo x > .husky/pre-push",
          "mv .husky .h2",
          "echo x > .npmrc",
          "mkdir -p .vscode",
          "mkdir -p .github/workflows",
          "ln -s /tmp .envrc",
          "rm -f .npmrc && echo x > .npmrc",
          "echo x >> nested/.git/config",
          "mv nested/.git nested/g2",
          "echo x > nested/.git/hooks/pre-commit",
        ]
        yield* outputOf(sandbox, command(place, attacks.join("; "), { write: [place.workspace] }))
        const after = yield* promise(() => readdir(place.workspace, { recursive: true }))
        assert.deepStrictEqual([...after].sort(), [...before].sort())
        const read = (name: string) => promise(() => readFile(join(place.workspace, name), "utf8"))
        assert.strictEqual(yield* read(".git/config"), "[core]\n")
        assert.strictEqual(yield* read(".git/modules/sub/config"), "[core]\n")
        assert.strictEqual(yield* read("nested/.git/config"), "[core]\n")
        assert.strictEqual(yield* read(".husky/pre-push"), "old")
      }),
    ),
  )

  it.live("refuses to open a workspace whose protected file is a link", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        yield* promise(() => symlink("/tmp", join(place.workspace, ".husky")))
        const error = yield* Effect.flip(sandbox.run(command(place, "true", { write: [place.workspace] })))
        assert.deepStrictEqual([error.reason, /symbolic link/.test(error.message)], ["refused", true])
      }),
    ),
  )

  it.live("two commands at once share the placeholders, the last takes them away", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const write = [place.workspace]
        const wait = "touch started; while ! [ -e go ]; do sleep 0.01; done; echo x > .npmrc"
        const first = yield* sandbox
          .run(command(place, wait, { write }))
          .pipe(Effect.forkChild({ startImmediately: true }))
        while (!(yield* promise(() => readdir(place.workspace))).includes("started")) {
          yield* Effect.sleep("5 millis")
        }
        yield* sandbox.run(command(place, "touch go2", { write }))
        assert.isTrue((yield* promise(() => lstat(join(place.workspace, ".npmrc")))).isFile())
        yield* promise(() => writeFile(join(place.workspace, "go"), ""))
        yield* Fiber.join(first)
        assert.deepStrictEqual(yield* promise(() => readdir(place.workspace)), ["go", "go2", "started"])
      }),
    ),
  )

  it.live("sweeps a placeholder that a crash left, and spares an empty file of the user", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const left = join(place.workspace, ".npmrc")
        const mine = join(place.workspace, ".envrc")
        yield* promise(async () => {
          await put(place, { ".npmrc": "", ".envrc": "" })
          await chmod(left, 0o400)
          await utimes(left, 0, 0)
        })
        yield* sandbox.run(command(place, "true", { write: [place.workspace] }))
        assert.deepStrictEqual(yield* promise(() => readdir(place.workspace)), [".envrc"])
        assert.isTrue((yield* promise(() => lstat(mine))).isFile())
      }),
    ),
  )

  it.live("is swept without a command too, but not under one that runs", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const left = join(place.workspace, ".npmrc")
        yield* promise(async () => {
          await put(place, { ".npmrc": "", ".envrc": "" })
          await chmod(left, 0o400)
          await utimes(left, 0, 0)
        })
        yield* sandbox.sweep(place.workspace)
        assert.deepStrictEqual(yield* promise(() => readdir(place.workspace)), [".envrc"])
        const running = yield* sandbox
          .run(
            command(place, "touch started; while ! [ -e go ]; do sleep 0.01; done", {
              write: [place.workspace],
            }),
          )
          .pipe(Effect.forkChild({ startImmediately: true }))
        while (!(yield* promise(() => readdir(place.workspace))).includes("started")) {
          yield* Effect.sleep("5 millis")
        }
        yield* sandbox.sweep(place.workspace)
        assert.isTrue((yield* promise(() => lstat(left))).isFile())
        yield* promise(() => writeFile(join(place.workspace, "go"), ""))
        yield* Fiber.join(running)
        yield* sandbox.sweep(join(place.workspace, "gone"))
      }),
    ),
  )

  it.live("reaches no network and no socket of the host", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const socket = join(place.hidden, "daemon.sock")
        const abstract = `\0claw-test-${process.pid}`
        const servers = [createServer(), createServer(), createServer()]
        yield* promise(async () => {
          const listening = (server: ReturnType<typeof createServer>, at: string | number) =>
            new Promise<void>((done) => server.listen(at, () => done()))
          await listening(servers[0]!, socket)
          await listening(servers[1]!, abstract)
          await listening(servers[2]!, 0)
        })
        const port = (servers[2]!.address() as { port: number }).port
        const script = `
import socket
def attempt(name, family, address):
    try:
        s = socket.socket(family); s.settimeout(1); s.connect(address); print(name, "CONNECTED")
    except OSError as error: print(name, "no")
attempt("path", socket.AF_UNIX, ${JSON.stringify(socket)})
attempt("abstract", socket.AF_UNIX, "\\0claw-test-${process.pid}")
attempt("loopback", socket.AF_INET, ("127.0.0.1", ${port}))
attempt("metadata", socket.AF_INET, ("169.254.169.254", 80))
try:
    socket.socket(40, 1); print("vsock CONNECTED")
except OSError: print("vsock no")
`
        const python = { argv: ["python3", "-c", script] }
        const closed = yield* outputOf(sandbox, command(place, "", python))
        assert.deepStrictEqual(closed.text.match(/CONNECTED/g), null)
        assert.match(closed.text, /loopback no/)
        const open = yield* outputOf(sandbox, command(place, "", { ...python, network: true }))
        assert.deepStrictEqual(open.text.match(/CONNECTED/g), null)
        assert.match(open.text, /loopback no/)
        for (const server of servers) server.close()
      }),
    ),
  )

  it.live("leaves no process behind, also none that left its session", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const file = join(place.workspace, "beat")
        const beat = `setsid bash -c 'while :; do echo x >> beat; sleep 0.02; done' & while ! [ -s beat ]; do sleep 0.01; done`
        yield* sandbox.run(command(place, beat, { write: [place.workspace] }))
        const size = (yield* promise(() => lstat(file))).size
        yield* sandbox.run(command(place, "sleep 0.1"))
        assert.strictEqual((yield* promise(() => lstat(file))).size, size)
      }),
    ),
  )

  it.live("lets a command clean up at SIGTERM and ends one that does not", () =>
    withSandbox((place, sandbox) =>
      Effect.gen(function* () {
        const polite = yield* sandbox.run(
          command(place, "trap 'echo cleaned; exit 3' TERM; while :; do sleep 0.02; done", {
            timeoutMs: 1500,
          }),
        )
        assert.deepStrictEqual([polite.timedOut, polite.exit], [true, 3])
        assert.include(polite.output.finish((t) => t).output.head, "cleaned\n")
        const deaf = yield* sandbox.run(
          command(place, "trap '' TERM; while :; do sleep 0.02; done", { timeoutMs: 200 }),
        )
        assert.isTrue(deaf.timedOut)
      }),
    ),
  )

  it.live("has toolchains of PATH below the home, read-only", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const bin = join(place.home, ".nvm", "versions", "v1", "bin")
      yield* promise(async () => {
        await mkdir(bin, { recursive: true })
        await writeFile(join(bin, "mytool"), "#!/bin/sh\necho from the toolchain\n")
        await chmod(join(bin, "mytool"), 0o755)
      })
      const context = yield* Layer.build(
        Sandbox.layer({
          home: place.home,
          environment: { PATH: `${bin}:/usr/bin:/bin` },
          hidden: [],
          temporary: join(place.folder, "tmp"),
          holdsSecret: () => false,
        }),
      )
      const sandbox = yield* Effect.provide(Sandbox, context)
      const run = yield* outputOf(sandbox, command(place, `mytool; echo x > ${bin}/mytool; echo $?`))
      assert.match(run.text, /^from the toolchain\n/)
      // its complaint and its exit come through two pipes, in either order
      assert.match(run.text, /\n1\n/)
    }).pipe(Effect.scoped),
  )

  it.live("without bubblewrap it refuses and says why", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const context = yield* Layer.build(sandboxOf(place, { program: "/nonexistent/bwrap" }))
      const sandbox = yield* Effect.provide(Sandbox, context)
      assert.deepStrictEqual(yield* sandbox.state, {
        _tag: "unavailable",
        reason: "bubblewrap: is not installed",
      })
      const error = yield* Effect.flip(sandbox.run(command(place, "true")))
      assert.strictEqual(error.reason, "refused")
    }).pipe(Effect.scoped),
  )

  it.live("a bubblewrap that confines nothing fails the self-test", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const fake = join(place.folder, "fake-bwrap")
      yield* promise(async () => {
        const script = `#!/bin/bash
while [ $# -gt 0 ] && [ "$1" != "--" ]; do [ "$1" = --chdir ] && cd "$2"; [ "$1" = --setenv ] && export "$2=$3"; shift; done
shift
exec "$@"
`
        await writeFile(fake, script)
        await chmod(fake, 0o755)
      })
      const context = yield* Layer.build(sandboxOf(place, { program: fake }))
      const state = yield* (yield* Effect.provide(Sandbox, context)).state
      assert.strictEqual(state._tag, "unavailable")
    }).pipe(Effect.scoped),
  )
})
