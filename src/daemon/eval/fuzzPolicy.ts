/**
 * Throws broken and spliced versions of a table's commands at the gate: bytes and tokens changed, cut, repeated,
 * nested, joined. It must never throw, never take long, and never judge milder where something was only added.
 * Seeded. Time is the thread's own, and a slow input is judged again, so that a pause of the engine is not the gate's.
 */
import { stricter } from "../../domain/action.ts"
import { judgeRow, type PolicyEvalOptions, type PolicyRow } from "./policyWorld.ts"
import { type Random, seeded } from "./random.ts"

export interface FuzzFailure {
  readonly id: string
  readonly what: "threw" | "slow" | "weaker"
  readonly input: string
  readonly ms: number | null
  readonly before: string
  readonly verdict: string
}
export interface FuzzReport {
  readonly v: 1
  readonly name: "policy.fuzz"
  readonly rows: number
  readonly inputs: number
  readonly seed: number
  /** Inputs that only add to a row, so their verdicts are compared with it. */
  readonly compared: number
  readonly crashes: number
  readonly hangs: number
  readonly weaker: number
  /** Longest of one input, in milliseconds; null where nothing was timed. */
  readonly slowestMs: number | null
  readonly limitMs: number
  readonly failures: ReadonlyArray<FuzzFailure>
}
export interface FuzzOptions extends PolicyEvalOptions {
  readonly inputs: number
  readonly seed: number
}

const limitMs = 50
const mostShown = 100
const longest = 32_768

const pieces = (
  "; | || && & |& ;; ;& > >> < <> >| &> <<< << <<- <( >( $( ` ) ( { } [[ ]] (( )) $(( ' \" $' $\" \\ \\\\ # ! * ? [ ] ~ = += " +
  "$x ${x} ${x:-y} ${!x} ${x@P} ${x/a/b} $@ $* $# $$ -- - -rf --force if then fi for do done while case esac in function " +
  "coproc time eval exec env sudo xargs sh -c .env / ~ .. .git /etc/passwd rm cat git find sed \u0000 \r \n \t \u00a0 \u2028 " +
  "\u200b \u202e \ufeff \ud800 \u{1f600} \u0430"
).split(" ")

/** Changes of any kind: nothing is known of their verdict but that there is one. */
const breaks: ReadonlyArray<(text: string, random: Random, other: string) => string> = [
  (t, r) => t.slice(0, r.below(t.length + 1)),
  (t, r) => t.slice(r.below(t.length + 1)),
  (t, r) => splice(t, r, r.one(pieces), 0),
  (t, r) => splice(t, r, r.one(pieces), 1),
  (t, r) => splice(t, r, "", 1 + r.below(4)),
  (t, r) => splice(t, r, String.fromCharCode(r.below(256)), 1),
  (t, r) => splice(t, r, String.fromCharCode(r.below(65_536)), r.below(2)),
  (t, r, other) => t.slice(0, r.below(t.length + 1)) + other.slice(r.below(other.length + 1)),
  (t, r) => shuffle(t, r),
  (t, r) => t.repeat(1 + r.below(12)),
  (t, r) => nest(t, r, 1 + r.below(r.below(8) === 0 ? 300 : 12)),
  (t, r) => splice(t, r, r.one(pieces).repeat(1 + r.below(200)), 0),
  (t, r, other) => `${t}${r.one(pieces)}${other}`,
]

const splice = (text: string, random: Random, put: string, drop: number): string => {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + put + text.slice(at + drop)
}
const shuffle = (text: string, random: Random): string => {
  const words = text.split(" ")
  const from = random.below(words.length)
  const to = random.below(words.length)
  const [word = ""] = words.splice(from, 1)
  words.splice(to, 0, word)
  return words.join(" ")
}
const brackets = [
  ["$(", ")"],
  ["(", ")"],
  ["{ ", "; }"],
  ['"$(', ')"'],
  ["<(", ")"],
  ["${x:-", "}"],
  ["{a,", "}"],
  ["if ", "; then :; fi"],
  ["((", "))"],
  ["`", "`"],
  ["f() { ", "; }"],
  ["sh -c '", "'"],
] as const
const nest = (text: string, random: Random, deep: number): string => {
  const [open, close] = random.one(brackets)
  return open.repeat(deep) + text + close.repeat(deep)
}

/** Changes that only add a command, or a bracket around all of it. */
const additions: ReadonlyArray<(text: string, random: Random, other: string) => string> = [
  (t, _, other) => `${other}\n${t}`,
  (t, _, other) => `${other}; ${t}`,
  (t, _, other) => `${other} && ${t}`,
  (t, _, other) => `${t}\n${other}`,
  (t, _, other) => `${t}; ${other}`,
  (t, _, other) => `${t} || ${other}`,
  (t) => `(${t}\n)`,
  (t) => `{ ${t}\n}`,
  (t) => ` ${t} `,
  (t, r) => `${"true; ".repeat(1 + r.below(70))}${t}`,
  (t) => `if true; then ${t}\nfi`,
]

export const fuzzPolicy = (rows: ReadonlyArray<PolicyRow>, options: FuzzOptions): FuzzReport => {
  const random = seeded(options.seed)
  const commands = rows.filter((row) => row.kind === "command")
  const verdicts = commands.map((row) => judgeRow(row, { ...options, now: null })!.verdict)
  const others = ["ls", "pwd", "echo ok", "git status", "true", ":", "cat README.md", "x=1"]
  const failures: Array<FuzzFailure> = []
  const counts = { threw: 0, slow: 0, weaker: 0 }
  let compared = 0
  let slowestMs = 0
  const { now } = options
  const timed = (row: PolicyRow, input: string) => {
    const start = now === null ? 0 : now()
    const judged = judgeRow(row, { ...options, now: null }, input)!
    return { judged, ms: now === null ? 0 : now() - start }
  }
  const fail = (failure: FuzzFailure): void => {
    counts[failure.what]++
    if (failures.length < mostShown) failures.push(failure)
  }
  let inputs = 0
  for (; inputs < options.inputs && commands.length > 0; inputs++) {
    const index = random.below(commands.length)
    const row = commands[index]!
    const adds = random.below(4) === 0
    let input = row.input
    if (adds) input = random.one(additions)(input, random, random.one(others))
    else
      for (let steps = 1 + random.below(4); steps > 0 && input.length < longest; steps--)
        input = random.one(breaks)(input, random, random.one(commands).input)
    input = input.slice(0, longest)
    const first = timed(row, input)
    let { ms } = first
    for (let again = 0; ms > limitMs && again < 5; again++) ms = Math.min(ms, timed(row, input).ms)
    slowestMs = Math.max(slowestMs, ms)
    const { verdict, failed } = first.judged
    const before = verdicts[index]!
    const about = { id: row.id, input, before, verdict }
    if (failed) fail({ ...about, what: "threw", ms: null })
    if (ms > limitMs) fail({ ...about, what: "slow", ms })
    if (!adds) continue
    compared++
    if (stricter(before, verdict) !== verdict) fail({ ...about, what: "weaker", ms: null })
  }
  return {
    v: 1,
    name: "policy.fuzz",
    rows: commands.length,
    inputs,
    seed: options.seed,
    compared,
    crashes: counts.threw,
    hangs: counts.slow,
    weaker: counts.weaker,
    slowestMs: now === null ? null : Number(slowestMs.toFixed(2)),
    limitMs,
    failures,
  }
}
