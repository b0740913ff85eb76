/**
 * What the sandbox costs a command: `true` inside, in a workspace that may be written, beside a bare spawn of the
 * same program, by turns in the same run. With the network open a program of its own comes before it, so that is a
 * row of its own.
 */
import { spawn } from "node:child_process"
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { type BenchRow, percentile, rounded } from "../domain/bench.ts"
import { Sandbox } from "./Sandbox.ts"
import type { SandboxRun } from "./sandboxRun.ts"

const program = "/usr/bin/true"

const bare = Effect.callback<void>((resume) => {
  spawn(program, [], { stdio: ["ignore", "pipe", "pipe"], cwd: "/" }).on("close", () => resume(Effect.void))
})

const timed = <E, R>(run: Effect.Effect<unknown, E, R>): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    const from = performance.now()
    return Effect.map(run, () => performance.now() - from)
  })

const overhead = (
  name: string,
  goal: number,
  [inside, outside]: readonly [ReadonlyArray<number>, ReadonlyArray<number>],
  share: number,
): BenchRow => {
  const [claw, peer] = [percentile(inside, share), percentile(outside, share)]
  return {
    name,
    claw: rounded(claw - peer),
    peer: "bare spawn",
    peerValue: rounded(peer),
    unit: "ms more",
    ratio: null,
    goal,
    met: claw - peer < goal,
  }
}

/** A repository as many are: some dozens of folders, files that run later. */
const workspaceIn = (folder: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const workspace = await realpath(await mkdtemp(join(folder, "claw-bench-sandbox-")))
      for (const path of [".git/hooks", ".git/objects", ".git/refs", ".github", ".vscode"]) {
        await mkdir(join(workspace, path), { recursive: true })
      }
      for (let index = 0; index < 60; index++) {
        await mkdir(join(workspace, "src", `part${index % 8}`, `of${index}`), { recursive: true })
      }
      for (const path of [".git/HEAD", ".git/config", ".npmrc"]) await writeFile(join(workspace, path), "")
      return workspace
    }),
    (workspace) => Effect.promise(() => rm(workspace, { recursive: true, force: true })),
  )

export const benchSandbox = Effect.fn("bench.sandbox")(function* (options: {
  readonly scratch: string
  readonly rounds: number
}) {
  const sandbox = yield* Sandbox
  const state = yield* sandbox.state
  if (state._tag === "unavailable") return yield* Effect.die(new Error(`no sandbox here: ${state.reason}`))
  const workspace = yield* workspaceIn(options.scratch)
  const command: SandboxRun = {
    argv: [program],
    cwd: workspace,
    workspace,
    write: [workspace],
    protection: "everything",
    network: false,
    timeoutMs: 20_000,
  }
  const byTurns = Effect.fnUntraced(function* (run: SandboxRun, rounds: number) {
    const inside: Array<number> = []
    const outside: Array<number> = []
    for (let round = -3; round < rounds; round++) {
      const [with_, without] = [yield* timed(sandbox.run(run)), yield* timed(bare)]
      if (round < 0) continue
      inside.push(with_)
      outside.push(without)
    }
    return [inside, outside] as const
  })
  const plain = yield* byTurns(command, options.rounds)
  const networked = yield* byTurns({ ...command, network: true }, Math.ceil(options.rounds / 5))
  return [
    overhead("sandbox.overhead", 30, plain, 0.5),
    overhead("sandbox.overhead_p95", 30, plain, 0.95),
    overhead("sandbox.with_network", 250, networked, 0.5),
  ]
}, Effect.scoped)
