/**
 * Names a set of rules, so that the log can say by which ones it was decided. It covers what is written in the rules
 * themselves; what they call changes with the program's version only. Pure.
 */
import { canonical, sha256 } from "./canonical.ts"
import type { Reflex } from "./Decider.ts"

export const registryDigest = (reflexes: ReadonlyArray<Reflex>): string =>
  sha256(
    canonical(
      reflexes.map(({ applies, data, name, probes, propose, situations, timing }) => ({
        name,
        ...(data === undefined ? {} : { data }),
        situations,
        timing: timing ?? "boundary",
        written: [applies, probes, propose].map(String),
      })),
    ),
  ).slice(0, 12)
