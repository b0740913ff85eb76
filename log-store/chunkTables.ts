/**
 * The JSON part of a chunk: what few of its events have, or many have in common.
 *   h: distinct kinds [type, v, index in w or null, actor, trust] | w: workspaces | c: causations that are no ids
 *   k: correlations | t: milliseconds from an id's time to its event's, where any differs | p: places that are not
 *   inline, b: blobs, by index
 * Invariant: `readTables` lets nothing pass that a chunk's columns could not have been written with.
 */
import { ChunkError, erased, type Kind, maxEvents, type Place, side } from "./chunkLayout.ts"

export interface Tables {
  readonly h: ReadonlyArray<readonly [string, number, number | null, string, string]>
  readonly w?: ReadonlyArray<string>
  readonly c?: ReadonlyArray<string>
  readonly k?: ReadonlyArray<string>
  readonly t?: ReadonlyArray<number>
  readonly p?: Readonly<Record<string, Place>>
  readonly b?: Readonly<Record<string, ReadonlyArray<string>>>
}

/** What of the tables a reader asks for. */
export interface ReadTables {
  readonly kinds: ReadonlyArray<Kind>
  readonly causations: ReadonlyArray<string>
  readonly correlations: ReadonlyArray<string>
  readonly times: ReadonlyArray<number> | undefined
  readonly places: Readonly<Record<string, Place>> | undefined
  readonly blobs: Readonly<Record<string, ReadonlyArray<string>>> | undefined
}

export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChunkError("the chunk's JSON cannot be read")
  }
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.length <= maxEvents && value.every((text) => typeof text === "string")

const isKind = (kind: unknown, workspaces: number): boolean =>
  Array.isArray(kind) &&
  kind.length === 5 &&
  typeof kind[0] === "string" &&
  typeof kind[1] === "number" &&
  (kind[2] === null || (Number.isInteger(kind[2]) && kind[2] >= 0 && kind[2] < workspaces)) &&
  typeof kind[3] === "string" &&
  typeof kind[4] === "string"

const isOptional = (value: unknown, holds: (value: unknown) => boolean): boolean =>
  value === undefined || holds(value)
const values = (value: unknown): ReadonlyArray<unknown> =>
  typeof value === "object" && value !== null ? Object.values(value) : [undefined]

/** The tables of a chunk of `count` events, as they are stored. */
export const parseTables = (text: string, count: number): Tables => {
  const tables = parseJson(text) as Tables
  const ok =
    typeof tables === "object" &&
    tables !== null &&
    isOptional(tables.w, isTexts) &&
    Array.isArray(tables.h) &&
    tables.h.length > 0 &&
    tables.h.length <= maxEvents &&
    tables.h.every((kind) => isKind(kind, tables.w?.length ?? 0)) &&
    isOptional(tables.c, isTexts) &&
    isOptional(tables.k, isTexts) &&
    isOptional(tables.t, (t) => Array.isArray(t) && t.length === count && t.every(Number.isSafeInteger)) &&
    isOptional(tables.p, (p) => values(p).every((place) => place === side || place === erased)) &&
    isOptional(tables.b, (b) => values(b).every(isTexts))
  if (!ok) throw new ChunkError("the chunk's headers cannot be read")
  return tables
}

export const readTables = (text: string, count: number): ReadTables => {
  const tables = parseTables(text, count)
  const workspaces = tables.w ?? []
  return {
    kinds: tables.h.map(([type, v, where, actor, trust]) => [
      type,
      v,
      where === null ? null : workspaces[where]!,
      actor,
      trust,
    ]),
    causations: tables.c ?? [],
    correlations: tables.k ?? [],
    times: tables.t,
    places: tables.p,
    blobs: tables.b,
  }
}
