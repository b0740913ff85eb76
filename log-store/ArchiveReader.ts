/**
 * Payloads that were archived: taken out of the log, and kept in sealed files beside it. A reader of the log gets them
 * as if they had never left, so that a fold from the first event is what it always was.
 * Invariants: only what fits the hash in the log is ever handed out; a file that is missing or not readable is as
 * if the payload were erased; one or two files are in memory at a time.
 */
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import type { Event } from "../src/domain/event.ts"
import type { Upcast } from "./chunk.ts"
import { inline } from "./chunk.ts"
import { parseLine } from "./jsonl.ts"
import { archiveDir, linesOfSync, rangeOf } from "./segments.ts"

interface Archive {
  readonly first: number
  readonly last: number
  readonly path: string
}

const held = 2

const readLines = (path: string): ReadonlyArray<string> => {
  try {
    return linesOfSync(readFileSync(path)) ?? []
  } catch {
    return []
  }
}

/** The payload's JSON where the line is this event's, and whole. */
const payloadIn = (text: string | undefined, hash: string): string | undefined => {
  if (text === undefined) return undefined
  try {
    const line = parseLine(text)
    return line._tag === "event" && line.entry.hash === hash && line.entry.place === inline
      ? line.entry.payload
      : undefined
  } catch {
    return undefined
  }
}

export class ArchiveReader {
  readonly #folder: string
  readonly #upcast: Upcast
  #archives: ReadonlyArray<Archive>
  /** Newest first. */
  #open: Array<{ readonly path: string; readonly lines: ReadonlyMap<number, string> }> = []

  constructor(dir: string, upcast: Upcast) {
    this.#folder = join(dir, archiveDir)
    this.#upcast = upcast
    this.#archives = this.#list()
  }

  #list(): ReadonlyArray<Archive> {
    let names: ReadonlyArray<string> = []
    try {
      names = readdirSync(this.#folder)
    } catch {
      // no archive yet
    }
    return names
      .flatMap((name) => {
        const range = rangeOf(name)
        return range === null ? [] : [{ ...range, path: join(this.#folder, name) }]
      })
      .sort((a, b) => a.first - b.first)
  }

  /** Files were made, changed or removed. */
  refresh(): void {
    this.#archives = this.#list()
    this.#open = []
  }

  get isEmpty(): boolean {
    return this.#archives.length === 0
  }

  #lines(path: string): ReadonlyMap<number, string> {
    const known = this.#open.find((each) => each.path === path)
    if (known !== undefined) return known.lines
    const lines = new Map<number, string>()
    for (const text of readLines(path)) {
      const found = /^\{"seq":(\d+),/.exec(text)
      if (found !== null) lines.set(Number(found[1]), text)
    }
    this.#open = [{ path, lines }, ...this.#open.slice(0, held - 1)]
    return lines
  }

  /** The event with its payload from the archive, or as it is where no archive has it. */
  restored(event: Event): Event {
    if (event.erased !== true || this.#archives.length === 0) return event
    const archive = this.#archives.findLast(({ first }) => first <= event.seq)
    if (archive === undefined || archive.last < event.seq) return event
    const found = payloadIn(this.#lines(archive.path).get(event.seq), event.hash)
    if (found === undefined) return event
    const { erased: _, ...header } = event
    const payload: unknown = JSON.parse(found)
    const step = this.#upcast(event.type, event.v)
    return {
      ...header,
      ...(step === undefined ? { payload } : { v: step.v, payload: step.up(payload) }),
      archived: basename(archive.path),
    } as Event
  }

  restoredAll(events: ReadonlyArray<Event>): ReadonlyArray<Event> {
    return this.isEmpty || !events.some((event) => event.erased === true)
      ? events
      : events.map((event) => this.restored(event))
  }
}
