/**
 * What the filesystem source costs, measured beside its peer in the same run: how much later than the bare
 * watcher's own callback a save is a draft, what a trickle costs in writes, what a burst loses, what a large tree
 * takes in memory. Works in a folder of its own below `scratch` and removes it.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, watch, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect, Fiber, Stream } from "effect"
import type { BenchRow } from "../../domain/bench.ts"
import type { PayloadOf } from "../../domain/event.ts"
import { FsSource, type FsSourceOptions, settleMs } from "./FsSource.ts"

export interface BenchFsOptions {
  readonly scratch: string
  readonly workerEntry?: URL
  /** Sizes, for a quicker run. */
  readonly saves?: number
  readonly changes?: number
  readonly burst?: number
  readonly files?: number
  readonly ignored?: number
}

/** Allowed beside the settling between the bare watcher's callback and the draft. */
const allowedMs = 30
const patienceMs = 30_000

const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN

const rounded = (value: number): number => Math.round(value * 100) / 100

/** Anonymous memory in MB; the whole resident size where the system does not tell. */
export const memory = (): number => {
  try {
    const kilobytes = readFileSync("/proc/self/status", "latin1").match(/RssAnon:\s+(\d+)/)?.[1]
    return Number(kilobytes) / 1024
  } catch {
    return process.memoryUsage.rss() / 1024 / 1024
  }
}

type Changed = PayloadOf<"fs.changed">

/** Runs a source; `use` gets its changes so far and a way to wait for more. */
export const withSource = async <A>(
  options: FsSourceOptions,
  use: (changed: ReadonlyArray<Changed>, until: (holds: () => boolean) => Promise<boolean>) => Promise<A>,
  hear: (changed: Changed) => void = () => {},
): Promise<A> => {
  const changed: Array<Changed> = []
  let ready = false
  let check = () => {}
  const fiber = Effect.runFork(
    Stream.runForEach(FsSource.make(options).observations, ({ drafts }) =>
      Effect.sync(() => {
        for (const draft of drafts) {
          if (draft.type === "daemon.health") ready = true
          if (draft.type !== "fs.changed") continue
          changed.push(draft.payload)
          hear(draft.payload)
        }
        check()
      }),
    ),
  )
  const until = (holds: () => boolean) =>
    new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), patienceMs)
      check = () => {
        if (!holds()) return
        clearTimeout(timer)
        resolve(true)
      }
      check()
    })
  try {
    await until(() => ready)
    return await use(changed, until)
  } finally {
    await Effect.runPromise(Fiber.interrupt(fiber))
  }
}

const savedToDraft = async (options: FsSourceOptions, saves: number): Promise<BenchRow> => {
  mkdirSync(join(options.workspace, "src"))
  const callbackAt = new Map<string, number>()
  const draftAt = new Map<string, number>()
  const bare = watch(join(options.workspace, "src"), (_, name) => {
    const path = `src/${name}`
    if (!callbackAt.has(path)) callbackAt.set(path, performance.now())
  })
  const writtenAt = new Map<string, number>()
  // Grouping is deliberate and not measured here: each save is a write of its own.
  await withSource(
    { ...options, settleMs, groupMs: 1 },
    async (_, until) => {
      for (let index = 0; index < saves; index++) {
        const path = `src/${index}.ts`
        writtenAt.set(path, performance.now())
        writeFileSync(join(options.workspace, path), "saved")
        await until(() => draftAt.has(path))
        await sleep(20)
      }
    },
    ({ changes }) => changes.forEach(({ path }) => draftAt.set(path, performance.now())),
  )
  bare.close()
  const after = (times: ReadonlyMap<string, number>) =>
    [...writtenAt].map(([path, at]) => (times.get(path) ?? Number.POSITIVE_INFINITY) - at)
  const claw = percentile(after(draftAt), 0.99)
  const peerValue = percentile(after(callbackAt), 0.99)
  return {
    name: "fs.saved_to_draft",
    claw: rounded(claw),
    peer: `fs.watch callback, plus ${settleMs} ms of settling`,
    peerValue: rounded(peerValue + settleMs),
    unit: "ms p99",
    ratio: rounded(claw / (peerValue + settleMs)),
    goal: allowedMs,
    met: claw - settleMs - peerValue <= allowedMs,
  }
}

/** 20 changes a second: writes as a share of the changes. */
const trickle = (options: FsSourceOptions, changes: number): Promise<BenchRow> =>
  withSource(options, async (changed) => {
    for (let index = 0; index < changes; index++) {
      writeFileSync(join(options.workspace, `trickle-${index % 40}`), String(index))
      await sleep(50)
    }
    const share = changed.length / changes
    return {
      name: "fs.trickle_writes",
      claw: rounded(share),
      peer: "one write a change",
      peerValue: 1,
      unit: "writes a change",
      ratio: rounded(share),
      goal: 0.2,
      met: share <= 0.2,
    }
  })

const burst = (options: FsSourceOptions, files: number): Promise<BenchRow> =>
  withSource({ ...options, backend: "worker" }, async (changed, until) => {
    const added = () => changed.reduce((sum, { counts }) => sum + counts.add, 0)
    for (let index = 0; index < files; index++) {
      const folder = join(options.workspace, `burst-${Math.floor(index / 50)}`)
      if (index % 50 === 0) mkdirSync(folder)
      writeFileSync(join(folder, String(index)), "x")
    }
    await until(() => added() >= files)
    const lost = files - added()
    return {
      name: "fs.burst_lost",
      claw: lost,
      peer: null,
      peerValue: null,
      unit: `of ${files} files`,
      ratio: null,
      goal: 0,
      met: lost === 0,
    }
  })

const largeTree = async (options: FsSourceOptions, files: number, ignored: number): Promise<BenchRow> => {
  for (const [top, count] of [["src", files] as const, ["node_modules", ignored] as const])
    for (let index = 0; index < count; index++) {
      const folder = join(
        options.workspace,
        top,
        `p${Math.floor(index / 1000)}`,
        `m${Math.floor(index / 20)}`,
      )
      if (index % 20 === 0) mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `component-${index % 20}.ts`), "x")
    }
  const before = memory()
  return withSource(options, async () => {
    const claw = memory() - before
    return {
      name: "fs.large_tree_memory",
      claw: rounded(claw),
      peer: null,
      peerValue: null,
      unit: `MB for ${files} files beside ${ignored} ignored`,
      ratio: null,
      goal: 40,
      met: claw <= 40,
    }
  })
}

export const benchFs = (options: BenchFsOptions): Effect.Effect<ReadonlyArray<BenchRow>> =>
  Effect.promise(async () => {
    const top = realpathSync(mkdtempSync(join(options.scratch, "bench-fs-")))
    const source = (name: string): FsSourceOptions => {
      const workspace = join(top, name)
      mkdirSync(workspace)
      const entry = options.workerEntry === undefined ? {} : { workerEntry: options.workerEntry }
      return { workspace, globalExcludes: null, ...entry }
    }
    try {
      return [
        await savedToDraft({ ...source("saves"), backend: "worker" }, options.saves ?? 150),
        await trickle(source("trickle"), options.changes ?? 200),
        await burst(source("burst"), options.burst ?? 5000),
        await largeTree(source("large"), options.files ?? 20_000, options.ignored ?? 100_000),
      ]
    } finally {
      rmSync(top, { recursive: true, force: true })
    }
  })
