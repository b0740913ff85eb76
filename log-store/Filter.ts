/**
 * A query's conditions, made ready once: on what many events of a chunk share (type, workspace, actor), on ids and
 * times, on the payload. Scans of the past and live tails ask the same ones. Pure.
 * Invariants: conditions combine by AND; an erased payload answers no condition on payloads; `needs` only rules out:
 * an event that matches has those texts in its stored JSON, in any case.
 */
import type { Event } from "../src/domain/event.ts"
import {
  commandsOf,
  exitOf,
  pathsOf,
  typesWithCommands,
  typesWithExit,
  typesWithPaths,
} from "../src/domain/eventPaths.ts"
import { pathLiterals, pathMatcher, typeMatcher } from "./globs.ts"
import type { Query } from "./LogStore.ts"
import { inAnyCase, isAscii, Needle } from "./Needle.ts"
import type { Literal } from "./words.ts"

/** All texts of one of these lists are in the payload's JSON. */
export type Need = ReadonlyArray<ReadonlyArray<Literal>>

type PayloadCondition = (type: string, payload: unknown, workspace: string | null) => boolean

const isoOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(Math.min(Math.max(ms, 0), 253_402_300_799_999)).toISOString()

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)

/** Types that can answer the conditions on payloads; undefined: all. */
const typeConditions = (query: Query): ReadonlyArray<(type: string) => boolean> => [
  ...(query.types === undefined ? [] : [typeMatcher(query.types)]),
  ...(query.paths === undefined ? [] : [(type: string) => typesWithPaths.has(type)]),
  ...(query.command === undefined ? [] : [(type: string) => typesWithCommands.has(type)]),
  ...(query.exit === undefined ? [] : [(type: string) => typesWithExit.has(type)]),
]

const payloadConditions = (query: Query): ReadonlyArray<PayloadCondition> => {
  const conditions: Array<PayloadCondition> = []
  const { paths, command, exit } = query
  if (paths !== undefined) {
    const matches = pathMatcher(paths)
    conditions.push((type, payload, workspace) =>
      pathsOf(type, payload).some((path) => matches(path, workspace)),
    )
  }
  if (command !== undefined) {
    const wanted = inAnyCase(command)
    conditions.push((type, payload) => commandsOf(type, payload).some((found) => wanted.test(found)))
  }
  if (exit !== undefined)
    conditions.push((type, payload) => {
      const found = exitOf(type, payload)
      return found !== null && (found === exit.code) !== exit.not
    })
  return conditions
}

const loose = (text: string): Literal => ({ text, left: false, right: false, quoted: false })

const needleNeed = ({ text, escaped }: Needle): Need =>
  escaped === text ? [[loose(text)]] : [[loose(text)], [loose(escaped)]]

/** Where an argument list is meant, there is no space between the words. */
const commandNeed = (command: string): Need => {
  const words = command.split(/\s+/)
  return [
    words.flatMap((word, n) =>
      word === "" ? [] : [{ text: escaped(word), left: n > 0, right: n < words.length - 1, quoted: false }],
    ),
  ]
}

const pathNeed = (globs: ReadonlyArray<string>): Need =>
  globs.map((glob) =>
    pathLiterals(glob).map(({ text, ...bounds }) => ({ ...bounds, text: escaped(text), quoted: false })),
  )

const needsOf = (query: Query): ReadonlyArray<Need> => {
  const needs: Array<Need> = []
  if (query.command !== undefined) needs.push(commandNeed(query.command))
  if (query.paths !== undefined) needs.push(pathNeed(query.paths))
  if (query.exit?.not === false)
    needs.push([[{ text: `"exit":${query.exit.code}`, left: true, right: true, quoted: true }]])
  return needs.filter((need) =>
    need.every((literals) => literals.length > 0 && literals.every(({ text }) => text.isWellFormed())),
  )
}

export class Filter {
  readonly needle: Needle | undefined
  /** What a payload has to hold, so that the event can match; the needle's too. */
  readonly needs: ReadonlyArray<Need>
  /** The type is bounded. */
  readonly hasTypes: boolean
  /** Nothing is asked of single events; workspace and ids aside. */
  readonly isOpen: boolean
  readonly #held: ReadonlyArray<ReadonlyArray<ReadonlyArray<RegExp>>>
  /** The needs and the needle are ASCII, and can be looked for in UTF-8 as it lies. */
  readonly #asBytes: boolean
  readonly #types: ReadonlyArray<(type: string) => boolean>
  readonly #actor: ((actor: string) => boolean) | undefined
  readonly #payload: ReadonlyArray<PayloadCondition>
  readonly #workspace: string | undefined
  readonly #causationId: string | undefined
  readonly #correlationId: string | undefined
  readonly #since: string | undefined
  readonly #until: string | undefined

  constructor(query: Query) {
    this.#types = typeConditions(query)
    this.#actor = query.actors === undefined ? undefined : typeMatcher(query.actors)
    this.#payload = payloadConditions(query)
    this.#workspace = query.workspace
    this.#causationId = query.causationId
    this.#correlationId = query.correlationId
    this.#since = isoOf(query.since)
    this.#until = isoOf(query.until)
    this.needle = query.grep === undefined || query.grep === "" ? undefined : new Needle(query.grep)
    const needs = needsOf(query)
    // What begins with a backslash may stand in the middle of an escape: its words say nothing.
    this.needs =
      this.needle === undefined || this.needle.text.includes("\\")
        ? needs
        : [needleNeed(this.needle), ...needs]
    this.#held = needs.map((need) => need.map((literals) => literals.map(({ text }) => inAnyCase(text))))
    this.#asBytes = isAscii(query.grep ?? "") && needs.flat(2).every(({ text }) => isAscii(text))
    this.hasTypes = this.#types.length > 0
    this.isOpen =
      !this.hasTypes &&
      this.#actor === undefined &&
      this.#payload.length === 0 &&
      this.needle === undefined &&
      query.workspace === undefined &&
      query.causationId === undefined &&
      query.correlationId === undefined &&
      query.since === undefined &&
      query.until === undefined
  }

  /** False where no payload among these can match. `json`: in UTF-8, with nothing else but other payloads. */
  mayHold(json: Buffer, ascii: boolean): boolean {
    return (
      (this.needle === undefined && this.#held.length === 0) ||
      this.mayHoldText(json.toString(ascii || this.#asBytes ? "latin1" : "utf8"))
    )
  }
  /** The same of a payload's JSON as text. */
  mayHoldText(json: string): boolean {
    return (
      (this.needle === undefined || this.needle.inText(json)) &&
      this.#held.every((need) => need.some((texts) => texts.every((held) => held.test(json))))
    )
  }

  get asksPayload(): boolean {
    return this.needle !== undefined || this.#payload.length > 0
  }
  type(type: string): boolean {
    return this.#types.every((matches) => matches(type))
  }
  kind(type: string, workspace: string | null, actor: string): boolean {
    return (
      this.type(type) &&
      (this.#workspace === undefined || workspace === this.#workspace) &&
      (this.#actor === undefined || this.#actor(actor))
    )
  }
  ids(causationId: string | null, correlationId: string | null): boolean {
    return (
      (this.#causationId === undefined || causationId === this.#causationId) &&
      (this.#correlationId === undefined || correlationId === this.#correlationId)
    )
  }
  time(at: string): boolean {
    return (
      (this.#since === undefined || at >= this.#since) && (this.#until === undefined || at <= this.#until)
    )
  }
  payload(event: Event): boolean {
    return (
      this.#payload.length === 0 ||
      (event.erased !== true &&
        this.#payload.every((holds) => holds(event.type, event.payload, event.workspace)))
    )
  }
  text(event: Event): boolean {
    return (
      this.needle === undefined ||
      (event.erased !== true && this.needle.inText(JSON.stringify(event.payload)))
    )
  }

  event(event: Event): boolean {
    return (
      this.kind(event.type, event.workspace, event.actor) &&
      this.ids(event.causationId, event.correlationId) &&
      this.time(event.at) &&
      this.payload(event) &&
      this.text(event)
    )
  }
}
