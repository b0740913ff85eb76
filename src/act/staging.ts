/**
 * Contents made ready beside where they will go: whole, with mode, owner and exact time, durable, and not yet in place.
 * Invariant: nothing outside the staging folder is touched; a full disk is met here, where it costs nothing.
 */
import { spawn } from "node:child_process"
import { constants, lstatSync } from "node:fs"
import { lchown, lutimes, open, symlink } from "node:fs/promises"
import { ToolError } from "./Tool.ts"
import type { Captured } from "./pathState.ts"

export interface Staged {
  readonly name: string
  readonly content: Captured
  readonly owner: { readonly uid: number; readonly gid: number } | null
}

const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW

const writeOne = async (folder: string, { content, name, owner }: Staged): Promise<void> => {
  const { bytes, state } = content
  const path = `${folder}/${name}`
  if (state.kind === "link") {
    await symlink(Buffer.from(bytes!), path)
    if (owner !== null) await lchown(path, owner.uid, owner.gid).catch(() => {})
    return
  }
  const handle = await open(path, flags, 0o600)
  try {
    await handle.writeFile(bytes!)
    if (owner !== null) await handle.chown(owner.uid, owner.gid).catch(() => {})
    await handle.chmod(state.mode)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * One program call for the one thing Node cannot do: its times are doubles, exact to about 240 ns only. All names are
 * our own; `xargs` starts one `touch` for each.
 */
const touchAll = (folder: string, files: ReadonlyArray<Staged>): Promise<void> =>
  new Promise((done) => {
    const words = files.flatMap(({ content, name }) => {
      const digits = content.state.mtimeNs.padStart(10, "0")
      return ["-hm", "-d", `@${digits.slice(0, -9)}.${digits.slice(-9)}`, "--", name]
    })
    const child = spawn("xargs", ["-0", "-n", "5", "touch"], {
      stdio: ["pipe", "ignore", "ignore"],
      env: { PATH: "/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin" },
      cwd: folder,
    })
    child.on("error", () => done()).on("close", () => done())
    child.stdin.on("error", () => {})
    child.stdin.end(words.join("\0"), "utf8", () => {})
  })

const isDated = (folder: string, { content, name }: Staged): boolean =>
  lstatSync(`${folder}/${name}`, { bigint: true }).mtimeNs === BigInt(content.state.mtimeNs)

const sixteenAtOnce = async <A>(items: ReadonlyArray<A>, run: (item: A) => Promise<void>): Promise<void> => {
  const queue = [...items]
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item)
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

/** `folder`: opened, empty of these names. */
export const stageAll = async (folder: string, files: ReadonlyArray<Staged>): Promise<void> => {
  await sixteenAtOnce(files, (file) => writeOne(folder, file))
  await sixteenAtOnce(files, async ({ content, name }) => {
    const seconds = Number(content.state.mtimeNs) / 1e9
    await lutimes(`${folder}/${name}`, seconds, seconds)
  })
  const undated = files.filter((file) => !isDated(folder, file))
  if (undated.length > 0) await touchAll(folder, undated)
  const wrong = undated.find((file) => !isDated(folder, file))
  // a file system with coarser times than the one the file was on
  if (wrong !== undefined && !isDatedRoughly(folder, wrong)) {
    throw new ToolError({
      reason: "failed",
      message: `the time of ${wrong.content.state.path} cannot be set`,
    })
  }
}

const isDatedRoughly = (folder: string, { content, name }: Staged): boolean => {
  const now = lstatSync(`${folder}/${name}`, { bigint: true }).mtimeNs
  const apart = now - BigInt(content.state.mtimeNs)
  return apart < 2_000_000_000n && apart > -2_000_000_000n
}
