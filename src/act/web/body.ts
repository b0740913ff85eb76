/**
 * The body of an answer as bytes: decompressed, and never more than a bound of either form.
 * Invariant: memory stays bounded by the limit whatever the headers claim; a bomb ends as a typed error when it has
 * unpacked to the limit.
 */
import type { IncomingMessage } from "node:http"
import type { Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createBrotliDecompress, createUnzip, createZstdDecompress } from "node:zlib"
import { neutralise } from "../../domain/neutralise.ts"
import { failed, saidOf } from "./request.ts"
import { ToolError } from "../Tool.ts"

export const acceptedEncodings = "gzip, br"

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: createUnzip,
  "x-gzip": createUnzip,
  deflate: createUnzip,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/** One coding in another is as far as honest servers go. */
const mostCodings = 2

const unpackersFor = (header: string | undefined): ReadonlyArray<Transform> => {
  const codings = (header ?? "")
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity")
  const unknown = codings.find((coding) => !Object.hasOwn(unpackers, coding))
  if (unknown !== undefined)
    throw failed(`it is packed as ${neutralise(unknown.slice(0, 40))}, which is not known`)
  if (codings.length > mostCodings) throw failed(`it is packed ${codings.length} times over`)
  return codings.toReversed().map((coding) => unpackers[coding]!())
}

const size = (limit: number): string => `${Math.round(limit / 1024 / 1024)} MiB`

export const readBody = async (answer: IncomingMessage, limit: number): Promise<Uint8Array> => {
  try {
    const claimed = Number(answer.headers["content-length"] ?? 0)
    if (claimed > limit) throw failed(`it has ${claimed} bytes; at most ${size(limit)} are read`)
    const chunks: Array<Uint8Array> = []
    let received = 0
    let unpacked = 0
    const bounded = async function* (source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) {
        received += chunk.length
        if (received > limit) throw failed(`it is larger than ${size(limit)}`)
        yield chunk
      }
    }
    const collect = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of source) {
        unpacked += chunk.length
        if (unpacked > limit) throw failed(`it unpacks to more than ${size(limit)}`)
        chunks.push(chunk)
      }
    }
    await pipeline([answer, bounded, ...unpackersFor(answer.headers["content-encoding"]), collect])
    return Buffer.concat(chunks)
  } catch (error) {
    throw error instanceof ToolError ? error : failed(`its content could not be read: ${saidOf(error)}`)
  } finally {
    answer.destroy()
  }
}
