/**
 * Reads the files in which people wrote how an agent shall work here: the user's own, then from the repository's top down
 * to the folder of the work, imports in the place where they are named.
 * Invariants: nothing is read through a link or from outside the workspace (but the user's own two files); each file once,
 * the same text once; bounded a file and in all, and what is left out is said; no secret comes along; a file of the
 * workspace is untrusted until its exact content was trusted.
 */
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { readdirSync } from "node:fs"
import { join, posix } from "node:path"
import { readBelow } from "../../act/openBelow.ts"
import type { Trust } from "../../domain/action.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import {
  foldersDownTo,
  folderNames,
  importsOf,
  ownConfigName,
  ownHomeName,
  readInstruction,
  topFolders,
  topNames,
} from "./instructionFiles.ts"

export interface FoundSection {
  readonly kind: "rules"
  /** The path as people know it: relative to the workspace, or absolute for the user's own. */
  readonly source: string
  readonly trust: Trust
  readonly text: string
  readonly cut: string | null
  readonly pinned: boolean
  /** Where it holds: empty, everywhere; else where a touched file fits one of these. */
  readonly globs: ReadonlyArray<string>
}

export interface InstructionPlaces {
  /** Real path. */
  readonly workspace: string
  /** Folder of the work, relative to the workspace; "" for its top. */
  readonly folder: string
  readonly home: string
  /** Folder of Claw's own configuration. */
  readonly config: string
  /** SHA-256 of the workspace's files that were trusted, by relative path. */
  readonly trusted: Readonly<Record<string, string>>
}

/** Characters: about 5,000 tokens a file and 15,000 in all, so that rules never crowd out the work. */
const mostOfFile = 20_000
const mostInAll = 60_000
const mostBytes = 1024 * 1024
const deepestImport = 5
const mostFiles = 100

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** Null: not text. */
const textOf = (bytes: Buffer): string | null => {
  if (bytes.includes(0)) return null
  return bytes.toString("utf8").replaceAll("\r\n", "\n").trim()
}

const inFolder = (workspace: string, folder: string, ending: string): ReadonlyArray<string> => {
  try {
    return readdirSync(join(workspace, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
      .map((entry) => `${folder}/${entry.name}`)
      .sort()
      .slice(0, mostFiles)
  } catch {
    return []
  }
}

/** All that could be there, the least near first. */
const candidates = ({ folder, workspace }: InstructionPlaces): ReadonlyArray<string> => [
  ...topNames,
  ...topFolders.flatMap(({ ending, folder: rules }) => inFolder(workspace, rules, ending)),
  ...foldersDownTo(folder).flatMap((at) => folderNames.map((name) => posix.join(at, name))),
]

interface Reading {
  readonly found: Array<FoundSection>
  readonly seen: Set<string>
  left: number
  readonly leftOut: Array<string>
}

const bounded = (reading: Reading, text: string): { readonly text: string; readonly cut: string | null } => {
  const most = Math.min(mostOfFile, reading.left)
  if (text.length <= most) return { text, cut: null }
  const kept = text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "")
  return { text: kept, cut: `the last ${text.length - kept.length} of ${text.length} characters` }
}

const take = (
  reading: Reading,
  source: string,
  raw: string,
  trust: Trust,
  refused: ReadonlyArray<string>,
): void => {
  const { always, body, globs } = readInstruction(source, raw)
  const clean = redactSecrets(body.trim())
  const mark = digestOf(Buffer.from(clean))
  if (clean === "" || reading.seen.has(mark)) return
  reading.seen.add(mark)
  if (reading.left <= 0) {
    reading.leftOut.push(source)
    return
  }
  const { cut, text } = bounded(reading, clean)
  reading.left -= text.length
  const outside = refused.length === 0 ? null : `not taken in: ${refused.slice(0, 5).join(", ")}`
  reading.found.push({
    kind: "rules",
    source,
    trust,
    text,
    cut: [cut, outside].filter((one) => one !== null).join("; ") || null,
    pinned: true,
    globs: always ? [] : globs,
  })
}

const visit = (reading: Reading, places: InstructionPlaces, path: string, depth: number): void => {
  const key = `path:${path}`
  if (reading.seen.has(key) || reading.seen.size > 4 * mostFiles) return
  reading.seen.add(key)
  const bytes = readBelow(places.workspace, path, mostBytes)
  const text = bytes === null ? null : textOf(bytes)
  if (bytes === null || text === null) return
  const trust: Trust = places.trusted[path] === digestOf(bytes) ? "trusted" : "untrusted"
  const { paths, refused } = importsOf(path, text)
  // what it names comes first, as it would be read where it is named
  if (depth < deepestImport) for (const inner of paths) visit(reading, places, inner, depth + 1)
  take(reading, path, text, trust, refused)
}

const own = (reading: Reading, folder: string, name: string): void => {
  const bytes = readBelow(folder, name, mostBytes)
  const text = bytes === null ? null : textOf(bytes)
  if (text !== null) take(reading, join(folder, name), text, "trusted", [])
}

export interface Instructions {
  readonly sections: ReadonlyArray<FoundSection>
  /** Files for which there was no room. */
  readonly leftOut: ReadonlyArray<string>
}

export const gatherInstructions = (places: InstructionPlaces): Effect.Effect<Instructions> =>
  Effect.sync(() => {
    const reading: Reading = { found: [], seen: new Set(), left: mostInAll, leftOut: [] }
    own(reading, places.home, ownHomeName)
    own(reading, places.config, ownConfigName)
    for (const path of candidates(places)) visit(reading, places, path, 0)
    return { sections: reading.found, leftOut: reading.leftOut }
  })
