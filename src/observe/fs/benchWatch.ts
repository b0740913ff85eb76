/**
 * What a large tree costs to watch: the watcher that Claw takes above a size beside chokidar on the same tree in the
 * same run, and what the log gets of a switch of branches and of a build. Works in a folder of its own below
 * `scratch` and removes it.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { setImmediate as breathe, setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import { type BenchRow, limited, percentile, rounded } from "../../domain/bench.ts"
import type { PayloadOf } from "../../domain/event.ts"
import { memory, withSource } from "./benchFs.ts"
import { type BenchTree, makeTree, type TreeSizes } from "./benchTree.ts"
import { startChokidarWatcher } from "./ChokidarWatcher.ts"
import { eachSighting, type Kind, type StartWatcher } from "./Watcher.ts"
import { suspiciousDrain } from "./watchBudget.ts"
import { startWorkerWatcher } from "./WorkerWatcher.ts"

export interface BenchWatchOptions {
  readonly scratch: string
  readonly workerEntry?: URL
  readonly sizes?: TreeSizes
  /** Files that the build writes. */
  readonly built?: number
}

/** Beside chokidar: how long to be ready, how much memory, how much later a save is seen. */
const goals = { ready: 0.5, memory: 0.5, behindMs: 30 }
/** A build is written about once a second. */
const mostBuildEvents = 30
/** Nothing more is seen after so long without anything. */
const stillMs = 3_000
/** Events that should not come would come within this. */
const afterMs = 1_500

interface Figures {
  readonly readyMs: number
  readonly memoryMb: number
  readonly saveMs: number
  readonly missed: number
}

/** It gives up on no tree, as Claw would have it do. */
const peer: StartWatcher = (options, report) =>
  startChokidarWatcher({ folders: Number.MAX_SAFE_INTEGER, files: Number.MAX_SAFE_INTEGER })(
    { ...options, suspicious: Number.MAX_SAFE_INTEGER },
    report,
  )

const figuresOf = async (start: StartWatcher, tree: BenchTree): Promise<Figures> => {
  const before = memory()
  const startedAt = performance.now()
  const last = new Map<string, Kind>()
  let seenAt = 0
  let seen: (path: string) => void = () => {}
  let becameReady = (): void => {}
  const ready = new Promise<void>((resolve) => (becameReady = resolve))
  const watcher = start(
    {
      root: tree.root,
      globalExcludes: null,
      mostFolders: Number.MAX_SAFE_INTEGER,
      budget: Number.MAX_SAFE_INTEGER,
      poll: false,
      pollMs: 2_000,
      suspicious: suspiciousDrain(),
      handover: null,
    },
    (report) => {
      if (report._tag === "ready") becameReady()
      if (report._tag !== "seen") return
      seenAt = performance.now()
      eachSighting(report, (kind, path) => {
        last.set(path, kind)
        seen(path)
      })
    },
  )
  try {
    await ready
    const readyMs = performance.now() - startedAt
    await sleep(500)
    const memoryMb = memory() - before
    const saves: Array<number> = []
    for (const file of tree.some) {
      const path = relative(tree.root, file)
      const savedAt = performance.now()
      const heard = new Promise<void>((resolve) => (seen = (name) => name === path && resolve()))
      writeFileSync(file, "export const n = 1\n")
      await heard
      saves.push(performance.now() - savedAt)
      await sleep(20)
    }
    last.clear()
    const { differ, blocking } = tree.other()
    blocking()
    seenAt = performance.now()
    const isRight = (path: string, isThere: boolean) =>
      last.has(path) && (last.get(path) !== "unlink") === isThere
    const missed = () => [...differ].filter(([path, isThere]) => !isRight(path, isThere)).length
    while (missed() > 0 && performance.now() - seenAt < stillMs) await sleep(50)
    return { readyMs, memoryMb, saveMs: percentile(saves, 0.5), missed: missed() }
  } finally {
    await watcher.close()
  }
}

type Counts = PayloadOf<"fs.changed">["counts"]

interface Written {
  readonly events: number
  readonly lost: number
}

/** What the log gets of many files that are written at once. */
const writtenOf = (
  workspace: string,
  options: BenchWatchOptions,
  write: () => Promise<number>,
  counted: (counts: Counts) => number,
): Promise<Written> => {
  const entry = options.workerEntry === undefined ? {} : { workerEntry: options.workerEntry }
  return withSource({ workspace, globalExcludes: null, ...entry }, async (changed, until) => {
    const files = await write()
    const said = () => changed.reduce((sum, { counts }) => sum + counted(counts), 0)
    await until(() => said() >= files)
    await sleep(afterMs)
    return { events: changed.length, lost: Math.max(0, files - said()) }
  })
}

const build = async (root: string, files: number): Promise<number> => {
  for (let index = 0; index < files; index++) {
    const folder = join(root, `build-${Math.floor(index / 100)}`)
    if (index % 100 === 0) {
      await breathe()
      mkdirSync(folder)
    }
    writeFileSync(join(folder, `${index}.js`), "x")
  }
  return files
}

const beside = (name: string, claw: number, peerValue: number, unit: string, goal: number): BenchRow => ({
  name,
  claw: rounded(claw),
  peer: "chokidar",
  peerValue: rounded(peerValue),
  unit,
  ratio: rounded(claw / peerValue),
  goal,
  met: claw <= peerValue * goal,
})

const run = async (options: BenchWatchOptions): Promise<ReadonlyArray<BenchRow>> => {
  const sizes = options.sizes ?? { files: 200_000, ignored: 100_000, differing: 10_000 }
  const built = options.built ?? 50_000
  const top = realpathSync(mkdtempSync(join(options.scratch, "bench-watch-")))
  try {
    const tree = makeTree(join(top, "tree"), sizes)
    const claw = await figuresOf(startWorkerWatcher(options.workerEntry), tree)
    const other = await figuresOf(peer, tree)
    const goOver = async () => {
      const { differ, beside: go } = tree.other()
      await go()
      return differ.size
    }
    const buildRoot = join(top, "build")
    mkdirSync(buildRoot)
    const switched = await writtenOf(
      tree.root,
      options,
      goOver,
      (counts) => counts.add + counts.change + counts.unlink,
    )
    // A file that is still being written when it is first seen is said once more, as changed.
    const wrote = await writtenOf(
      buildRoot,
      options,
      () => build(buildRoot, built),
      (counts) => counts.add,
    )
    const size = `for ${sizes.files} files beside ${sizes.ignored} ignored`
    const change = `of ${sizes.differing} files that a switch of branches changed`
    return [
      beside("watch.ready", claw.readyMs, other.readyMs, `ms ${size}`, goals.ready),
      beside("watch.memory", claw.memoryMb, other.memoryMb, `MB ${size}`, goals.memory),
      {
        ...beside(
          "watch.save",
          claw.saveMs,
          other.saveMs,
          "ms p50 from a save until it is seen",
          goals.behindMs,
        ),
        met: claw.saveMs - other.saveMs <= goals.behindMs,
      },
      {
        ...limited("watch.switch_missed", claw.missed, `${change} under a busy main thread`, 0),
        note: `chokidar missed ${other.missed}`,
      },
      limited("watch.switch_lost", switched.lost, `${change}, in the log`, 0),
      limited("watch.switch_events", switched.events, "events of one switch of branches", 1),
      limited("watch.build_lost", wrote.lost, `of ${built} files that a build wrote, in the log`, 0),
      limited("watch.build_events", wrote.events, "events of that build", mostBuildEvents),
    ]
  } finally {
    rmSync(top, { recursive: true, force: true })
  }
}

export const watchRows = [
  "watch.ready",
  "watch.memory",
  "watch.save",
  "watch.switch_missed",
  "watch.switch_lost",
  "watch.switch_events",
  "watch.build_lost",
  "watch.build_events",
] as const

export const benchWatch = (options: BenchWatchOptions): Effect.Effect<ReadonlyArray<BenchRow>> =>
  Effect.promise(() => run(options))
