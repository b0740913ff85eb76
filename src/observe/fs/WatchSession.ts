/**
 * Keeps one workspace watched: chooses the watcher by the measured size of the tree, replaces it when it says
 * that it is no longer fit (the old one goes on until the new one is ready), starts it again when it died, and
 * tells the health of all that.
 */
import { counted } from "../../domain/counted.ts"
import type { PayloadOf } from "../../domain/event.ts"
import { type SmallTree, startChokidarWatcher } from "./ChokidarWatcher.ts"
import { display, toBytes } from "./byteStrings.ts"
import { readBaseRules } from "./ignoreFiles.ts"
import { measure } from "./measure.ts"
import { suspiciousDrain } from "./watchBudget.ts"
import type { Handover, Seen, StartWatcher, Watcher, WatchReport, WatchState } from "./Watcher.ts"
import { startWorkerWatcher } from "./WorkerWatcher.ts"

export interface SessionOptions {
  readonly workspace: string
  readonly globalExcludes: string | null
  readonly budget: number
  readonly mostFolders: number
  readonly backend: "auto" | "chokidar" | "worker" | "polling"
  readonly small: SmallTree
  readonly pollMs: number
  readonly workerEntry: URL | undefined
  /** When this workspace was last known to be observed, ms since the epoch; null: never. */
  readonly since: number | null
}

export interface Health {
  readonly payload: PayloadOf<"daemon.health">
  /** It names files. */
  readonly untrusted: boolean
}

export interface SessionPorts {
  readonly seen: (seen: Seen) => void
  readonly health: (health: Health) => void
}

const shortestRestartMs = 1000
const longestRestartMs = 60_000

export class WatchSession {
  readonly #options: SessionOptions
  readonly #ports: SessionPorts
  readonly #root: string
  #current: Watcher | null = null
  #next: Watcher | null = null
  /** The small watcher gave up on this tree. */
  #outgrown = false
  /** Nobody watched since then, until a watcher is ready. */
  #missedSince: number | null
  #choosing = false
  #asked: Handover | null = null
  #heardAt = Date.now()
  #restartMs = shortestRestartMs
  #timer: NodeJS.Timeout | null = null
  #told = ""
  #closed = false
  readonly #closing = new Set<Promise<void>>()

  constructor(options: SessionOptions, ports: SessionPorts) {
    this.#options = options
    this.#ports = ports
    this.#root = toBytes(options.workspace)
    this.#outgrown = options.backend === "worker" || options.backend === "polling"
    this.#missedSince = options.since
    void this.#replace(null)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#retire(this.#current)
    this.#retire(this.#next)
    await Promise.all(this.#closing)
  }

  #retire(watcher: Watcher | null): void {
    if (watcher === null) return
    const closing = watcher.close().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  async #replace(handover: Handover | null): Promise<void> {
    if (this.#choosing) {
      this.#asked = handover
      return
    }
    this.#choosing = true
    const start = (await this.#isSmall()) ? startChokidarWatcher(this.#smallLimit()) : this.#startWorker()
    this.#choosing = false
    if (this.#closed) return
    this.#retire(this.#next)
    const next = start(
      {
        root: this.#root,
        globalExcludes: this.#options.globalExcludes,
        budget: this.#options.budget,
        mostFolders: this.#options.mostFolders,
        poll: this.#options.backend === "polling",
        pollMs: this.#options.pollMs,
        suspicious: suspiciousDrain(),
        handover: this.#toCatchUp(handover?.next === "worker" ? handover : null),
      },
      (report) => this.#heard(next, report),
    )
    this.#next = next
    const asked = this.#asked
    this.#asked = null
    if (asked !== null) void this.#replace(asked)
  }

  #toCatchUp(handover: Handover | null): Handover | null {
    const missed = this.#missedSince
    if (missed === null) return handover
    return { known: null, next: "worker", ...handover, since: Math.min(missed, handover?.since ?? missed) }
  }

  #startWorker(): StartWatcher {
    return this.#options.workerEntry === undefined
      ? startWorkerWatcher()
      : startWorkerWatcher(this.#options.workerEntry)
  }

  /** Room to grow by half before the small watcher gives up. */
  #smallLimit(): SmallTree {
    const { small, budget } = this.#options
    return { folders: Math.min(small.folders * 1.5, budget), files: small.files * 1.5 }
  }

  async #isSmall(): Promise<boolean> {
    if (this.#outgrown) return false
    const { small, budget, workspace, globalExcludes } = this.#options
    const size = await measure(this.#root, readBaseRules(workspace, globalExcludes), small)
    return size.fits && size.folders <= budget
  }

  #heard(from: Watcher, report: WatchReport): void {
    if (this.#closed || (from !== this.#current && from !== this.#next)) return
    this.#heardAt = Date.now()
    switch (report._tag) {
      case "seen":
        return this.#ports.seen(report)
      case "ready":
        if (from === this.#next) {
          this.#retire(this.#current)
          this.#current = from
          this.#next = null
          this.#missedSince = null
        }
        this.#restartMs = shortestRestartMs
        return this.#tell(from, report.state)
      case "state":
        return this.#tell(from, report.state)
      case "unfit":
        if (report.handover.next === "worker") this.#outgrown = true
        void this.#replace(report.handover)
        return
      case "failed":
        return this.#failed(from, report.reason)
    }
  }

  #failed(from: Watcher, reason: string): void {
    if (from === this.#next) this.#next = null
    if (from === this.#current) this.#current = null
    const since = this.#heardAt - shortestRestartMs
    this.#say("degraded", from.backend, `the watcher stopped and starts again: ${reason}`, false)
    this.#timer = setTimeout(
      () => void this.#replace({ since, known: null, next: "worker" }),
      this.#restartMs,
    )
    this.#restartMs = Math.min(this.#restartMs * 2, longestRestartMs)
  }

  #tell(from: Watcher, state: WatchState): void {
    const polls = state.mode === "poll"
    const size = `${counted(state.files, "file")} in ${counted(state.folders, "folder")}`
    const how = polls
      ? `${size}, polling modification times`
      : `${size}, ${state.folders} of ${this.#options.budget} watches`
    const troubles = [
      ...(state.rootMissing ? ["the workspace is missing"] : []),
      ...(state.limit === "budget"
        ? [`more folders than the budget of ${this.#options.budget} watches`]
        : []),
      ...(state.limit === "system" ? ["the system refused more watches"] : []),
      ...(state.cut ? [`more than ${this.#options.mostFolders} folders, the others are not observed`] : []),
      ...(state.unreadable > 0 ? [unreadable(state)] : []),
    ]
    const degraded = troubles.length > 0
    const detail = [how, ...troubles].join("; ")
    this.#say(
      degraded ? "degraded" : "running",
      polls ? "polling" : from.backend,
      detail,
      state.unreadable > 0,
      state.rootMissing,
    )
  }

  /** Says it once: counts alone are no news. */
  #say(
    state: "running" | "degraded",
    backend: string,
    detail: string,
    untrusted: boolean,
    missing = false,
  ): void {
    const news = [state, backend, detail.replace(/^\d+ files? in \d+ folders?(, \d+)?/, "")].join()
    if (news === this.#told) return
    this.#told = news
    const payload = { component: "source:fs", state, backend, detail }
    this.#ports.health({ payload: missing ? { ...payload, missing } : payload, untrusted })
  }
}

const unreadable = (state: WatchState): string => {
  const names = state.unreadableNames.map((name) => JSON.stringify(display(name).path))
  const more = state.unreadable > names.length ? " and others" : ""
  return `${counted(state.unreadable, "folder")} cannot be read: ${names.join(", ")}${more}`
}
