/**
 * Chooses the smallest set of rules that answers the most approvals and no call that must not be answered. Pure, greedy:
 * each step takes the rules that spare the most for their number, the narrowest where several do.
 * Invariant: after every step no forbidden call would be allowed by all that was chosen together, because two harmless
 * rules can allow a third thing.
 */
import type { Need, ProposedRule } from "./suggestRules.ts"

/** A call by the needs that must all be met before it is allowed; null: no rule can allow it. */
export type Needs = ReadonlyArray<number> | null

/** An approval that was given: all its calls must be free for it to be spared. */
export interface Approval {
  readonly calls: ReadonlyArray<number>
  readonly times: number
}

export interface CoverInput {
  readonly needs: ReadonlyArray<Need>
  /** Proposed rules for each need, narrowest first. */
  readonly rules: ReadonlyArray<ReadonlyArray<ProposedRule>>
  readonly calls: ReadonlyArray<Needs>
  readonly approvals: ReadonlyArray<Approval>
  readonly forbidden: ReadonlyArray<number>
  /** Rules that spare fewer approvals than this are a coincidence. */
  readonly least: number
  readonly most: number
}

export interface Chosen {
  readonly rule: ProposedRule
  /** Approvals that it spares together with the others before it. */
  readonly spared: number
}

const mostBundles = 400

interface Bundle {
  readonly rules: ReadonlyArray<ProposedRule>
  /** How wide its rules are, for choosing the narrowest. */
  readonly width: number
}

class Cover {
  readonly #input: CoverInput
  readonly #coverage = new Map<string, ReadonlySet<number>>()

  constructor(input: CoverInput) {
    this.#input = input
  }

  coverage(rule: ProposedRule): ReadonlySet<number> {
    const known = this.#coverage.get(rule.key)
    if (known !== undefined) return known
    const found = new Set(this.#input.needs.flatMap((need, index) => (rule.covers(need) ? [index] : [])))
    this.#coverage.set(rule.key, found)
    return found
  }

  met(rules: Iterable<ProposedRule>): ReadonlySet<number> {
    const met = new Set<number>()
    for (const rule of rules) for (const need of this.coverage(rule)) met.add(need)
    return met
  }

  isFree(call: number, met: ReadonlySet<number>): boolean {
    const needs = this.#input.calls[call]
    return needs !== null && needs !== undefined && needs.every((need) => met.has(need))
  }

  spared(met: ReadonlySet<number>): number {
    return this.#input.approvals.reduce(
      (sum, { calls, times }) => (calls.every((call) => this.isFree(call, met)) ? sum + times : sum),
      0,
    )
  }

  leaks(met: ReadonlySet<number>): boolean {
    return this.#input.forbidden.some((call) => this.isFree(call, met))
  }

  /** For each approval, rules for all it needs, from the narrowest to the widest of each. */
  bundles(): ReadonlyArray<Bundle> {
    const known = new Map<string, Bundle>()
    const { approvals, calls, rules } = this.#input
    for (const approval of approvals.toSorted((a, b) => b.times - a.times)) {
      if (known.size >= mostBundles) break
      const wanted = [...new Set(approval.calls.flatMap((call) => calls[call] ?? []))]
      const ways = wanted.map((need) => rules[need] ?? [])
      if (wanted.length === 0 || ways.some((way) => way.length === 0)) continue
      const widest = Math.max(...ways.map((way) => way.length))
      for (let width = 0; width < widest; width++) {
        const each = ways.map((way) => way[Math.min(width, way.length - 1)]!)
        const unique = [...new Map(each.map((rule) => [rule.key, rule])).values()]
        const key = unique
          .map((rule) => rule.key)
          .sort()
          .join("\0")
        if (!known.has(key)) known.set(key, { rules: unique, width })
      }
    }
    return [...known.values()]
  }
}

export const cover = (input: CoverInput): ReadonlyArray<Chosen> => {
  const all = new Cover(input)
  const bundles = all.bundles()
  const chosen = new Map<string, Chosen>()
  let spared = all.spared(new Set())
  while (chosen.size < input.most) {
    const before = [...chosen.values()].map(({ rule }) => rule)
    let best: {
      readonly fresh: ReadonlyArray<ProposedRule>
      readonly gain: number
      readonly width: number
    } | null = null
    for (const { rules, width } of bundles) {
      const fresh = rules.filter(({ key }) => !chosen.has(key))
      if (fresh.length === 0 || chosen.size + fresh.length > input.most) continue
      const met = all.met([...before, ...fresh])
      const gain = all.spared(met) - spared
      if (gain < input.least || all.leaks(met)) continue
      const better =
        best === null ||
        gain * best.fresh.length > best.gain * fresh.length ||
        (gain * best.fresh.length === best.gain * fresh.length && width < best.width)
      if (better) best = { fresh, gain, width }
    }
    if (best === null) break
    for (const rule of best.fresh) chosen.set(rule.key, { rule, spared: best.gain })
    spared += best.gain
  }
  return [...chosen.values()]
}
