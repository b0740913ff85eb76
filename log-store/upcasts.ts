/**
 * How old payloads become new ones, on read. A payload's version is raised in the registry (`src/domain/event.ts`)
 * together with a step here from the version before; steps are applied one after another up to the newest.
 * Invariants: what is stored is never rewritten; the chain is checked over what is stored, not over what is read.
 */
import type { Upcast } from "./chunk.ts"

/** type -> version -> the step from that version to the next. */
export type Upcasts = Readonly<Record<string, Readonly<Record<number, (payload: unknown) => unknown>>>>

/** Every payload is at its first version. */
export const upcasts: Upcasts = {}

export const upcaster = (table: Upcasts): Upcast => {
  const types = new Map<string, Map<number, { readonly v: number; readonly up: (p: unknown) => unknown }>>()
  for (const [type, steps] of Object.entries(table)) {
    const plans = new Map<number, { readonly v: number; readonly up: (p: unknown) => unknown }>()
    for (const from of Object.keys(steps).map(Number)) {
      const chain: Array<(payload: unknown) => unknown> = []
      let v = from
      for (let step = steps[v]; step !== undefined; step = steps[++v]) chain.push(step)
      plans.set(from, { v, up: (payload) => chain.reduce((value, step) => step(value), payload) })
    }
    types.set(type, plans)
  }
  return types.size === 0 ? () => undefined : (type, v) => types.get(type)?.get(v)
}
