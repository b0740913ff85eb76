/**
 * A made developer at work: edits in bursts, commands that end well, tests that fail and are mended by hand, commits,
 * switches, pulls, slips of the fingers, an agent beside. What is done follows from what came before; when, from
 * `bursts.ts`. Everything he does is stated as the sources would state it.
 */
import type { EventType, PayloadOf } from "../../../domain/event.ts"
import type { Machine } from "../Machine.ts"
import type { Random } from "../random.ts"
import { Project } from "./Project.ts"

export type Step = () => Promise<void>

interface Ran {
  readonly exit?: number
  readonly durationMs?: number
  readonly output?: string
  readonly agent?: boolean
}

/** Commands that end well and ask for nothing. */
const plain = [
  "ls",
  "ls -la src",
  "git status",
  "git diff",
  "git log --oneline -5",
  "cat README.md",
  "rg total src",
  "cd src && ls",
  "git show HEAD",
  "git branch",
  "docker ps",
  "make --version",
  "head -20 README.md",
  "find . -name '*.md' -maxdepth 2",
  "vim README.md",
  "node --version",
  "git stash list",
  "tail -50 server.log",
]
const slips: ReadonlyArray<readonly [typed: string, meant: string, exit: number, output: string]> = [
  ["gti status", "git status", 127, "bash: gti: command not found\n"],
  [
    "git statsu",
    "git status",
    1,
    "git: 'statsu' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tstatus\n",
  ],
  ["sl", "ls", 127, "bash: sl: command not found\n"],
  ["cd scr", "cd src", 1, "bash: cd: scr: No such file or directory\n"],
  ["dokcer ps", "docker ps", 127, "bash: dokcer: command not found\n"],
  [
    "git brnach",
    "git branch",
    1,
    "git: 'brnach' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tbranch\n",
  ],
]

/** What stands in the facts in a secret's place. */
const secretKind = "aws-access-key"

export class Person {
  readonly #machine: Machine
  readonly #random: Random
  readonly #projects: ReadonlyArray<Project>
  #at: Project
  /** What he is about to do. */
  #plan: Array<Step> = []
  #offset = 0
  #indexes = 0

  constructor(machine: Machine, random: Random, projects: ReadonlyArray<Project>) {
    this.#machine = machine
    this.#random = random
    this.#projects = projects
    this.#at = projects[0]!
  }

  /** The next thing he does. */
  async step(): Promise<void> {
    if (this.#plan.length === 0) this.#plan = [...this.#episode()]
    await this.#plan.shift()!()
  }

  /** Does this next, whatever he was about. */
  next(...steps: ReadonlyArray<Step>): void {
    this.#plan.unshift(...steps)
  }

  #see<T extends EventType>(type: T, payload: PayloadOf<T>, at = this.#at): Promise<void> {
    return this.#machine.see(type, payload, at.path)
  }

  run(command: string, ran: Ran = {}, at = this.#at): Promise<void> {
    const durationMs = ran.durationMs ?? Math.round(this.#random.between(40, 400))
    this.#offset += 1
    const session = ran.agent === true ? `bash-9-${at.kind.name}` : `zsh-1-${at.kind.name}`
    return this.#see(
      "terminal.command",
      {
        command,
        cwd: at.path,
        exit: ran.exit ?? 0,
        durationMs,
        shell: ran.agent === true ? "bash" : "zsh",
        session,
        authorKind: ran.agent === true ? "agent" : "user",
        startedAt: new Date(this.#machine.nowMs - durationMs).toISOString(),
        position: { file: session, offset: this.#offset },
        ...(ran.output === undefined ? {} : { output: ran.output }),
      },
      at,
    )
  }

  #save(at = this.#at): Promise<void> {
    const path = this.#random.one(at.kind.sources)
    if (!at.dirty.has(path)) at.dirty.set(path, this.#machine.nowMs)
    return this.#see(
      "fs.changed",
      {
        changes: [{ path, kind: "change", bytes: 2_000 }],
        counts: { add: 0, change: 1, unlink: 0, rename: 0 },
        truncated: false,
        cause: "watch",
      },
      at,
    )
  }

  #edits(count: number): ReadonlyArray<Step> {
    return Array.from({ length: count }, () => () => this.#save())
  }

  #looks(): ReadonlyArray<Step> {
    const random = this.#random
    return Array.from({ length: random.below(3) }, () => () => {
      const line = random.one(plain)
      // nothing found is an answer
      return this.run(line, { exit: line.startsWith("rg ") && random.chance(0.3) ? 1 : 0 })
    })
  }

  /** Some two hundred events: two checks, a commit, and what happens along the way. */
  *#episode(): Iterable<Step> {
    const random = this.#random
    if (random.chance(0.2)) yield () => this.#go()
    yield* this.#edits(40 + random.below(80))
    yield* this.#looks()
    yield () => this.#check()
    yield* this.#edits(30 + random.below(60))
    if (random.chance(0.25)) yield () => this.#slip()
    yield* this.#looks()
    if (random.chance(0.6)) yield () => this.#check()
    if (random.chance(0.3)) yield* this.#agent()
    if (random.chance(0.75)) yield () => this.#commit()
    if (random.chance(0.12)) yield () => this.#switch()
    if (random.chance(0.08)) yield () => this.#pull()
    if (random.chance(0.06)) yield () => this.#fetch()
    if (random.chance(0.05)) yield () => this.#serve()
  }

  /** To another of his repositories. */
  async #go(): Promise<void> {
    this.#at = this.#random.one(this.#projects)
    await this.run(`cd ${this.#at.path}`)
  }

  /** `again`: what failed and was mended. */
  async #check(again: string | null = null, tries = 0): Promise<void> {
    const at = this.#at
    const random = this.#random
    const line = again ?? (random.chance(0.8) ? at.kind.test : at.kind.lint)
    const failed = random.chance(tries === 0 ? 0.35 : 0.3)
    await this.run(line, { exit: failed ? 1 : 0, durationMs: Math.round(random.between(2_000, 60_000)) })
    if (!failed || tries > 3) return
    const mended = this.#edits(4 + random.below(15))
    // most go on until it passes; some are called away, and forget
    if (random.chance(0.8)) this.next(...mended, () => this.#check(line, tries + 1))
    else this.next(...mended, ...this.#looks(), () => this.run("git diff"))
  }

  async #slip(): Promise<void> {
    const [typed, meant, exit, output] = this.#random.one(slips)
    this.next(() => this.run(meant))
    await this.run(typed, { exit, output })
  }

  *#agent(): Iterable<Step> {
    const random = this.#random
    const at = this.#at
    for (let left = 4 + random.below(12); left > 0; left -= 1)
      yield () =>
        random.chance(0.4)
          ? this.#save(at)
          : this.run(
              random.chance(0.3) ? at.kind.test : random.one(plain),
              { agent: true, exit: random.chance(0.25) ? 1 : 0 },
              at,
            )
  }

  #indexed(at: Project): Promise<void> {
    this.#indexes += 1
    return this.#see(
      "git.staged",
      {
        files: at.staged.map(({ path, status }) => ({ path, status })),
        count: at.staged.length,
        truncated: false,
        index: at.staged.length === 0 ? "" : `i${this.#indexes}`,
      },
      at,
    )
  }

  async #commit(): Promise<void> {
    const at = this.#at
    const random = this.#random
    if (at.dirty.size === 0) return
    const line = random.chance(0.05)
      ? "  debugger;"
      : random.chance(0.01)
        ? `const key = <redacted:${secretKind}>`
        : "  return total"
    at.staged = [...at.dirty.keys()].map((path, index) => ({
      path,
      status: "M" as const,
      bytes: 2_000,
      binary: false,
      added: [{ line: 10, text: index === 0 ? line : "  return total" }],
      truncated: false,
    }))
    if (random.chance(0.01))
      at.staged.push({
        path: "dist/app.js",
        status: "A",
        bytes: 90_000,
        binary: false,
        added: [],
        truncated: false,
      })
    // what he is told of it meanwhile comes before
    this.next(() => this.#committed(at))
    await this.#indexed(at)
    await this.run("git add -A")
  }

  async #committed(at: Project): Promise<void> {
    if (at.staged.length === 0) return
    at.commits += 1
    at.ahead += 1
    const parents = [at.head]
    at.head = at.commits.toString(16).padStart(40, "0")
    const files = at.staged.map(({ path }) => path)
    at.staged = []
    at.dirty.clear()
    await this.#see("git.commit", { sha: at.head, parents, branch: at.branch, subject: "Work", files }, at)
    await this.#indexed(at)
    await this.run("git commit -m Work", {}, at)
    if (this.#random.chance(0.5)) this.next(() => this.#push(at))
  }

  async #push(at: Project): Promise<void> {
    if (this.#random.chance(0.08)) at.behind += 1
    if (at.behind > 0) {
      const output = " ! [rejected]        main -> main (fetch first)\nerror: failed to push some refs\n"
      if (this.#random.chance(0.8))
        this.next(
          () => this.#pulled(at),
          () => this.#push(at),
        )
      await this.run("git push", { exit: 1, durationMs: 1_500, output }, at)
      return
    }
    at.ahead = 0
    await this.#see(
      "git.branch",
      { action: "moved", name: `refs/remotes/origin/${at.branch}`, from: null, to: at.head },
      at,
    )
    await this.run("git push", { durationMs: 1_500 }, at)
  }

  /** HEAD moves; now and then another lockfile comes with it. */
  async #moved(type: "git.checkout" | "git.pull", at: Project, branch: string, locks: number): Promise<void> {
    const fromBranch = at.branch
    const from = at.head
    at.commits += 1
    at.head = at.commits.toString(16).padStart(40, "0")
    at.branch = branch
    const files = at.kind.sources.slice(0, 2)
    if (this.#random.chance(locks)) {
      at.locked += 1
      files.push(at.kind.manifest, at.kind.lockfile)
      // who remembers does it at once
      if (this.#random.chance(0.4)) this.next(() => this.install(at))
    }
    await this.#see(type, { from, to: at.head, fromBranch, branch, subject: "moved", files }, at)
  }

  async install(at: Project): Promise<void> {
    at.installed = at.locked
    await this.run(at.kind.install, { durationMs: 8_000 }, at)
  }

  async #switch(): Promise<void> {
    const at = this.#at
    const to = this.#random.one(at.branches.filter((branch) => branch !== at.branch))
    await this.#moved("git.checkout", at, to, 0.2)
    await this.run(`git switch ${to}`, {}, at)
  }

  async #pulled(at: Project): Promise<void> {
    at.behind = 0
    await this.#moved("git.pull", at, at.branch, 0.25)
    await this.run("git pull --rebase", { durationMs: 1_500 }, at)
  }

  #pull(): Promise<void> {
    return this.#pulled(this.#at)
  }

  async #fetch(): Promise<void> {
    const at = this.#at
    at.behind += 1
    const refs = [{ name: `refs/remotes/origin/${at.branch}`, from: at.head, to: "f".repeat(40) }]
    await this.#see("git.fetched", { refs }, at)
    await this.run("git fetch", { durationMs: 900 }, at)
    if (this.#random.chance(0.5)) this.next(...this.#looks(), () => this.#pulled(at))
  }

  async #serve(): Promise<void> {
    const at = this.#at
    at.portTaken = true
    const output = "Error: listen EADDRINUSE: address already in use :::3000\n"
    await this.run("npm start", { exit: 1, durationMs: 800, output }, at)
    at.portTaken = false
  }
}
