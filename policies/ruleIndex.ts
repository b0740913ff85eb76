/**
 * Which rules can speak of an effect at all: by its kind, and for commands by a program named literally. Worked out
 * once for a rule set, so that two hundred rules cost an effect little more than the few that are about it.
 * Invariant: a rule that would match is always among the candidates, and they keep the order of the set.
 */
import type { ActionEffect } from "../src/domain/action.ts"
import type { Seen } from "./Collector.ts"
import type { Rule } from "./rules.ts"

type Tag = ActionEffect["_tag"]

interface Placed {
  readonly rule: Rule
  readonly place: number
}
interface OfTag {
  readonly byProgram: ReadonlyMap<string, ReadonlyArray<Placed>>
  readonly rest: ReadonlyArray<Placed>
}

const tags: ReadonlyArray<Tag> = ["read", "write", "delete", "exec", "net", "secret", "display", "approve"]

const speaksOf = (rule: Rule, tag: Tag): boolean =>
  rule.conditions.every(({ effects }) => effects === undefined || effects.has(tag))

const literalProgram = (rule: Rule): string | null =>
  rule.conditions.find(({ program }) => program !== undefined)?.program ?? null

const indexOf = (rules: ReadonlyArray<Rule>): ReadonlyMap<Tag, OfTag> =>
  new Map(
    tags.map((tag) => {
      const byProgram = new Map<string, Array<Placed>>()
      const rest: Array<Placed> = []
      rules.forEach((rule, place) => {
        if (!speaksOf(rule, tag)) return
        const program = tag === "exec" ? literalProgram(rule) : null
        if (program === null) rest.push({ rule, place })
        else byProgram.set(program, [...(byProgram.get(program) ?? []), { rule, place }])
      })
      return [tag, { byProgram, rest }] as const
    }),
  )

const indices = new WeakMap<ReadonlyArray<Rule>, ReadonlyMap<Tag, OfTag>>()

/** Null: a call without effects, of which a rule on the tool or the actor alone may still speak. */
export const rulesFor = (rules: ReadonlyArray<Rule>, seen: Seen | null): ReadonlyArray<Rule> => {
  if (seen === null) return rules
  let index = indices.get(rules)
  if (index === undefined) indices.set(rules, (index = indexOf(rules)))
  const { effect } = seen
  const { byProgram, rest } = index.get(effect._tag)!
  const named = effect._tag === "exec" ? byProgram.get(effect.argv[0] ?? "") : undefined
  const found = named === undefined ? rest : [...rest, ...named].sort((a, b) => a.place - b.place)
  return found.map(({ rule }) => rule)
}
