/**
 * The environment commands get: an explicit list of harmless names plus what we set. Nothing of the daemon's own
 * environment passes by itself, so no token can leak. Pure.
 * Invariant: PATH holds only absolute folders outside the workspace, so that a repository cannot name a program.
 */
import { isAbsolute, normalize } from "node:path"
import { inside } from "./paths.ts"

export type Environment = Readonly<Record<string, string | undefined>>

const passed = ["LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL"]
const standardPath = "/usr/local/bin:/usr/bin:/bin"

export const trustedPath = (path: string | undefined, workspace: string): string => {
  const folders = (path ?? "")
    .split(":")
    .filter((folder) => isAbsolute(folder))
    .map((folder) => normalize(folder).replace(/(?<=.)\/$/, ""))
    .filter((folder) => !inside(workspace, folder) && !folder.endsWith("/node_modules/.bin"))
  return [...new Set([...folders, ...standardPath.split(":")])].join(":")
}

export const commandEnvironment = (
  environment: Environment,
  options: { readonly home: string; readonly workspace: string },
): Record<string, string> => {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (passed.includes(name) || /^LC_[A-Z]+$/.test(name))) result[name] = value
  }
  return {
    ...result,
    PATH: trustedPath(environment["PATH"], options.workspace),
    HOME: options.home,
    TMPDIR: "/tmp",
    TERM: "dumb",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_EDITOR: "true",
    GIT_SEQUENCE_EDITOR: "true",
    GIT_TERMINAL_PROMPT: "0",
    CLAW_AGENT: "1",
  }
}

/** What a push or fetch needs to reach the user's keys: agent, keyring, proxies. Never inside the sandbox. */
const keyNames = /^(?:SSH_AUTH_SOCK|DBUS_SESSION_BUS_ADDRESS|XDG_RUNTIME_DIR|(?:https?|no|all)_proxy)$/i
export const keyEnvironment = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && keyNames.test(name) ? [[name, value]] : [],
    ),
  )

/** Git settings by environment, so that they win over the repository's own file. */
export const gitSettings = (settings: Readonly<Record<string, string>>): Record<string, string> => {
  const entries = Object.entries(settings)
  return Object.fromEntries([
    ["GIT_CONFIG_COUNT", String(entries.length)],
    ...entries.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ])
}

/** What makes git run nothing of the repository's: no hooks, no monitor, no program as transport. */
export const gitRunsNothing: Readonly<Record<string, string>> = {
  "core.hooksPath": "/dev/null",
  "core.fsmonitor": "false",
  "core.untrackedCache": "false",
  "protocol.ext.allow": "never",
  "fetch.recurseSubmodules": "false",
  "push.recurseSubmodules": "no",
  "submodule.recurse": "false",
  "gc.auto": "0",
  "maintenance.auto": "false",
}
