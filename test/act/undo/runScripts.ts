/**
 * Runs random scripts with the real tools on real repositories, takes every call back, newest first, and compares the
 * world with what it was before that call. What is drawn depends on the seed alone.
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import * as fc from "fast-check"
import type { ToolContext, ToolPlan, ToolResult } from "../../../src/act/Tool.ts"
import { undoOf, withTools, type Tools } from "../toolFixture.ts"
import { differences, factsOf, gitFactsOf, indexOf, sameStaged, type Facts } from "./facts.ts"
import { commandOf, notUtf8, script, stepsOf, type Call, type Script } from "./scripts.ts"
import { removeTree } from "../../removeTree.ts"

export interface Mismatch {
  readonly index: number
  readonly script: Script
  readonly call: number
  readonly what: ReadonlyArray<string>
}
export interface Outcome {
  readonly scripts: number
  readonly calls: number
  readonly steps: number
  /** Calls that changed something, and so had something to take back. */
  readonly changing: number
  readonly sandboxed: number
  readonly mismatches: ReadonlyArray<Mismatch>
}

const envOf = (home: string): Record<string, string> => ({
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: home,
  GIT_EDITOR: "true",
  LC_ALL: "C.UTF-8",
})

/** A repository with one of everything, made once and copied for each script. */
const template = (folder: string, env: Record<string, string>): void => {
  fs.mkdirSync(folder)
  const git = (...args: ReadonlyArray<string>) =>
    execFileSync("git", args, { cwd: folder, env, stdio: ["ignore", "ignore", "ignore"] })
  const put = (name: string, content: string): void => {
    const path = Buffer.from(`${folder}/${name}`, "latin1")
    fs.mkdirSync(path.subarray(0, path.lastIndexOf("/")), { recursive: true })
    fs.writeFileSync(path, Buffer.from(content, "latin1"))
  }
  git("init", "-q", "-b", "main")
  fs.rmSync(join(folder, ".git/hooks"), { recursive: true })
  put(".gitignore", "*.log\nbuild/\n")
  put("a.txt", "one\ntwo\nthree\n")
  put("b.bin", "\x00\x01\x02\xff")
  put("crlf.txt", "one\r\ntwo\r\n")
  put("empty", "")
  put("run.sh", "#!/bin/sh\n")
  fs.chmodSync(join(folder, "run.sh"), 0o755)
  fs.symlinkSync("a.txt", join(folder, "link"))
  put("dir/c", "c\n")
  put("dir/deep/e", "e\n")
  put(notUtf8, "name\n")
  git("add", "-A")
  git("commit", "-qm", "one")
  git("switch", "-qc", "topic")
  put("a.txt", "one\ntopic\nthree\n")
  put("dir/d", "d\n")
  git("add", "-A")
  git("commit", "-qm", "two")
  git("switch", "-q", "main")
  put("a.txt", "one\nmain\nthree\n")
  git("commit", "-qam", "three")
  git("tag", "-a", "-m", "a tag", "v1")
  git("pack-refs", "--all")
  git("branch", "other", "HEAD~1")
  put("a.txt", "stashed\n")
  git("stash", "-q")
  put("dir/c", "staged\n")
  git("add", "dir/c")
  put("crlf.txt", "changed\r\n")
  put("untracked", "untracked\n")
  put("ignored.log", "ignored\n")
  put("build/out.o", "\x7fELF")
}

const fast = (): string => (fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir())

const workspaceOf = ({ place }: Tools): string => place.workspace

const contextFor = (call: Call, tools: Tools, sandboxed: boolean): Partial<ToolContext> => ({
  permits: {
    write: call.tool === "bash" ? [workspaceOf(tools)] : [],
    network: false,
    hosts: [],
    shell: true,
    unsandboxed: !sandboxed,
  },
  timeoutMs: 60_000,
})

interface World {
  readonly facts: Facts
  readonly index: Buffer | null
}
const worldOf = (workspace: string): World => ({ facts: factsOf(workspace), index: indexOf(workspace) })

/** Runs the calls one after the other; what cannot be planned (nothing to edit, say) is passed over. */
const runScript = Effect.fnUntraced(function* (
  all: Script,
  tools: Tools,
  options: { readonly sandboxed: boolean; readonly thorough: boolean; readonly env: Record<string, string> },
) {
  const { env, sandboxed, thorough } = options
  const workspace = workspaceOf(tools)
  const done: Array<{
    readonly call: number
    readonly plan: ToolPlan
    readonly result: Pick<ToolResult, "after" | "refs" | "kept">
    readonly before: World
  }> = []
  let before = worldOf(workspace)
  const throughGit = thorough ? gitFactsOf(workspace, env) : null
  let changing = 0
  for (const [index, call] of all.entries()) {
    const input = call.tool === "bash" ? { command: commandOf(call.lines) } : call.input
    const planned = yield* Effect.result(tools.plan(call.tool, input, contextFor(call, tools, sandboxed)))
    if (planned._tag === "Failure") continue
    const plan = planned.success
    if (!plan.undo.possible)
      return {
        changing,
        what: [`${call.tool} says it cannot be taken back: ${plan.undo.reason}`],
        call: index,
      }
    const ran = yield* Effect.result(plan.run)
    const result = ran._tag === "Success" ? ran.success : yield* plan.aftermath
    const after = worldOf(workspace)
    if (
      differences(before.facts, after.facts).length > 0 ||
      before.index?.equals(after.index ?? Buffer.alloc(0)) !== true
    )
      changing++
    done.push({ call: index, plan, result, before })
    before = after
  }
  for (const { before: wanted, call, plan, result } of done.reverse()) {
    const undone = yield* Effect.result(undoOf(tools.place, plan, result))
    if (undone._tag === "Failure")
      return { changing, what: [`it was refused: ${undone.failure.message}`], call }
    const found = worldOf(workspace)
    const what = [
      ...differences(wanted.facts, found.facts),
      ...(sameStaged(workspace, wanted.index, found.index, env) ? [] : ["something else is staged"]),
    ]
    if (what.length > 0) return { changing, what, call }
  }
  if (throughGit === null) return { changing, what: [], call: 0 }
  const git = gitFactsOf(workspace, env)
  return {
    changing,
    what: throughGit.flatMap((fact, n) => (fact === git[n] ? [] : [`git: ${fact} became ${git[n]}`])),
    call: 0,
  }
})

export interface RunOptions {
  readonly scripts: number
  readonly seed: number
  /** Every so-many-th script runs its commands in the sandbox; the others without one. */
  readonly sandboxEvery: number
  readonly only?: number
  readonly concurrency: number
  readonly say: (line: string) => void
}

/** One script by its number, so that a single one can be run again. */
const scriptAt = (seed: number, index: number): Script => {
  const mixed = createHash("sha256").update(`${seed} ${index}`).digest().readInt32LE(0)
  return fc.sample(script, { seed: mixed, numRuns: 1 })[0]!
}

const tally = (): {
  calls: number
  steps: number
  changing: number
  sandboxed: number
  mismatches: Array<Mismatch>
} => ({
  calls: 0,
  steps: 0,
  changing: 0,
  sandboxed: 0,
  mismatches: [],
})

/** One worker: its own place, emptied and filled again for each script. */
const worker = (
  queue: Iterator<number>,
  sandboxed: boolean,
  options: RunOptions,
  sum: ReturnType<typeof tally>,
) =>
  withTools(
    (tools) =>
      Effect.gen(function* () {
        const workspace = workspaceOf(tools)
        const env = envOf(tools.place.home)
        const original = join(tools.place.folder, "original")
        template(original, env)
        for (let next = queue.next(); next.done !== true; next = queue.next()) {
          const index = next.value
          const all = scriptAt(options.seed, index)
          removeTree(workspace)
          execFileSync("cp", ["-a", original, workspace])
          const found = yield* runScript(all, tools, { sandboxed, thorough: index % 20 === 0, env })
          sum.calls += all.length
          sum.steps += stepsOf(all)
          sum.changing += found.changing
          if (sandboxed) sum.sandboxed++
          if (found.what.length > 0) {
            const { call, what } = found
            sum.mismatches.push({ index, script: all, call, what })
            options.say(
              `script ${index} of seed ${options.seed}, call ${call}: ${what.join("; ")}\n${JSON.stringify(all)}`,
            )
          }
          if (index > 0 && index % 500 === 0)
            options.say(`${index} scripts, ${sum.mismatches.length} mismatches`)
        }
      }),
    { base: fast(), ...(sandboxed ? {} : { program: "/nonexistent/bwrap" }) },
  )

function* numbers(options: RunOptions, sandboxed: boolean): Generator<number, undefined> {
  for (let index = 0; index < options.scripts; index++) {
    if (options.only !== undefined && index !== options.only) continue
    if ((index % options.sandboxEvery === 0) === sandboxed) yield index
  }
}

export const runScripts = Effect.fnUntraced(function* (options: RunOptions) {
  const sum = tally()
  const inside = numbers(options, true)
  const outside = numbers(options, false)
  yield* Effect.all(
    [
      worker(inside, true, options, sum),
      ...Array.from({ length: options.concurrency }, () => worker(outside, false, options, sum)),
    ],
    { concurrency: "unbounded", discard: true },
  )
  return { scripts: options.only === undefined ? options.scripts : 1, ...sum } satisfies Outcome
})
