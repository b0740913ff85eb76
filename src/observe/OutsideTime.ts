/**
 * What a time that the file system or another program wrote down is on this daemon's clock. Everywhere but in a
 * throw-away world whose clock is moved on by hand the two are the same clock, and this changes nothing.
 */
import { Context } from "effect"

export type Outside = (systemMs: number) => number

export const sameClock: Outside = (systemMs) => systemMs

export const OutsideTime = Context.Reference<Outside>("claw/observe/OutsideTime", {
  defaultValue: () => sameClock,
})
