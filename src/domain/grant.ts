/**
 * A person's "always": what it names, where, and until when. Pure data; `policies/grants.ts` says which calls it answers.
 * Invariants: a grant holds in one workspace; it answers only the rules that asked when it was given, so a rule written
 * later asks anew; none counts where outside text is rested on, but one that says so by name, in its own conversation.
 */
import { Schema } from "effect"
import { PlanRead } from "./events/acted.ts"
import { SuggestionId, Timestamp } from "./ids.ts"

/** `g_` and 16 hex digits, derived from what was granted and the event it answers. */
export const GrantId = Schema.String

export const GrantScopeName = Schema.Literals(["exact", "prefix", "workspace"])
export type GrantScopeName = typeof GrantScopeName.Type

/** Narrowest first. */
export const grantScopes: ReadonlyArray<GrantScopeName> = ["exact", "prefix", "workspace"]

/** One kind of effect that a grant over a path names; its classes are all that such an effect may have. */
export const GrantedEffect = Schema.TaggedUnion({
  file: { use: Schema.Literals(["read", "write", "delete"]), classes: Schema.Array(Schema.String) },
  /** A program of the command table, all of whose doings are file effects. */
  program: { name: Schema.String, classes: Schema.Array(Schema.String) },
  host: {
    scheme: Schema.String,
    host: Schema.String,
    port: Schema.NullOr(Schema.Finite),
    classes: Schema.Array(Schema.String),
  },
})
export type GrantedEffect = typeof GrantedEffect.Type

/**
 * `exact`: this very call, by the digest of call and effects without what changes from time to time. `prefix`: programs
 * by their first words. `workspace`: what one tool does below a folder.
 */
export const GrantScope = Schema.TaggedUnion({
  exact: { call: Schema.String },
  prefix: { argvs: Schema.Array(Schema.Array(Schema.String)), classes: Schema.Array(Schema.String) },
  workspace: {
    tool: Schema.String,
    /** Further tools that may do the same. */
    others: Schema.optionalKey(Schema.Array(Schema.String)),
    path: Schema.String,
    effects: Schema.Array(GrantedEffect),
  },
})
export type GrantScope = typeof GrantScope.Type

/** A rule that asked, by name and file. */
export const AnsweredRule = Schema.Struct({ rule: Schema.String, file: Schema.String })
export type AnsweredRule = typeof AnsweredRule.Type

/** As it stands in the log. */
export const Grant = Schema.Struct({
  grant: GrantId,
  scope: GrantScope,
  /** What it allows, in one line. */
  title: Schema.String,
  /** The verdict it answers, and the rules that gave it. */
  verdict: Schema.Literal("ask"),
  rules: Schema.Array(AnsweredRule),
  /** Null: until it is revoked. */
  until: Schema.NullOr(Timestamp),
  /**
   * The scripts that what is granted goes by (of `npm test` the package.json), as they were then: where one is another
   * now, or a further one counts, it is asked again. Absent in grants from before they were bound so: not looked at.
   */
  scripts: Schema.optionalKey(Schema.Array(PlanRead)),
  /**
   * The person said by name that it counts also where the conversation rests on outside text: it holds in that one
   * conversation, and nowhere else. Absent: it holds in the workspace, for what rests on nothing from outside.
   */
  alsoTainted: Schema.optionalKey(Schema.Struct({ session: Schema.String })),
  /** The suggestion, and which of its actions, that it was given with. */
  suggestion: SuggestionId,
  index: Schema.Finite,
})
export type Grant = typeof Grant.Type

/** A grant in force, as the gate sees it: `seq` is the event that gave it. */
export interface GrantInForce extends Pick<
  Grant,
  "grant" | "scope" | "title" | "rules" | "until" | "scripts" | "alsoTainted"
> {
  readonly seq: number
  readonly workspace: string
  /** What of its scripts is not as it was, a line each: then it answers nothing. Absent: not looked at, or all is. */
  readonly changed?: ReadonlyArray<string>
}

/** A grant that counts also on outside text holds no longer than this, whatever was wished. */
export const longestTaintedMs = 24 * 3_600_000

/** The rule a granted verdict names; its file is the log, its line the seq of the grant. */
export const grantedRule = { rule: "granted", file: "log" } as const
