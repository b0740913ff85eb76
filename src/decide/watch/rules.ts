/** Rules that fell under their bar with this event -> `rule.silenced`; that failed once too often -> `rule.failed`. */
import type { Event } from "../../domain/event.ts"
import { isKept, keptOf } from "../attention/standing.ts"
import { newlyOff } from "../failing.ts"
import type { MachineState } from "../state.ts"
import type { Candidate } from "./found.ts"

export const openSilenced = (
  before: MachineState,
  after: MachineState,
  event: Event,
): ReadonlyArray<Candidate> =>
  before.attention.rules === after.attention.rules
    ? []
    : Object.entries(after.attention.rules).flatMap(([rule, record]) => {
        const was = Object.hasOwn(before.attention.rules, rule) ? before.attention.rules[rule] : undefined
        if (record.silentSince === null || (was !== undefined && was.silentSince !== null)) return []
        return [
          {
            situation: {
              kind: "rule.silenced",
              workspace: null,
              subject: rule,
              evidence: record.past.filter(({ outcome }) => !isKept(outcome)).map(({ seq }) => seq),
              data: {
                rule,
                shown: record.past.length,
                kept: keptOf(record),
                bar: after.settings.bar.share,
              },
            },
            causationId: event.id,
            trust: "trusted",
            explain: false,
          },
        ]
      })

export const openFailed = (
  before: MachineState,
  after: MachineState,
  event: Event,
): ReadonlyArray<Candidate> =>
  newlyOff(before, after).map(([rule, { message, seqs }]) => ({
    situation: {
      kind: "rule.failed",
      workspace: null,
      subject: rule,
      evidence: seqs,
      data: { rule, message },
    },
    causationId: event.id,
    // an error may say something of what it failed at
    trust: "untrusted",
    explain: false,
  }))
