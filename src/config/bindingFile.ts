/**
 * Reads a file whose content would bind or run, whole. A repository chooses what stands at such a path: a device, a
 * pipe or a link to one would never end or fill the memory, so only a regular file of bounded size is read.
 */
import { constants } from "node:fs"
import { open } from "node:fs/promises"

/** No configuration and no rule file is anywhere near as large. */
export const largestBinding = 1024 * 1024

/** Null where there is no such file; rejects where it cannot be read, or is nothing to be read. */
export const readBinding = async (path: string): Promise<Buffer | null> => {
  // without O_NONBLOCK opening a pipe waits for its writer
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY).catch(
    (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? null : Promise.reject(error)),
  )
  if (handle === null) return null
  try {
    const state = await handle.stat()
    if (!state.isFile()) throw new Error("it is not a regular file")
    if (state.size > largestBinding) throw new Error(`it is larger than ${largestBinding} bytes`)
    const bytes = Buffer.alloc(largestBinding + 1)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length > largestBinding) throw new Error(`it is larger than ${largestBinding} bytes`)
    return Buffer.from(bytes.subarray(0, length))
  } finally {
    await handle.close()
  }
}
