/**
 * A reflex as data: the situation it is about, what has to be so, and what it says or offers then. The same form in TOML
 * (`[[reflex]]`) and in `claw.config.ts` (`reflexes`).
 * Invariants: no regular expression and no code; conditions only read; what it would run is a line that the gate judges
 * like any other.
 */
import { Schema } from "effect"
import { sizePattern, spanPattern } from "./amounts.ts"

const Text = Schema.NonEmptyString.check(Schema.isMaxLength(500))
const some = (item: typeof Text) =>
  Schema.Union([item, Schema.Array(item).check(Schema.isMinLength(1), Schema.isMaxLength(20))])
const Texts = some(Text)
const Exits = Schema.Union([Schema.Int, Schema.Array(Schema.Int).check(Schema.isMaxLength(20))])
const key = Schema.optionalKey

/** Situations that a rule may wait for, by the names they have in the log. */
export const situationNames = [
  "command.failed",
  "command.done",
  "files.settled",
  "index.staged",
  "commit.made",
  "head.moved",
  "merge.conflicted",
  "remote.fetched",
  "work.uncommitted",
  "work.resumed",
] as const
export type SituationName = (typeof situationNames)[number]

export const moves = ["checkout", "pull", "merge", "rebase", "reset", "cherry-pick", "revert"] as const
const Move = Schema.Literals(moves)
export type Move = typeof Move.Type

/** A situation in few words, with what lies there. `gives`: the first line it would run; `title`: what it says. */
export const ReflexExample = Schema.Struct({
  files: key(Texts),
  /** Sizes in bytes of staged files, by path. */
  sizes: key(Schema.Record(Schema.String, Schema.Finite)),
  branch: key(Text),
  how: key(Move),
  command: key(Text),
  exit: key(Schema.Int),
  output: key(Schema.String),
  subject: key(Text),
  duration: key(Schema.String.check(Schema.isPattern(spanPattern))),
  exists: key(Texts),
  programs: key(Texts),
  uncommitted: key(Texts),
  gives: key(Text),
  title: key(Text),
})
export type ReflexExample = typeof ReflexExample.Type

export const ReflexData = Schema.Struct({
  name: Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/), Schema.isMaxLength(60)),
  /** Why, in a sentence. */
  reason: key(Text),
  when: Schema.Literals(situationNames),
  /** Paths one of which it is about: `*`, `**`, `?`; a name without `/` in any folder; `!` takes out. */
  files: key(Texts),
  /** Names of the branch, with `*`. */
  branch: key(Texts),
  /** How HEAD came to move. */
  how: key(Schema.Union([Move, Schema.Array(Move)])),
  /** The words of the command with its program: literals, `a|b`, `{name}`, and `...` for any number of words. */
  command: key(Texts),
  exit: key(Exits),
  /** Texts one of which was printed, or is in the commit's subject, with placeholders; texts none of which is. */
  says: key(Texts),
  not_says: key(Texts),
  /** It ran for as long at least. */
  min_duration: key(Schema.String.check(Schema.isPattern(spanPattern))),
  /** Staged files as large as this at least. */
  larger_than: key(Schema.String.check(Schema.isPattern(sizePattern))),
  /** Paths that lie there, or none of which may: from where the command ran, else from the workspace. */
  exists: key(Texts),
  missing: key(Texts),
  /** Programs that are installed. */
  program: key(Texts),
  /** Paths one of which has changes that are not committed. */
  uncommitted: key(Texts),
  title: Text,
  /** The lines it offers to run. Without one it only says something. */
  run: key(Schema.Union([Text, Schema.Array(Text).check(Schema.isMinLength(1), Schema.isMaxLength(5))])),
  /** A sentence more. */
  note: key(Text),
  mode: key(Schema.Literals(["notify", "digest", "draft", "question"])),
  timing: key(Schema.Literals(["boundary", "next", "command", "settled"])),
  /** Only in rules of the user's own folder. */
  urgent: key(Schema.Boolean),
  /** What ends it: a change of the files, of HEAD, of what is staged, or the next command in that shell. */
  expires: key(Schema.Array(Schema.Literals(["file", "HEAD", "index", "next"]))),
  /** Not again for the same of these. */
  once_per: key(Schema.Literals(["file", "branch", "commit", "session", "day", "workspace"])),
  match: key(Schema.Array(ReflexExample)),
  no_match: key(Schema.Array(ReflexExample)),
})
export type ReflexData = typeof ReflexData.Type
