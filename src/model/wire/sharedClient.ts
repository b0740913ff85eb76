/**
 * One client of a vendor's SDK for each endpoint, made at the first call, and for each request a fetch of its own, which the
 * SDK hands through: making a client anew is a good part of what a request costs before it goes out.
 * Invariant: nothing of one request is left in the client for the next.
 */
import type { Wire } from "./eventStream.ts"

type Fetch = typeof globalThis.fetch

const own = Symbol("fetch of this request")

/** For the client. */
export const requestFetch: Fetch = (input, init) =>
  (init as RequestInit & { readonly [own]: Fetch })[own](input, init)

/** For each of its requests. */
export const requestOptions = ({ fetch, signal, timeoutMs }: Wire) => ({
  signal,
  timeout: timeoutMs,
  fetchOptions: { [own]: fetch } as object,
})

/** Made once, and again where it could not be made. */
export const sharedClient = <Client>(make: () => Promise<Client>): (() => Promise<Client>) => {
  let made: Promise<Client> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
