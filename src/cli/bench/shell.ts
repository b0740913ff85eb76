/**
 * What `claw shell` adds to a terminal: the echo of a key, there and back, and the flow of output, each beside the same
 * shell on a bare pseudo-terminal in the same run. Keys alternate between the two; rounds, too, and each one's best
 * round counts, because what else runs on the machine is no part of either.
 */
import { Effect } from "effect"
import type { IPty } from "@lydell/node-pty"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Entry } from "../../daemon/entry.ts"
import { type BenchRow, percentile, rounded } from "../../domain/bench.ts"
import { Invocation } from "../Invocation.ts"

export const shellRows = ["shell.echo_p50", "shell.echo_p99", "shell.flow"]

const goalMs = 1
/** Bytes a second, of a bare terminal's. */
const flowGoal = 0.5
const ready = "<ready>"
const keys = "abcdefgh"
const keysARound = 200

class Watched {
  readonly pty: IPty
  #tail = ""
  #bytes = 0
  #wake = (): void => undefined

  constructor(pty: IPty) {
    this.pty = pty
    pty.onData((text) => {
      this.#bytes += text.length
      this.#tail = (this.#tail + text).slice(-4_096)
      this.#wake()
    })
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Also in pieces; what comes before it is forgotten. */
  async until(text: string): Promise<void> {
    while (!this.#tail.includes(text)) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#tail = this.#tail.slice(this.#tail.indexOf(text) + text.length)
  }

  async echo(key: string): Promise<number> {
    const began = process.hrtime.bigint()
    this.pty.write(key)
    await this.until(key)
    return Number(process.hrtime.bigint() - began) / 1e6
  }

  async line(text: string, answer: string): Promise<void> {
    this.pty.write(`${text}\r`)
    await this.until(answer)
  }
}

interface Pair {
  readonly bare: Watched
  readonly claw: Watched
}

type Spawn = typeof import("@lydell/node-pty").spawn

const world = async (spawn: Spawn, entry: Entry, root: string): Promise<Pair> => {
  mkdirSync(join(root, "run"), { mode: 0o700 })
  writeFileSync(join(root, ".bashrc"), `PS1='${ready}'\n`)
  const env = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: root,
    SHELL: "/bin/bash",
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    XDG_RUNTIME_DIR: join(root, "run"),
    XDG_DATA_HOME: join(root, "data"),
  }
  const open = (file: string, args: ReadonlyArray<string>): Watched =>
    new Watched(spawn(file, [...args], { cols: 80, rows: 24, cwd: root, env }))
  const pair = {
    bare: open("/bin/bash", ["--rcfile", join(root, ".bashrc"), "-i"]),
    claw: open(entry.node, [...entry.args, "shell"]),
  }
  await Promise.all([pair.bare.until(ready), pair.claw.until(ready)])
  return pair
}

interface Round {
  readonly bare: ReadonlyArray<number>
  readonly claw: ReadonlyArray<number>
}

/** Every key is echoed by the terminal itself: what the shell or an editor would do with it is left out. */
const echoes = async ({ bare, claw }: Pair, count: number): Promise<Round> => {
  for (const one of [bare, claw]) await one.line("cat >/dev/null", "/dev/null\r\n")
  const round = { bare: [] as Array<number>, claw: [] as Array<number> }
  for (let n = 0; n < count; n++) {
    const key = keys[n % keys.length]!
    round.bare.push(await bare.echo(key))
    round.claw.push(await claw.echo(key))
    if (n % 60 === 59) for (const one of [bare, claw]) await one.line("", "\r\n")
  }
  for (const one of [bare, claw]) await one.line("\u0003", ready)
  return round
}

const flow = async (one: Watched, megabytes: number): Promise<number> => {
  const before = one.bytes
  const began = performance.now()
  // the answer is put together, so that the line as typed is none
  await one.line(`head -c ${megabytes}000000 /dev/zero | tr '\\0' x | fold -w 100; echo en''ded`, "ended")
  return (one.bytes - before) / (performance.now() - began)
}

const measure = async (spawn: Spawn, entry: Entry, quick: boolean): Promise<ReadonlyArray<BenchRow>> => {
  const root = mkdtempSync(join(tmpdir(), "claw-bench-shell-"))
  const pair = await world(spawn, entry, root)
  try {
    const rounds: Array<Round> = []
    for (let n = 0; n < (quick ? 3 : 20); n++) rounds.push(await echoes(pair, keysARound))
    const speeds: Array<readonly [number, number]> = []
    for (let n = 0; n < (quick ? 1 : 3); n++) {
      const megabytes = quick ? 10 : 100
      speeds.push([await flow(pair.bare, megabytes), await flow(pair.claw, megabytes)])
    }
    const echo = (name: string, share: number): BenchRow => {
      const all = (which: keyof Round) => rounds.map((round) => percentile(round[which], share))
      const [bare, claw] = [Math.min(...all("bare")), Math.min(...all("claw"))]
      const added = rounds.map((round) => percentile(round.claw, share) - percentile(round.bare, share))
      return {
        name,
        claw: rounded(claw - bare),
        peer: "bare pty",
        peerValue: rounded(bare),
        unit: "ms added",
        ratio: rounded(claw / bare),
        goal: goalMs,
        met: claw - bare < goalMs,
        note: `best of ${rounds.length} rounds; ${rounded(percentile(added, 0.5))} in the middle one`,
      }
    }
    const [bare, claw] = [Math.max(...speeds.map(([one]) => one)), Math.max(...speeds.map(([, one]) => one))]
    const ratio = claw / bare
    return [
      echo("shell.echo_p50", 0.5),
      echo("shell.echo_p99", 0.99),
      {
        name: "shell.flow",
        claw: rounded(claw / 1_000),
        peer: "bare pty",
        peerValue: rounded(bare / 1_000),
        unit: "MB/s",
        ratio: rounded(ratio),
        goal: flowGoal,
        met: ratio >= flowGoal,
      },
    ]
  } finally {
    for (const one of [pair.bare, pair.claw]) one.pty.kill("SIGKILL")
    rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}

/** No rows where the system has no pseudo-terminals for it. */
export const benchShell = Effect.fnUntraced(function* ({ quick }: { readonly quick: boolean }) {
  const { entry } = yield* Invocation
  const library = yield* Effect.promise(() => import("@lydell/node-pty").catch(() => null))
  return library === null ? [] : yield* Effect.promise(() => measure(library.spawn, entry, quick))
})
