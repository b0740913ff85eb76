/**
 * A story as its file tells it: what a developer does and when, what help is due, and where silence is right. Data only;
 * times are milliseconds since the story begins, steps are named by their index.
 */
export type Answer = "accept" | "reject" | "snooze"

export type Act =
  /** Typed at the prompt of the person's shell. */
  | { readonly _tag: "run"; readonly command: string }
  /** Done by another program: nothing is typed. */
  | { readonly _tag: "elsewhere"; readonly command: string }
  | { readonly _tag: "write"; readonly path: string; readonly text: string }
  | { readonly _tag: "edit"; readonly path: string; readonly find: string; readonly replace: string }
  | { readonly _tag: "delete"; readonly path: string }
  | { readonly _tag: "tui"; readonly open: boolean }
  | { readonly _tag: "digest" }
  | { readonly _tag: "answer"; readonly answer: Answer; readonly rule: string }
  | { readonly _tag: "wait" }

export interface Step {
  readonly line: number
  readonly name: string | null
  /** Milliseconds after the beginning, or after the step before. */
  readonly at: { readonly since: "begin" | "before"; readonly ms: number }
  readonly act: Act
  /** The exit code it must have, for the story to be what it says. */
  readonly exit: number | null
}

/** A moment: the beginning, the end, or a step, and so long after it. */
export interface Moment {
  readonly step: number | "begin" | "end"
  readonly afterMs: number
}

export interface Need {
  readonly line: number
  readonly what: string
  /** Help counts from the moment this step is done. */
  readonly from: number
  readonly until: Moment
  /** Each that is given must hold: one of these rules, one of these in what it would do, this in what it says. */
  readonly rules: ReadonlyArray<string>
  readonly actions: ReadonlyArray<string>
  readonly says: string | null
  readonly urgent: boolean
  /** Steps it must cite, and nothing else; empty: not asked. */
  readonly evidence: ReadonlyArray<number>
}

export interface Silence {
  readonly line: number
  readonly why: string
  readonly from: Moment
  readonly until: Moment
}

export interface Story {
  readonly file: string
  readonly name: string
  readonly about: string
  readonly shell: "bash" | "zsh" | "fish"
  /** Day of the week and time of day it begins at, in UTC. */
  readonly start: { readonly day: number; readonly minutes: number }
  readonly settings: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, string>>
  /** Run by `bash -e` in the repository before anybody watches. */
  readonly setup: string
  /** Everything that is there is committed, before `setup`. */
  readonly commit: boolean
  /** A bare repository beside it is `origin`, and what is committed is pushed, before `setup`. */
  readonly remote: boolean
  readonly steps: ReadonlyArray<Step>
  readonly needs: ReadonlyArray<Need>
  readonly silences: ReadonlyArray<Silence>
}
