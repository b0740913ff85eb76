/**
 * Rules, sources and state of the work as sections before a conversation.
 * Invariants: rules are looked at before each word and change only where a file or its trust did, or where the conversation
 * came to a new folder; the sources and the state are as they were when it began, until a compaction, so that the prompt
 * stays what the provider's cache holds; they are not even read in between.
 */
import { Effect } from "effect"
import { relative } from "node:path"
import type { SectionSource, SectionText } from "../Preparation.ts"
import type { Discovery, Place } from "./Discovery.ts"

/** Kinds that are looked up once. */
const once: ReadonlySet<string> = new Set(["repository", "state"])

const folderOf = (workspace: string, cwd: string): string => {
  const below = relative(workspace, cwd)
  return below.startsWith("..") ? "" : below
}

export const contextSource =
  (discovery: Discovery["Service"]): SectionSource =>
  (about) =>
    Effect.gen(function* () {
      const { before, cwd, touched, workspace } = about
      const place: Place = { workspace, folder: folderOf(workspace, cwd), touched }
      if (before.length === 0)
        return (yield* discovery.all(place)).map((section): SectionText =>
          once.has(section.kind) ? { ...section, once: true } : section,
        )
      // named again without a text: what stands stays
      const standing = before
        .filter(({ kind }) => once.has(kind))
        .map(({ cut, kind, pinned, source, trust }): SectionText => ({
          kind,
          source,
          trust,
          text: "",
          cut,
          pinned,
          once: true,
        }))
      return [...(yield* discovery.rules(place)), ...standing]
    })
