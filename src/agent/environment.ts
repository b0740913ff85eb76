/**
 * Where a conversation takes place, as it was when it began: system, folder, branch, day. Invariant: it reads git's own
 * file and runs nothing.
 */
import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { neutralise } from "../domain/neutralise.ts"
import type { SectionSource } from "./Preparation.ts"

const text = (path: string): Promise<string | null> =>
  readFile(path, "utf8").then(
    (content) => content.slice(0, 4_096).trim(),
    () => null,
  )

const headOf = async (folder: string): Promise<string | null> => {
  const pointer = await text(join(folder, ".git"))
  const elsewhere = pointer === null ? null : /^gitdir: (.+)$/.exec(pointer)
  const head = await text(
    join(elsewhere === null ? join(folder, ".git") : resolve(folder, elsewhere[1]!), "HEAD"),
  )
  if (head === null) return null
  const branch = /^ref: refs\/heads\/(.+)$/.exec(head)
  return branch === null ? `commit ${head.slice(0, 12)}` : `branch ${branch[1]!}`
}

export const environment =
  (system: { readonly platform: string; readonly release: string }): SectionSource =>
  (about) =>
    Effect.map(
      Effect.promise(() => headOf(about.workspace)),
      (head) => [
        {
          kind: "environment",
          source: "claw",
          trust: "trusted" as const,
          text: [
            `System: ${system.platform} ${system.release}`,
            `Workspace: ${neutralise(about.workspace)}`,
            ...(about.cwd === about.workspace ? [] : [`Folder of your calls: ${neutralise(about.cwd)}`]),
            `Git: ${head === null ? "none" : neutralise(head).slice(0, 200)} (when this began)`,
            `Day this began: ${about.openedAt.slice(0, 10)} (UTC)`,
          ].join("\n"),
          cut: null,
          pinned: true,
          once: true as const,
        },
      ],
    )
