/** The rows of `claw doctor`: what is as it should be, what is not and how that is mended, and what is only good to know. */
import type { Check } from "../rpc/shapes.ts"

export const good = (name: string, detail: string): Check => ({ v: 1, name, ok: true, detail, cure: null })
export const bad = (name: string, detail: string, cure: string): Check => ({
  v: 1,
  name,
  ok: false,
  detail,
  cure,
})
export const note = (name: string, detail: string, cure: string | null): Check => ({
  v: 1,
  name,
  ok: true,
  note: true,
  detail,
  cure,
})
