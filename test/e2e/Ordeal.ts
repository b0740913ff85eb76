/**
 * The daemon killed without warning, again and again, while a developer works: commands in a real shell, commits,
 * saves, failing checks, and approved actions that count how often they ran. The work goes on while it is down.
 * Hands back an account of what was done and what clients were told, for `accounting.ts` to hold against the log.
 */
import { Deferred, Effect, Fiber, Layer, Semaphore } from "effect"
import { execFile } from "node:child_process"
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { follow as followPast } from "../../src/cli/backtests.ts"
import { openShell } from "../../src/cli/DemoShell.ts"
import { Invocation } from "../../src/cli/Invocation.ts"
import { type Client, Session } from "../../src/cli/Session.ts"
import { makeWorld, type World } from "../../src/cli/ThrowAway.ts"
import { lockHolder } from "../../src/daemon/lockHolder.ts"
import type { Event } from "../../src/domain/event.ts"
import { isPlaceholder } from "../../src/domain/placeholder.ts"
import { follow, type Followed, isSuggested, type Suggested } from "./Followed.ts"
import { launcher } from "../launcher.ts"
import { asUser } from "./Scene.ts"
import { shownIn } from "../../src/rpc/shown.ts"

/** Where the kill falls. `approving`: the answer is on its way; `told`: some events later, wherever the rest is. */
const moments = ["approved", "started", "running", "finished", "approving", "told"] as const
type Moment = (typeof moments)[number]

export interface Approval {
  readonly token: string
  /** The client was told that it is approved. */
  acknowledged: boolean
}

/** What was done, and what clients were told of it. */
export interface Account {
  readonly commands: Array<string>
  readonly commits: Array<string>
  /** Suggestion -> its approval, as far as one was asked for. */
  readonly approvals: Map<string, Approval>
  /** seq -> the event a client was shown. */
  readonly told: Map<number, { readonly id: string; readonly hash: string }>
  readonly broken: Array<string>
  readonly startMs: Array<number>
  readonly caughtUpMs: Array<number>
  /** Git takes one at a time. */
  readonly committing: Semaphore.Semaphore
}

/** A check that fails for its user, and counts its runs where Claw runs it. */
const check = `#!/bin/sh
[ "$CLAW_AGENT" = 1 ] || exit 1
echo "start $1" >> runs.txt
sleep 0.2
echo "end $1" >> runs.txt
`

const prepare = Effect.fnUntraced(function* (world: World) {
  const tools = join(world.root, "tools")
  mkdirSync(tools)
  writeFileSync(join(tools, "eslint"), check)
  chmodSync(join(tools, "eslint"), 0o755)
  yield* world.write(".gitignore", "runs.txt\n")
  yield* world.write("src/part.js", "export const part = 0\n")
  yield* world.exec("git", "add", ".")
  yield* world.exec("git", "commit", "-qm", "begin")
})

const withTools = (world: World): World => ({
  ...world,
  env: { ...world.env, PATH: `${join(world.root, "tools")}:${world.env["PATH"]}` },
})

/** What the daemon printed: nothing, as long as all is well. */
const lastWords = (world: World): string => readFileSync(world.directories.daemonOutput, "utf8").slice(-4_000)

const connect = (world: World) =>
  Effect.gen(function* () {
    const from = performance.now()
    const context = yield* Layer.build(
      Layer.fresh(Session.layer).pipe(Layer.provide(Layer.succeed(Invocation, asUser(world)))),
    )
    const session = yield* Effect.provideContext(Session, context)
    const client = yield* session.ensure.pipe(
      Effect.catch(({ message }) => Effect.die(new Error(`${message}\n${lastWords(world)}`))),
    )
    const { pid } = yield* Effect.orDie(client.Status())
    return { session, client, pid, startMs: performance.now() - from }
  })

const commit = (world: World, account: Account, subject: string) =>
  account.committing.withPermit(
    Effect.gen(function* () {
      const { exit, output } = yield* world.exec("git", "commit", "-q", "--allow-empty", "-m", subject)
      if (exit !== 0) return yield* Effect.die(new Error(`git commit: ${output}`))
      account.commits.push((yield* world.exec("git", "rev-parse", "HEAD")).output.trim())
    }),
  )

type Bash = Effect.Success<ReturnType<typeof openShell>>

const command = Effect.fnUntraced(function* (shell: Bash, account: Account, line: string) {
  yield* shell.type(line)
  account.commands.push(line)
})

/** Saves, commands and commits without end, whether anybody watches or not. */
const work = Effect.fnUntraced(function* (world: World, account: Account) {
  const shell = yield* openShell(world)
  for (let n = 1; ; n++) {
    yield* world.write("src/part.js", `export const part = ${n}\n`)
    yield* command(shell, account, `: work ${n}`)
    if (n % 4 === 0) yield* commit(world, account, `work ${n}`)
    yield* Effect.sleep("50 millis")
  }
})

const verifyOffline = (world: World) =>
  Effect.promise(
    () =>
      new Promise<string | null>((resolve) => {
        execFile(
          process.execPath,
          [launcher, "audit", "verify"],
          { env: world.env as NodeJS.ProcessEnv },
          (error, _, stderr) => resolve(error === null ? null : stderr),
        )
      }),
  )

const leftInPlace = (world: World): ReadonlyArray<string> =>
  readdirSync(world.repository).filter((name) => isPlaceholder(lstatSync(join(world.repository, name))))

/** Fails a check, waits for the offer to run it again, edits it in every other round, approves it. */
const act = Effect.fnUntraced(function* (options: {
  readonly shell: Bash
  readonly session: Session["Service"]
  readonly client: Client
  readonly log: Followed
  readonly account: Account
  readonly token: string
  readonly edited: boolean
  readonly cwd: string
  readonly suggested: Deferred.Deferred<string>
  readonly asking: Deferred.Deferred<void>
  readonly approved: Deferred.Deferred<void>
}) {
  const { account, client, log, token } = options
  const line = `eslint ${token}`
  yield* command(options.shell, account, line)
  const made = yield* log.until<Suggested>(
    `the offer to run ${line} again`,
    0,
    (event) => isSuggested(event) && event.payload.proposal.title.includes(line),
  )
  const id = made.payload.suggestion
  yield* log.untilType("policy.verdict", made.seq, (event) => event.payload.suggestion === id)
  const answer = Effect.map(options.session.token, (fresh) => ({ id, token: fresh, surface: "cli" as const }))
  if (options.edited) {
    const actions = [{ tool: "bash", input: { command: `${line} edited` }, cwd: options.cwd }]
    yield* client.Edit({ ...(yield* answer), actions })
  }
  const shown = shownIn(yield* client.Show({ id }))
  const approval: Approval = { token, acknowledged: false }
  account.approvals.set(id, approval)
  yield* Deferred.succeed(options.suggested, id)
  yield* Deferred.succeed(options.asking, undefined)
  yield* client.Approve({ ...(yield* answer), ...shown, unsandboxed: false })
  approval.acknowledged = true
  yield* Deferred.succeed(options.approved, undefined)
})

const beginWatching = Effect.fnUntraced(function* (world: World) {
  const { client } = yield* connect(world)
  const log = yield* follow(client)
  yield* Effect.orDie(client.Watch({ dir: world.repository }))
  yield* log.untilType("git.repository", 0)
}, Effect.scoped)

const round = Effect.fnUntraced(function* (world: World, account: Account, shell: Bash, n: number) {
  const { session, client, pid, startMs } = yield* connect(world)
  account.startMs.push(startMs)
  const from = performance.now()
  const log = yield* follow(client, Math.max(0, ...account.told.keys()) + 1)

  // first what was missed while nobody watched
  const lastCommit = account.commits.at(-1)
  const lastCommand = account.commands.at(-1)
  yield* log.untilType("git.commit", 0, (event) => event.payload.sha === lastCommit)
  yield* log.untilType("terminal.command", 0, (event) => event.payload.command === lastCommand)
  account.caughtUpMs.push(performance.now() - from)
  const left = leftInPlace(world)
  if (left.length > 0) account.broken.push(`round ${n}: placeholders left in the repository: ${left}`)
  yield* log.untilType("daemon.health", 0, (event) => event.payload.component === "source:fs")

  const moment: Moment = moments[n % moments.length]!
  const suggested = yield* Deferred.make<string>()
  const asking = yield* Deferred.make<void>()
  const approved = yield* Deferred.make<void>()
  const acting = yield* Effect.forkChild(
    act({
      shell,
      session,
      client,
      log,
      account,
      token: `r${n}`,
      edited: n % 2 === 1,
      cwd: world.repository,
      suggested,
      asking,
      approved,
    }),
  )
  const untilMoment = Effect.gen(function* () {
    const id = yield* Deferred.await(suggested)
    const tool = (type: "tool.started" | "tool.finished") =>
      log.untilType(type, 0, (event) => event.payload.suggestion === id)
    switch (moment) {
      case "approving":
        return yield* Deferred.await(asking)
      case "approved":
        return yield* Deferred.await(approved)
      case "started":
        return yield* tool("tool.started")
      case "finished":
        return yield* tool("tool.finished")
      case "running":
        yield* Deferred.await(approved)
        return yield* Effect.sleep((n * 37) % 300)
      case "told": {
        const seen = (yield* log.events).at(-1)?.seq ?? 0
        return yield* log.until("more events", seen + ((n * 7) % 20), () => true)
      }
    }
  })
  // an action that ends by itself before its moment is the round's failure
  const actingFailed = Effect.andThen(Fiber.join(acting), Effect.never)
  yield* Effect.orDie(Effect.raceFirst(untilMoment, actingFailed))
  process.kill(pid, "SIGKILL")
  yield* Effect.promise(() => untilGone(pid))
  yield* Fiber.interrupt(acting)
  for (const event of yield* log.events) account.told.set(event.seq, { id: event.id, hash: event.hash })
}, Effect.scoped)

const untilGone = async (pid: number): Promise<void> => {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Whatever became of the ordeal, no daemon of it stays. */
const stop = (world: World) =>
  Effect.promise(async () => {
    const holder = lockHolder(world.directories.lock)
    if (holder === null) return
    process.kill(holder.pid, "SIGKILL")
    await untilGone(holder.pid)
  })

/** The log as it stands at last, with every command and commit in it, and what a replay and a full check say. */
export interface Ending {
  readonly account: Account
  readonly events: ReadonlyArray<Event>
  readonly replayed: { readonly decisions: number; readonly same: boolean }
  readonly runs: string
}

const end = Effect.fnUntraced(function* (world: World, account: Account) {
  const { client } = yield* connect(world)
  const log = yield* follow(client)
  yield* log.untilType("git.commit", 0, (event) => event.payload.sha === account.commits.at(-1))
  yield* log.untilType("terminal.command", 0, (event) => event.payload.command === account.commands.at(-1))
  const replayed = yield* Effect.orDie(followPast("replay", client.ReplayPast({ from: null, to: null })))
  const { pid } = yield* Effect.orDie(client.Status())
  yield* Effect.ignore(client.Shutdown({ reason: "the ordeal ends" }))
  yield* Effect.promise(() => untilGone(pid))
  const events = yield* log.events
  const runs = readFileSync(join(world.repository, "runs.txt"), "utf8")
  const ending: Ending = { account, events, replayed, runs }
  return ending
}, Effect.scoped)

/** Kills the daemon so many times. `progress` hears of each. */
export const ordeal = Effect.fn("ordeal")(function* (
  kills: number,
  progress: (line: string) => void = () => undefined,
) {
  const world = withTools(yield* makeWorld(process.env))
  yield* Effect.addFinalizer(() => stop(world))
  yield* prepare(world)
  const account: Account = {
    commands: [],
    commits: [],
    approvals: new Map(),
    told: new Map(),
    broken: [],
    startMs: [],
    caughtUpMs: [],
    committing: yield* Semaphore.make(1),
  }
  yield* beginWatching(world)
  const working = yield* Effect.forkScoped(work(world, account))
  const shell = yield* openShell(world)
  yield* command(shell, account, ": the beginning")
  yield* commit(world, account, "the beginning")
  const rounds = Effect.gen(function* () {
    for (let n = 0; n < kills; n++) {
      yield* round(world, account, shell, n)
      // while it is down: somebody works on, and the log it left is looked at
      yield* command(shell, account, `: down ${n}`)
      yield* commit(world, account, `down ${n}`)
      const damage = yield* verifyOffline(world)
      if (damage !== null) account.broken.push(`round ${n}: ${damage}`)
      progress(
        `${n + 1} kills: told of ${account.told.size} events, ${account.commands.length} commands, ${account.commits.length} commits, ${account.approvals.size} approvals`,
      )
    }
  })
  // the work has no end: if it ends, it failed
  yield* Effect.raceFirst(rounds, Fiber.join(working))
  yield* Fiber.interrupt(working)
  yield* command(shell, account, ": the end")
  yield* commit(world, account, "the end")
  return yield* end(world, account)
})
