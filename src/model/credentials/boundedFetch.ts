/**
 * Requests to authorization servers: no redirect followed, no more read than an honest answer has, none waited for long.
 * Invariants: what is sent goes to the address that was checked, and nowhere a server points to; an ID token in an answer
 * is dropped, because Claw asks what it may do and not who its user is.
 */
import { isSafeEndpoint } from "../../config/authSettings.ts"

const answerLimitBytes = 256 * 1024
const answerLimitMs = 15_000

export class OversizedAnswer extends Error {}
export class UnsafeAddress extends Error {}

/** What `oauth4webapi` gives a fetch of ours. */
interface Asked {
  readonly body?: BodyInit | null | undefined
  readonly headers: Record<string, string>
  readonly method: string
  readonly signal?: AbortSignal | undefined
}

const bounded = async (response: Response): Promise<Uint8Array<ArrayBuffer>> => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // leaving the loop closes the connection
    if (size > answerLimitBytes) throw new OversizedAnswer()
    chunks.push(chunk)
  }
  return Uint8Array.from(Buffer.concat(chunks))
}

const withoutIdToken = (body: Uint8Array<ArrayBuffer>): BodyInit => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"))
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "id_token")) return body
    const { id_token: _, ...rest } = value as Record<string, unknown>
    return JSON.stringify(rest)
  } catch {
    return body
  }
}

export const boundedFetch = async (address: string, asked: Asked): Promise<Response> => {
  if (!isSafeEndpoint(address)) throw new UnsafeAddress()
  const limit = AbortSignal.timeout(answerLimitMs)
  const response = await fetch(address, {
    method: asked.method,
    headers: asked.headers,
    body: asked.body ?? null,
    redirect: "manual",
    signal: asked.signal === undefined ? limit : AbortSignal.any([asked.signal, limit]),
  })
  const body = await bounded(response)
  const { headers, status } = response
  const kept = new Headers(headers)
  // the body is decoded by now
  kept.delete("content-encoding")
  kept.delete("content-length")
  const isEmpty = status === 204 || status === 205 || status === 304
  return new Response(isEmpty ? null : withoutIdToken(body), { status, headers: kept })
}
