/** Runs an `FsSource` over a scratch folder and lets a test wait until what it said fulfils a condition. */
import { mkdirSync, mkdtempSync, realpathSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Fiber, Stream } from "effect"
import type { EventDraft, PayloadOf } from "../../../src/domain/event.ts"
import { FsSource, type FsSourceOptions } from "../../../src/observe/fs/FsSource.ts"
import { removeTree } from "../../removeTree.ts"

export const scratchFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), "claw-fs-")))

export interface OpenFs {
  readonly root: string
  readonly drafts: ReadonlyArray<EventDraft>
  readonly changed: () => ReadonlyArray<PayloadOf<"fs.changed">>
  readonly health: () => ReadonlyArray<PayloadOf<"daemon.health">>
  /** Every listed change so far, as `kind path`. */
  readonly said: () => ReadonlyArray<string>
  readonly total: (kind: "add" | "change" | "unlink") => number
  /** Resolves when the condition holds; rejects with what was said if it does not come to hold. */
  readonly until: (what: string, holds: () => boolean) => Promise<void>
  readonly close: () => Promise<void>
}

const patienceMs = 12_000

export const openFs = async (
  root: string,
  options: Omit<Partial<FsSourceOptions>, "workspace"> = {},
): Promise<OpenFs> => {
  mkdirSync(root, { recursive: true })
  const drafts: Array<EventDraft> = []
  const waiting = new Set<() => void>()
  const source = FsSource.make({
    workspace: root,
    globalExcludes: null,
    pollMs: 100,
    groupMs: 100,
    ...options,
  })
  const fiber = Effect.runFork(
    Stream.runForEach(source.observations, (batch) =>
      Effect.sync(() => {
        drafts.push(...batch.drafts)
        for (const check of waiting) check()
      }),
    ),
  )
  const changed = () => drafts.flatMap((draft) => (draft.type === "fs.changed" ? [draft.payload] : []))
  const health = () => drafts.flatMap((draft) => (draft.type === "daemon.health" ? [draft.payload] : []))
  const until = (what: string, holds: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const done = () => {
        waiting.delete(check)
        clearTimeout(timer)
      }
      const check = () => {
        if (!holds()) return
        done()
        resolve()
      }
      const timer = setTimeout(() => {
        done()
        reject(new Error(`not seen: ${what}; said: ${JSON.stringify(drafts.slice(-8)).slice(0, 3000)}`))
      }, patienceMs)
      waiting.add(check)
      check()
    })
  const open: OpenFs = {
    root,
    drafts,
    changed,
    health,
    said: () => changed().flatMap(({ changes }) => changes.map(({ kind, path }) => `${kind} ${path}`)),
    total: (kind) => changed().reduce((sum, { counts }) => sum + counts[kind], 0),
    until,
    close: () => Effect.runPromise(Fiber.interrupt(fiber)).then(() => undefined),
  }
  await until("the first health", () => health().length > 0)
  return open
}

/**
 * One scratch folder and one open source for the length of a test. The workspace is `work` in the scratch folder;
 * a relative `globalExcludes` stands beside it.
 */
export const withFs = async (
  options: Parameters<typeof openFs>[1],
  prepare: (root: string) => void,
  test: (fs: OpenFs) => Promise<void>,
): Promise<void> => {
  const top = scratchFolder()
  const root = join(top, "work")
  mkdirSync(root)
  prepare(root)
  const globalExcludes = options?.globalExcludes == null ? null : join(top, options.globalExcludes)
  const fs = await openFs(root, { ...options, globalExcludes })
  try {
    await test(fs)
  } finally {
    await fs.close()
    removeTree(top)
  }
}
