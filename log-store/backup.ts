/**
 * A copy of a log that can be kept anywhere: a folder with the data file, the archives and a manifest that names each
 * file's size and SHA-256; or one packed file with the same in it. Segments are not copied: they are made again.
 * Invariants: the manifest is written last, so that a copy without one is no backup; what does not fit its manifest is
 * never restored; one file is read at a time, as a stream.
 */
import { createHash } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { copyFile, mkdir, open, readFile, stat, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib"
import { Schema } from "effect"
import { listArchives } from "./archive.ts"
import { markerFile } from "./directory.ts"
import { dataFile } from "./LmdbBackend.ts"
import { archiveDir } from "./segments.ts"

const manifestFile = "backup.json"
/** Names of a packed backup end so. */
export const packedSuffix = ".zst"

const longestManifest = 64 * 2 ** 20

const Manifest = Schema.Struct({
  backup: Schema.Literal("claw.log/1"),
  /** The newest event. */
  seq: Schema.Natural,
  hash: Schema.String,
  at: Schema.NullOr(Schema.String),
  files: Schema.Array(Schema.Struct({ path: Schema.String, bytes: Schema.Natural, sha256: Schema.String })),
})
export type Manifest = typeof Manifest.Type
const decodeManifest = Schema.decodeUnknownOption(Schema.fromJsonString(Manifest))

export class BackupError extends Error {}

/** A file of a backup lies in its folder or in that of the archives, and nowhere else. */
const isOurs = (path: string): boolean =>
  path === dataFile ||
  path === markerFile ||
  (dirname(path) === archiveDir && /^\d{12}-\d{12}\.segment$/.test(basename(path)))

const manifestOf = (text: string): Manifest => {
  const found = decodeManifest(text)
  if (found._tag === "None") throw new BackupError("it is no backup of a log")
  const strange = found.value.files.find(({ path }) => !isOurs(path))
  if (strange !== undefined)
    throw new BackupError(`it names a file that is no part of a log: ${strange.path}`)
  return found.value
}

const digestOf = async (path: string): Promise<{ readonly bytes: number; readonly sha256: string }> => {
  const hash = createHash("sha256")
  let bytes = 0
  for await (const part of createReadStream(path)) {
    hash.update(part as Buffer)
    bytes += (part as Buffer).length
  }
  return { bytes, sha256: hash.digest("hex") }
}

const sync = async (path: string): Promise<void> => {
  const file = await open(path, "r")
  await file.sync().finally(() => file.close())
}

/** Copies what belongs to the log in `dir` into `to`, which is new; `copyData` puts a consistent data file there. */
export const copyFiles = async (
  dir: string,
  to: string,
  copyData: (path: string) => Promise<void>,
): Promise<void> => {
  await mkdir(join(to, archiveDir), { recursive: true, mode: 0o700 })
  await copyData(join(to, dataFile))
  await copyFile(join(dir, markerFile), join(to, markerFile))
  for (const { path } of await listArchives(dir)) await copyFile(path, join(to, archiveDir, basename(path)))
}

/** Writes the manifest of a copy, with everything on the disk before it. */
export const sealBackup = async (
  dir: string,
  head: { readonly seq: number; readonly hash: string; readonly at: string | null },
): Promise<Manifest> => {
  const paths = [
    dataFile,
    markerFile,
    ...(await listArchives(dir)).map(({ path }) => join(archiveDir, basename(path))),
  ]
  const files: Array<Manifest["files"][number]> = []
  for (const path of paths) {
    await sync(join(dir, path))
    files.push({ path, ...(await digestOf(join(dir, path))) })
  }
  const { seq, hash, at } = head
  const manifest: Manifest = { backup: "claw.log/1", seq, hash, at, files }
  await sync(join(dir, archiveDir))
  await writeFile(join(dir, manifestFile), `${JSON.stringify(manifest)}\n`, { mode: 0o600, flush: true })
  await sync(dir)
  return manifest
}

/** Reads and checks a backup that is a folder. Throws `BackupError`. */
export const checkBackup = async (dir: string): Promise<Manifest> => {
  const text = await readFile(join(dir, manifestFile), "utf8").catch(() => {
    throw new BackupError(`it has no ${manifestFile}, so that it is no backup, or not a whole one`)
  })
  const manifest = manifestOf(text)
  for (const { path, bytes, sha256 } of manifest.files) {
    const found = await digestOf(join(dir, path)).catch(() => null)
    if (found === null) throw new BackupError(`${path} is missing in it`)
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw new BackupError(`${path} was changed since it was written`)
  }
  return manifest
}

/** Puts a checked backup's files into a new folder, as a log. */
export const layOut = async (backup: string, manifest: Manifest, dir: string): Promise<void> => {
  await mkdir(join(dir, archiveDir), { recursive: true, mode: 0o700 })
  for (const { path } of manifest.files) {
    await copyFile(join(backup, path), join(dir, path))
    await sync(join(dir, path))
  }
  await sync(dir)
}

/** One file out of a backup's folder: the manifest as a line, then the files' bytes one after another, packed. */
export const packBackup = async (dir: string, manifest: Manifest, file: string): Promise<void> => {
  const parts = async function* () {
    yield Buffer.from(`${JSON.stringify(manifest)}\n`)
    for (const { path } of manifest.files) yield* createReadStream(join(dir, path))
  }
  const packer = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  await pipeline(parts, packer, createWriteStream(file, { flags: "wx", mode: 0o600, flush: true }))
}

/** Unpacks into a new folder, which then is a log; every byte is checked on its way. Throws `BackupError`. */
export const unpackBackup = async (file: string, dir: string): Promise<Manifest> => {
  await mkdir(join(dir, archiveDir), { recursive: true, mode: 0o700 })
  const unpacker = createZstdDecompress()
  const source = createReadStream(file)
  source.on("error", (error) => unpacker.destroy(error))
  source.pipe(unpacker)
  let manifest: Manifest | undefined
  let first = Buffer.alloc(0)
  let at = 0
  let left = 0
  let hash = createHash("sha256")
  let out: Awaited<ReturnType<typeof open>> | undefined
  const finish = async () => {
    const { path, sha256 } = manifest!.files[at - 1]!
    await out!.sync()
    await out!.close()
    out = undefined
    if (hash.digest("hex") !== sha256) throw new BackupError(`${path} was changed since it was written`)
  }
  /** Opens the next file, and ends it at once where it is empty. */
  const next = async () => {
    while (left === 0 && at < manifest!.files.length) {
      const { path, bytes } = manifest!.files[at++]!
      out = await open(join(dir, path), "wx", 0o600)
      hash = createHash("sha256")
      left = bytes
      if (left === 0) await finish()
    }
  }
  const take = async (part: Buffer) => {
    for (let from = 0; from < part.length;) {
      if (out === undefined) throw new BackupError("it is longer than it says")
      const piece = part.subarray(from, from + left)
      hash.update(piece)
      await out.write(piece)
      from += piece.length
      left -= piece.length
      if (left > 0) return
      await finish()
      await next()
    }
  }
  try {
    for await (const part of unpacker as AsyncIterable<Buffer>) {
      if (manifest !== undefined) {
        await take(part)
        continue
      }
      first = Buffer.concat([first, part])
      const end = first.indexOf(10)
      if (end < 0 && first.length > longestManifest) throw new BackupError("it is no backup of a log")
      if (end < 0) continue
      manifest = manifestOf(first.toString("utf8", 0, end))
      await next()
      await take(first.subarray(end + 1))
    }
  } catch (error) {
    if (error instanceof BackupError) throw error
    throw new BackupError(`it cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await out?.close()
    source.destroy()
  }
  if (manifest === undefined) throw new BackupError("it is no backup of a log")
  if (out !== undefined || at < manifest.files.length) throw new BackupError("it was cut: its end is missing")
  await sync(dir)
  return manifest
}

export const bytesOf = async (path: string): Promise<number> => {
  const found = await stat(path)
  if (!found.isDirectory()) return found.size
  const text = await readFile(join(path, manifestFile), "utf8")
  return manifestOf(text).files.reduce((sum, { bytes }) => sum + bytes, 0)
}
