/**
 * Stands in the bundle for `node:tls`, which Effect's sockets import whether or not they encrypt: it brings all of
 * Node's cryptography along, a tenth of what `claw status` takes. Loaded at the first use, and Claw has none.
 */
type Tls = typeof import("node:tls")

const tls = (): Tls => process.getBuiltinModule("node:tls")

export const connect = (...given: ReadonlyArray<unknown>): unknown =>
  Reflect.apply(tls().connect, undefined, given)
export const createServer = (...given: ReadonlyArray<unknown>): unknown =>
  Reflect.apply(tls().createServer, undefined, given)
export const createSecureContext = (...given: ReadonlyArray<unknown>): unknown =>
  Reflect.apply(tls().createSecureContext, undefined, given)
/** Called with `new`, which takes the object that is returned. */
export function TLSSocket(...given: ReadonlyArray<unknown>): unknown {
  return Reflect.construct(tls().TLSSocket, given)
}
