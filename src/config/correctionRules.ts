/**
 * A correction as data: which failed command it answers, what was printed, and the new lines. The same form in TOML
 * (`[[correction]]`), in `claw.config.ts` and in what ships.
 * Invariants: no regular expression and no code; placeholders are words in braces; every key is known or an error.
 */
import { Schema } from "effect"

const Text = Schema.NonEmptyString.check(Schema.isMaxLength(1_000))
const Texts = Schema.Union([Text, Schema.Array(Text)])
const Exits = Schema.Union([Schema.Int, Schema.Array(Schema.Int)])
const key = Schema.optionalKey

/** A change of the command that was typed: words that are not named stay byte for byte. */
export const EditData = Schema.Struct({
  /** This word of the command, put in place by `with`. */
  replace: key(Text),
  with: key(Text),
  /** Words to be put after `after`, or at the end. Without either: after the program. */
  add: key(Text),
  after: key(Text),
  at_end: key(Schema.Boolean),
  remove: key(Text),
})
export type EditData = typeof EditData.Type

const Answer = Schema.Union([Text, EditData])

/** The words nearest to a mistyped one: they become `{near}`, one line for each. */
export const NearData = Schema.Struct({
  word: Text,
  /** Words, or lists by name: `@branches`, `@scripts`, `@subcommands`, `@programs`, `@files`. */
  among: key(Texts),
  /** The words that the output lists behind this text. */
  listed_after: key(Text),
  cutoff: key(Schema.Finite.check(Schema.isBetween({ minimum: 0.3, maximum: 1 }))),
})
export type NearData = typeof NearData.Type

/** What has to be so on this machine. What could not be read is not so. */
export const WhenData = Schema.Struct({
  file: key(Texts),
  dir: key(Texts),
  missing: key(Texts),
  program: key(Texts),
  no_program: key(Texts),
  branch: key(Texts),
})
export type WhenData = typeof WhenData.Type

/** A failed command with what lies there. `gives`: the first line proposed. */
export const ExampleData = Schema.Struct({
  command: Text,
  exit: key(Schema.Int),
  output: key(Schema.String),
  gives: key(Text),
  files: key(Texts),
  dirs: key(Texts),
  programs: key(Texts),
  branches: key(Texts),
  scripts: key(Texts),
})
export type ExampleData = typeof ExampleData.Type

export const CorrectionData = Schema.Struct({
  name: Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/), Schema.isMaxLength(60)),
  /** Why, in a sentence. */
  reason: key(Text),
  /** Names of the program; without it: any. */
  program: key(Texts),
  /** The words behind the program: literals, `a|b`, `{name}`, and `...` for any number of words. */
  typed: key(Texts),
  /** Options one of which stands there; options none of which may. */
  has: key(Texts),
  lacks: key(Texts),
  /** Texts one of which was printed, with placeholders; texts none of which was. */
  says: key(Texts),
  not_says: key(Texts),
  exit: key(Exits),
  /** The answers are given once for each place where this was printed. */
  each: key(Text),
  near: key(NearData),
  when: key(WhenData),
  answer: Schema.Union([Answer, Schema.Array(Answer)]),
  /** Never ready to run: it stands among the alternatives, for a person to choose. */
  dangerous: key(Schema.Boolean),
  /** `false`: recognised and scored, never offered. */
  offer: key(Schema.Boolean),
  match: key(Schema.Array(ExampleData)),
  no_match: key(Schema.Array(ExampleData)),
})
export type CorrectionData = typeof CorrectionData.Type

/** One of something, or several. */
export const listOf = <A>(value: A | ReadonlyArray<A> | undefined): ReadonlyArray<A> =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as A]
