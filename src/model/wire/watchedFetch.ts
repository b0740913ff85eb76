/**
 * The fetch that the SDKs are given: it says when bytes come in, and lets only the headers out that we mean to send (the
 * SDKs add some of their own, and some from the environment).
 * Invariants: no redirect is followed, because prompt and key would go where nobody set them to go; no body is longer than
 * `mostBytes`.
 */
import { malformed } from "./protocolBreak.ts"

const mostBytes = 64 * 1024 * 1024

/** Not the SDKs' `authorization`: an environment variable of theirs can put another one there. */
const passed = new Set(["accept", "content-type", "anthropic-version"])

export interface Watch {
  /** Bytes came, or headers (0). */
  readonly onBytes: (count: number) => void
  /** Nothing is sent before it is fulfilled, nor at all if it is not. */
  readonly may?: Promise<void> | undefined
}

const watchedBody = (body: ReadableStream<Uint8Array>, watch: Watch): ReadableStream<Uint8Array> => {
  const reader = body.getReader()
  let total = 0
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await reader.read()
        if (done) {
          controller.close()
          return
        }
        total += value.byteLength
        watch.onBytes(value.byteLength)
        if (total > mostBytes) {
          controller.error(malformed(`sent more than ${mostBytes} bytes`))
          await reader.cancel()
          return
        }
        controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

export const watchedFetch =
  (
    inner: typeof globalThis.fetch,
    key: string | null,
    own: Readonly<Record<string, string>>,
    watch: Watch,
  ): typeof globalThis.fetch =>
  async (input, init) => {
    const headers = new Headers({ "user-agent": "claw" })
    new Headers(init?.headers).forEach((value, name) => {
      if (passed.has(name)) headers.set(name, value)
    })
    if (key !== null) headers.set("authorization", `Bearer ${key}`)
    for (const [name, value] of Object.entries(own)) headers.set(name, value)
    if (watch.may !== undefined) await watch.may
    const response = await inner(input, { ...init, headers, redirect: "manual" })
    watch.onBytes(0)
    if (response.body === null) return response
    return new Response(watchedBody(response.body, watch), {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    })
  }
