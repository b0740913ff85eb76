/**
 * Reading configuration: the user's own file and, where its exact content is trusted, the workspace's.
 * Invariants: a workspace's file runs only if the SHA-256 of the bytes that run was trusted; evaluation happens
 * in a child with a time limit; a file that cannot be used leaves the last good settings in force.
 */
import { Effect, Result, Schema } from "effect"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { largestBinding, readBinding } from "./bindingFile.ts"
import { problemsOf, showProblem } from "./problems.ts"
import { mergeMemory } from "./memorySettings.ts"
import { mergeBudgets, mergeModels } from "./modelSettings.ts"
import { decodeSettings, defaultSettings, type SettingsInput } from "./Settings.ts"

export const workspaceFile = "claw.config.ts"

export class ConfigError extends Schema.TaggedError<ConfigError>()("ConfigError", {
  file: Schema.String,
  reason: Schema.Literals(["unreadable", "untrusted", "syntax", "invalid", "timeout"]),
  message: Schema.String,
}) {}

/** How to start the child: `node <entry> <file>` (unbuilt: evaluateMain.ts; bundled: `claw __config`). */
export interface ChildCommand {
  readonly node: string
  readonly args: ReadonlyArray<string>
}

export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const evaluationLimitMs = 5_000
/** Settings that need more than this are none; what would fill the machine ends here. */
const mostMemoryMb = 256

const Answer = Schema.fromJsonString(
  Schema.Struct({
    value: Schema.optionalKey(Schema.Unknown),
    error: Schema.optionalKey(Schema.String),
    line: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  }),
)
const decodeAnswer = Schema.decodeUnknownResult(Answer)

const run = (child: ChildCommand, file: string): Promise<string | "timeout" | "too large"> =>
  new Promise((resolve) => {
    const process = spawn(child.node, [`--max-old-space-size=${mostMemoryMb}`, ...child.args, file], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
      env: { PATH: "/usr/bin:/bin", NODE_NO_WARNINGS: "1" },
      cwd: "/",
    })
    const chunks: Array<Buffer> = []
    let bytes = 0
    const end = (why: "timeout" | "too large"): void => {
      process.kill("SIGKILL")
      resolve(why)
    }
    const limit = setTimeout(() => end("timeout"), evaluationLimitMs)
    process.stdio[3]?.on("data", (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > largestBinding) end("too large")
      else chunks.push(chunk)
    })
    process.on("close", () => {
      clearTimeout(limit)
      resolve(Buffer.concat(chunks).toString("utf8"))
    })
    process.on("error", (error) => {
      clearTimeout(limit)
      resolve(JSON.stringify({ error: error.message, line: null }))
    })
  })

/** Evaluates exactly these bytes, so that what was trusted is what runs. */
const evaluate = Effect.fn("config.evaluate")(function* (
  child: ChildCommand,
  file: string,
  bytes: Uint8Array,
  scratch: string,
) {
  const directory = yield* Effect.promise(() => mkdtemp(join(scratch, "config-")))
  const copy = join(directory, "config.mts")
  const text = yield* Effect.promise(() => writeFile(copy, bytes, { mode: 0o600 })).pipe(
    Effect.flatMap(() => Effect.promise(() => run(child, copy))),
    Effect.ensuring(Effect.promise(() => rm(directory, { recursive: true, force: true }))),
  )
  if (text === "timeout") {
    return yield* new ConfigError({
      file,
      reason: "timeout",
      message: `${file}: not evaluated within ${evaluationLimitMs / 1000} s`,
    })
  }
  if (text === "too large") {
    return yield* new ConfigError({
      file,
      reason: "invalid",
      message: `${file}: its settings are larger than ${largestBinding} bytes`,
    })
  }
  const answer = decodeAnswer(text)
  if (Result.isFailure(answer)) {
    return yield* new ConfigError({
      file,
      reason: "syntax",
      message: `${file}: it did not evaluate to plain data`,
    })
  }
  if (answer.success.error !== undefined) {
    const line = answer.success.line ?? null
    return yield* new ConfigError({
      file,
      reason: "syntax",
      message: `${file}${line === null ? "" : `:${line}`}: ${answer.success.error.replaceAll(copy, file)}`,
    })
  }
  return answer.success.value
})

export interface LoadedConfig {
  readonly file: string
  readonly digest: string
  readonly settings: SettingsInput
}

/**
 * Reads one file. `trusted` is the digest its bytes must have, or null for the user's own file.
 * Answers null where there is no such file.
 */
export const loadConfig = Effect.fn("config.load")(function* (options: {
  readonly file: string
  readonly trusted: "own" | ReadonlyArray<string>
  readonly child: ChildCommand
  readonly scratch: string
}): Effect.fn.Return<LoadedConfig | null, ConfigError> {
  const { file } = options
  const bytes = yield* Effect.tryPromise({
    try: () => readBinding(file),
    catch: (error) =>
      new ConfigError({ file, reason: "unreadable", message: `${file}: ${(error as Error).message}` }),
  })
  if (bytes === null) return null
  const digest = digestOf(bytes)
  if (options.trusted !== "own" && !options.trusted.includes(digest)) {
    return yield* new ConfigError({
      file,
      reason: "untrusted",
      message: `${file}: not loaded, its content is not trusted. Read it, then run: claw trust`,
    })
  }
  const value = yield* evaluate(options.child, file, bytes, options.scratch)
  const decoded = decodeSettings(value)
  if (Result.isFailure(decoded)) {
    const lines = problemsOf(file, bytes.toString("utf8"), decoded.failure)
    return yield* new ConfigError({ file, reason: "invalid", message: lines.map(showProblem).join("\n") })
  }
  return { file, digest, settings: value as SettingsInput }
})

/** What a workspace does not decide: it concerns the whole log, or the user's own terminal. */
const onlyOwn: ReadonlySet<string> = new Set<keyof SettingsInput>([
  "anchors",
  "chat",
  "deliberation",
  "retention",
  "web",
])

/** The workspace's file over the user's: key by key, one level deep; of models and ceilings what it may say. */
export const mergeSettings = (own: SettingsInput, workspace: SettingsInput): SettingsInput => {
  const merged: Record<string, unknown> = { ...own }
  for (const [key, value] of Object.entries(workspace)) {
    if (onlyOwn.has(key)) continue
    const before = merged[key]
    if (key === "models") {
      merged[key] = mergeModels(own.models ?? {}, workspace.models ?? {})
      continue
    }
    if (key === "memory") {
      merged[key] = mergeMemory(own.memory ?? {}, workspace.memory ?? {})
      continue
    }
    if (key === "budgets") {
      merged[key] = mergeBudgets(own.budgets ?? {}, workspace.budgets ?? {}, defaultSettings.budgets)
      continue
    }
    merged[key] =
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      typeof before === "object" &&
      before !== null &&
      !Array.isArray(before)
        ? { ...before, ...value }
        : value
  }
  return merged as SettingsInput
}
