/**
 * What a developer does all day: saves in bursts, checks that fail and are mended, commits, pushes, branches, typing
 * errors, an agent in another terminal, breaks. Each activity is a little story told through `Hands`.
 */
import { Effect } from "effect"
import type { LogError } from "../../log-store/LogStore.ts"
import { draft } from "../../src/domain/event.ts"
import type { Day } from "./Day.ts"
import { Hands } from "./Hands.ts"
import { lockfileOf, type MadeWorkspace, type StagedFile } from "./workspaces.ts"

type Done = Effect.Effect<void, LogError>
type Activity = (hands: Hands, pace: number) => Done

const minute = 60_000
const tests = (path: string): boolean => /test/.test(path)

const story = (body: (hands: Hands, pace: number) => Generator<Done, void>): Activity =>
  Effect.fnUntraced(function* (hands: Hands, pace: number) {
    for (const step of body(hands, pace)) yield* step
  })

const edits = story(function* (hands, pace) {
  const { at, day } = hands
  const { random } = day
  const near = random.pick(at.sources)
  for (let left = random.int(3, 14); left > 0; left -= 1) {
    yield hands.save(random.chance(0.7) ? near : random.pick(at.sources))
    yield day.pass(random.gap(1_500, 1.1) * pace)
  }
})

const check = story(function* (hands, pace) {
  const { at, day } = hands
  const { random } = day
  const line = at.broken !== null && random.chance(0.8) ? at.broken.check : random.pick(at.checks)
  if (at.broken?.check === line && at.broken.left <= 0) at.broken = null
  if (at.broken === null && random.chance(0.3)) at.broken = { check: line, left: random.int(1, 3) }
  const fails = at.broken?.check === line
  if (fails) at.broken!.left -= 1
  yield hands.run(line, { exit: fails ? 1 : 0, durationMs: random.gap(6_000, 0.6) * Math.min(1, pace) })
  yield day.pass(random.gap(2_500, 0.8) * pace)
})

const build = story(function* (hands, pace) {
  const { at, day } = hands
  const { random } = day
  const folder = at.manager === "npm" ? "dist" : at.manager === "cargo" ? "target/debug" : "__pycache__"
  yield hands.run(at.manager === "npm" ? "npm run build" : at.manager === "cargo" ? "cargo build" : "make", {
    durationMs: random.gap(3_000, 0.5),
  })
  for (let left = random.int(2, 8); left > 0; left -= 1) {
    const names = Array.from({ length: random.int(1, 12) }, () => `${folder}/${random.hex(6)}.js`)
    yield hands.files(names.map((path) => ({ path, kind: "add", bytes: random.int(500, 90_000) })))
    yield day.pass(random.gap(120, 0.6))
  }
  yield day.pass(random.gap(2_000, 0.8) * pace)
})

const looking = ["git status", "git diff", "ls src", "git log --oneline -5", "cat README.md", "rg total"]

const shell = story(function* (hands, pace) {
  const { day } = hands
  const { random } = day
  for (let left = random.int(1, 4); left > 0; left -= 1) {
    yield hands.run(random.pick(looking), { durationMs: random.gap(60, 0.6) })
    yield day.pass(random.gap(3_000, 1) * pace)
  }
})

const agent = story(function* (hands, pace) {
  const { at, day } = hands
  const { random } = day
  for (let left = random.int(8, 30); left > 0; left -= 1) {
    const reading = [
      `cat ${random.pick(at.sources)}`,
      `rg -n ${random.hex(4)} src`,
      "git diff --stat",
      "git status",
    ]
    yield random.chance(0.3)
      ? hands.save(random.pick(at.sources))
      : hands.run(random.chance(0.2) ? random.pick(at.checks) : random.pick(reading), {
          author: "agent",
          exit: random.chance(0.1) ? 1 : 0,
        })
    yield day.pass(random.gap(900, 0.8) * pace)
  }
})

const slips: ReadonlyArray<readonly [string, number]> = [
  ["gti status", 127],
  ["git stauts", 1],
  ["git comit -m wip", 1],
  ["npm rn test", 1],
  ["dokcer ps", 127],
  ["cta README.md", 127],
  ["cd scr", 1],
  ["cat README.mdd", 1],
  ["gerp -rn total .", 127],
  ["pyhton3 -m http.server", 127],
  ["ls srcs", 2],
  ["git checkout mian", 1],
  ["mkdir out/reports/today", 1],
]

const slip = story(function* (hands, pace) {
  const { day } = hands
  const { random } = day
  const [line, exit] = random.pick(slips)
  yield hands.run(line, { exit, durationMs: random.gap(40, 0.5) })
  yield day.pass(random.gap(9_000, 0.7) * Math.max(1, pace))
})

/** What is about to be committed, and now and then something that should not be. */
const staging = (hands: Hands): ReadonlyArray<StagedFile> => {
  const { at, day } = hands
  const { random } = day
  const changed = [...at.dirty.keys()].slice(0, random.int(1, 6))
  const plain = (changed.length > 0 ? changed : [random.pick(at.sources)]).map((path): StagedFile => ({
    path,
    status: "M",
    bytes: random.int(300, 12_000),
    lines: [`// ${random.hex(8)}`, `export const part${random.int(1, 99)} = ${random.int(1, 999)}`],
  }))
  const extra = random.weighted<StagedFile | null>([
    [80, null],
    [
      6,
      {
        path: ".env",
        status: "A",
        bytes: 90,
        lines: ["MODE=dev", `GITHUB_TOKEN=ghp_${secretText(random.hex(40))}`],
      },
    ],
    [
      6,
      {
        path: at.sources.find(tests) ?? at.sources[0]!,
        status: "M",
        bytes: 900,
        lines: [
          at.manager === "uv" ? "    breakpoint()" : `  it.only("adds ${random.int(2, 9)} items", () => {`,
        ],
      },
    ],
    [4, { path: `dist/${random.hex(6)}.js`, status: "A", bytes: 200_000, lines: ["(()=>{})()"] }],
    [
      2,
      {
        path: random.pick(at.sources),
        status: "M",
        bytes: 700,
        lines: ["<<<<<<< HEAD", "const a = 1", "=======", "const a = 2", ">>>>>>> feature"],
      },
    ],
  ])
  return extra === null ? plain : [...plain.filter((file) => file.path !== extra.path), extra]
}

/** Letters and digits in the measure a token has them. */
const secretText = (hex: string): string =>
  [...hex]
    .map((digit, n) =>
      n % 3 === 0
        ? digit.toUpperCase()
        : n % 3 === 1
          ? String.fromCharCode(103 + (parseInt(digit, 16) % 20))
          : digit,
    )
    .join("")
    .slice(0, 36)

const commit = story(function* (hands, pace) {
  const { at, day } = hands
  const { random } = day
  at.staged = [...staging(hands)]
  yield hands.run("git add -A", { durationMs: 30 })
  yield hands.stagedNow()
  yield day.pass(random.gap(15_000, 0.8) * Math.max(1, pace))
  if (at.staged.length === 0) return
  yield hands.run(`git commit -m "Part ${random.int(1, 500)}"`, { durationMs: 60 })
  yield hands.commit(`Part ${random.int(1, 500)}`)
  yield day.pass(random.gap(8_000, 0.8) * pace)
})

const push = story(function* (hands, pace) {
  const { at, day } = hands
  const { random } = day
  if (!at.upstream) yield hands.run("git push", { exit: 128, durationMs: 200 })
  else if (at.behind > 0 || random.chance(0.05)) {
    at.behind = Math.max(at.behind, 1)
    yield hands.run("git push", { exit: 1, durationMs: 900 })
  } else {
    yield hands.run("git push", { durationMs: random.gap(1_200, 0.4) })
    yield hands.pushed()
  }
  yield day.pass(random.gap(12_000, 0.7) * Math.max(1, pace))
})

const branch = story(function* (hands, pace) {
  const { at, day } = hands
  const { random } = day
  const fresh = at.branches.length < 6 && random.chance(0.5)
  const name = fresh
    ? `feature-${random.int(10, 99)}`
    : (random.pick(at.branches.filter((each) => each !== at.branch)) ?? "main")
  if (fresh) at.branches.push(name)
  const bumped = random.chance(0.25)
  if (bumped) at.locked = `4.${random.int(17, 21)}.${random.int(0, 9)}`
  yield hands.run(fresh ? `git switch -c ${name}` : `git switch ${name}`, { durationMs: 40 })
  at.upstream = !fresh
  at.ahead = 0
  at.behind = 0
  yield hands.moved("git.checkout", {
    branch: name,
    files: bumped ? [lockfileOf(at), random.pick(at.sources)] : [random.pick(at.sources)],
    subject: `moving to ${name}`,
  })
  yield day.pass(random.gap(10_000, 0.8) * Math.max(1, pace))
})

const remote = story(function* (hands, pace) {
  const { at, day } = hands
  const { random } = day
  yield hands.fetched(random.int(0, 4))
  yield day.pass(random.gap(12_000, 0.8) * Math.max(1, pace))
  if (at.behind === 0 || random.chance(0.4)) return
  yield hands.run("git pull --ff-only", { durationMs: 700 })
  at.behind = 0
  if (random.chance(0.3)) at.locked = `4.${random.int(17, 21)}.${random.int(0, 9)}`
  yield hands.moved("git.pull", {
    branch: at.branch,
    files: [lockfileOf(at), random.pick(at.sources)],
    subject: "pull --ff-only: fast-forward",
  })
  yield day.pass(random.gap(6_000, 0.8) * pace)
})

const install = story(function* (hands) {
  const { at, day } = hands
  const line = at.manager === "npm" ? "npm install" : at.manager === "cargo" ? "cargo fetch" : "uv sync"
  at.installed = at.locked
  yield hands.run(line, { durationMs: day.random.gap(5_000, 0.4) })
})

const server = story(function* (hands, pace) {
  const { at, day } = hands
  at.portTaken = true
  yield hands.run("python3 -m http.server 8000", { exit: 1, durationMs: 300 })
  yield day.pass(day.random.gap(10_000, 0.6) * pace)
  at.portTaken = false
})

const lock = story(function* (hands, pace) {
  const { at, day } = hands
  at.lockLeft = true
  yield hands.run("git commit -am wip", { exit: 128, durationMs: 30 })
  yield day.pass(day.random.gap(20_000, 0.6) * pace)
  at.lockLeft = false
})

const pause = story(function* (hands) {
  yield hands.day.pass(hands.day.random.gap(8 * minute, 0.5))
})

/** The queue is looked at: a boundary, and where the digest is read. */
const tui = story(function* (hands, pace) {
  const { day } = hands
  const seen = (present: boolean): Done =>
    Effect.asVoid(
      Effect.suspend(() =>
        day.put(
          draft(
            "daemon.health",
            {
              component: "client:tui",
              state: present ? "running" : "stopped",
              backend: null,
              detail: present ? "a person is looking" : "nobody is looking",
            },
            { actor: "user:tui" },
          ),
        ),
      ),
    )
  yield seen(true)
  yield day.pass(day.random.gap(30_000, 0.6) * pace)
  yield seen(false)
})

const activities: ReadonlyArray<readonly [number, Activity]> = [
  [30, edits],
  [26, check],
  [6, build],
  [12, shell],
  [5, agent],
  [5, slip],
  [7, commit],
  [3, push],
  [2, branch],
  [2, remote],
  [1.5, install],
  [0.5, server],
  [0.3, lock],
  [0.25, pause],
  [1.5, tui],
]

export const work = (day: Day, at: MadeWorkspace, pace: number): Done =>
  day.random.weighted(activities)(new Hands(day, at), pace)
