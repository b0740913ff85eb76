/**
 * The one engine of corrections, used by the reflexes and by the scorer: every rule is looked at, the first to have a
 * line (in the families' order) stands first. Pure and total: a rule that throws is passed over.
 * Invariants: what it gives differs from what was typed, is one harmless line, names its rule and danger, and takes from
 * the output no more than names: what a user wrote as a rule may take more, and is to be weighed then.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import type { Facts, Memory } from "../Decider.ts"
import { uniqueRequests } from "../facts.ts"
import type { Correction, Editor, Failed, Family } from "./Correction.ts"
import { type Danger, dangerOf } from "./dangers.ts"
import { families } from "./families.ts"
import { isForeign, speaksOf } from "./language.ts"
import { type Part, partsOf } from "./line.ts"
import { nearOf } from "./mistyped.ts"
import { ownPart } from "./prefixes.ts"
import { originOf, type Origin } from "./provenance.ts"
import { probePath } from "./rule.ts"

export interface Input {
  readonly command: string
  /** Absent where the terminal gave none. */
  readonly output?: string
  readonly exit?: number
  readonly dir: string
  readonly editor?: Editor
}

export interface Corrected {
  readonly rule: string
  readonly family: string
  /** Where a user wrote the rule; null: it ships. */
  readonly file: string | null
  readonly command: string
  readonly danger: Danger
  /** The reflex that answers this in the loop instead. */
  readonly leftTo: string | null
}

const maxLine = 4_096
const maxOutput = 16_384
/** Beyond blanks nothing that a terminal acts on may stand in a proposal. */
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

interface Place {
  readonly dir: string
  readonly from: number
}

/** Where a simple command ran, and where it begins, given those before it. */
const placeOf = (input: Input, line: string, before: ReadonlyArray<Part>, part: Part): Place => {
  const last = before.at(-1)
  const moved = before.filter((each) => each[0]?.text === "cd" && each.length === 2)
  if (last === undefined || moved.length === 0) return { dir: input.dir, from: 0 }
  const dir = moved.reduce((at, [, to]) => probePath(at, to!.text), input.dir)
  const gap = line.slice(last.at(-1)!.end, part[0]!.start)
  const operator = Math.max(...[...";&|(\n"].map((sign) => gap.lastIndexOf(sign))) + 1
  const blanks = /^\s*/.exec(gap.slice(operator))![0].length
  return { dir, from: last.at(-1)!.end + operator + blanks }
}

const failedOf = (input: Input, line: string, part: Part, alone: boolean, place: Place): Failed => {
  const seen = input.output !== undefined
  const { own, sudo } = ownPart(part, seen)
  return {
    line,
    part: own,
    ...place,
    words: own.map(({ text }) => text),
    alone,
    sudo,
    output: (input.output ?? "").slice(-maxOutput),
    seen,
    exit: input.exit ?? null,
  }
}

/** The line as each of its simple commands, and once with none where it does not parse. */
const looks = (input: Input): ReadonlyArray<Failed> => {
  const line = input.command.trim()
  if (line.length > maxLine) return []
  const parts = partsOf(line)
  if (parts.length === 0) return [failedOf(input, line, [], true, { dir: input.dir, from: 0 })]
  return parts.map((part, at) =>
    failedOf(input, line, part, parts.length < 2, placeOf(input, line, parts.slice(0, at), part)),
  )
}

const attempt = <A>(run: () => A, otherwise: A): A => {
  try {
    return run()
  } catch {
    return otherwise
  }
}

interface Applying {
  readonly family: Family
  readonly correction: Correction
  readonly failed: Failed
}

/** As if the terminal had given nothing, where what it gave is of this command and says nothing to a reader of English. */
const unread = ({ output, ...blind }: Input): ReadonlyArray<Failed> =>
  output !== undefined && blind.exit !== undefined && isForeign(output, blind.command)
    ? looks(blind).filter((failed) => speaksOf(output, failed))
    : []

export const applying = (input: Input, among = families): ReadonlyArray<Applying> => {
  const seen = looks(input)
  const blind = unread(input)
  return among.flatMap((family) =>
    family.corrections.flatMap((correction) => {
      const applies = (failed: Failed): boolean => attempt(() => correction.applies(failed), false)
      const read = seen.filter(applies)
      return (read.length > 0 ? read : blind.filter(applies)).map((failed) => ({
        family,
        correction,
        failed,
      }))
    }),
  )
}

/** What the rules that apply want to know. */
export const asked = (input: Input, among = families): ReadonlyArray<ProbeRequest> =>
  uniqueRequests(
    applying(input, among).flatMap(({ correction, failed }) =>
      attempt(() => correction.asks?.(failed, failed.dir) ?? [], []),
    ),
  )

/** Whether the new words of a line may come from where they come from. */
const originFor = (
  { family, correction, failed }: Applying,
  { command: typed, output = "" }: Input,
  { facts, memory }: { readonly facts: Facts; readonly memory: Memory },
  line: string,
): Origin => {
  // What is never offered runs nowhere.
  if (correction.notOffered === true || output === "") return "own"
  const origin = originOf(
    {
      typed,
      output: failed.output,
      before: memory.commands.map(({ command }) => command),
      programs: facts.get<"executablesNear">(nearOf(failed.words[0] ?? "")) ?? [],
    },
    line,
  )
  return family.file !== undefined && origin === "refused" ? "weigh" : origin
}

export const correct = (
  input: Input,
  facts: Facts,
  memory: Memory,
  among = families,
): ReadonlyArray<Corrected> => {
  const known = { facts, memory, editor: input.editor ?? null }
  const typed = input.command.trim()
  const out = new Map<string, Corrected>()
  for (const each of applying(input, among)) {
    const { family, correction, failed } = each
    for (const command of attempt(() => correction.correct(failed, { ...known, dir: failed.dir }), [])) {
      if (command === typed || command === "" || unprintable.test(command) || out.has(command)) continue
      const origin = originFor(each, input, known, command)
      if (origin === "refused") continue
      const told = dangerOf(command)
      out.set(command, {
        rule: correction.name,
        family: family.name,
        file: family.file ?? null,
        command,
        danger: told === "none" && (origin === "weigh" || correction.dangerous === true) ? "weigh" : told,
        leftTo: correction.leftTo ?? null,
      })
    }
  }
  return [...out.values()]
}
