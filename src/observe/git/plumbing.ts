/**
 * The one place where observation starts git. Only for what is in no file: the list of git's own subcommands. Runs
 * outside every repository, as argv without a shell, with an environment of its own in which no configuration,
 * hook, pager, prompt, protocol or lock can play a part; output and time are bounded and the process group is killed.
 */
import { Effect, Schema } from "effect"
import { spawn } from "node:child_process"
import * as path from "node:path"

export class PlumbingError extends Schema.TaggedError<PlumbingError>()("PlumbingError", {
  reason: Schema.Literals(["not-found", "failed", "too-long", "too-much"]),
  detail: Schema.String,
}) {
  override get message(): string {
    return `git: ${this.reason}${this.detail === "" ? "" : `: ${this.detail}`}`
  }
}

export interface PlumbingOptions {
  /** Folders to find git in, `:`-separated. */
  readonly path: string
  /** Folders below this are never searched for git: they are the observed repository's. */
  readonly workspace: string
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

const overrides: ReadonlyArray<readonly [string, string]> = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.pager", "cat"],
  ["core.sshCommand", "false"],
  ["core.askPass", "false"],
  ["core.alternateRefsCommand", "false"],
  ["diff.external", ""],
  ["credential.helper", ""],
  ["log.showSignature", "false"],
  ["protocol.allow", "never"],
  ["safe.bareRepository", "explicit"],
]

/** Absolute folders that are not the workspace's own: a repository must not bring its own git. */
export const searchPath = (searched: string, workspace: string): string =>
  searched
    .split(":")
    .filter((folder) => path.isAbsolute(folder))
    .filter((folder) => {
      const below = path.relative(workspace, folder)
      return below === ".." || below.startsWith("../") || path.isAbsolute(below)
    })
    .join(":")

const hardenedEnvironment = (options: PlumbingOptions): Readonly<Record<string, string>> => ({
  PATH: searchPath(options.path, options.workspace),
  LC_ALL: "C",
  HOME: "/nonexistent",
  XDG_CONFIG_HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_CEILING_DIRECTORIES: "/",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "false",
  GIT_SSH_COMMAND: "false",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_PAGER: "cat",
  GIT_EDITOR: "false",
  GIT_CONFIG_COUNT: String(overrides.length),
  ...Object.fromEntries(
    overrides.flatMap(([key, value], at) => [
      [`GIT_CONFIG_KEY_${at}`, key],
      [`GIT_CONFIG_VALUE_${at}`, value],
    ]),
  ),
})

/** Runs git with these arguments in `/` and gives its standard output. */
export const plumbing = (
  args: ReadonlyArray<string>,
  options: PlumbingOptions,
): Effect.Effect<Buffer, PlumbingError> =>
  Effect.callback<Buffer, PlumbingError>((resume) => {
    const { timeoutMs = 2_000, maxBytes = 1 << 20 } = options
    const child = spawn("git", args, {
      cwd: "/",
      env: hardenedEnvironment(options),
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
      shell: false,
    })
    const kill = (): void => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, "SIGKILL")
      } catch {
        child.kill("SIGKILL")
      }
    }
    const fail = (reason: PlumbingError["reason"], detail: string): void => {
      clearTimeout(timer)
      kill()
      resume(Effect.fail(new PlumbingError({ reason, detail })))
    }
    const timer = setTimeout(() => fail("too-long", `${timeoutMs} ms`), timeoutMs)
    const chunks: Array<Buffer> = []
    let size = 0
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) fail("too-much", `${maxBytes} bytes`)
      else chunks.push(chunk)
    })
    child.on("error", (error: NodeJS.ErrnoException) =>
      fail(error.code === "ENOENT" ? "not-found" : "failed", error.code ?? ""),
    )
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      resume(
        code === 0
          ? Effect.succeed(Buffer.concat(chunks))
          : Effect.fail(new PlumbingError({ reason: "failed", detail: signal ?? `exit ${code}` })),
      )
    })
    return Effect.sync(() => {
      clearTimeout(timer)
      kill()
    })
  })
