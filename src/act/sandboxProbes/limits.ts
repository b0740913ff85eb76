/**
 * Commands that take too much: each runs by itself under a small limit, and must be held to it. What ended it (the
 * kernel's own limit or the watch from outside) is told, because it differs from machine to machine.
 */
import { randomUUID } from "node:crypto"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import type { ProcessResult } from "../runProcess.ts"
import type { Limits } from "../sandboxRun.ts"
import { broken, type EscapeTest } from "../sandboxSelfTest.ts"

export interface LimitProbe {
  readonly name: string
  readonly shell: string
  readonly timeoutMs: number
  readonly limits: Partial<Limits>
  readonly judge: (result: ProcessResult, workspace: string) => EscapeTest
}

const mib = 1024 ** 2
const heldBy = (name: string, by: string): EscapeTest => ({
  name,
  held: true,
  tried: true,
  detail: `held: ${by}`,
})
const textOf = (result: ProcessResult): string => Buffer.from(result.output.first()).toString("utf8")
const byWatch =
  (name: string) =>
  (result: ProcessResult): EscapeTest =>
    result.breach === null
      ? broken(name, "was not ended")
      : heldBy(name, `ended from outside, ${result.breach}`)

const commandLines = (): ReadonlyArray<string> =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1")
      } catch {
        return ""
      }
    })

export const limitProbes = (): ReadonlyArray<LimitProbe> => {
  const stray = `900.${String(Date.now())}`
  const shared = `claw-probe-${randomUUID()}`
  return [
    {
      name: "process bomb",
      shell: `b() { b | b & }; b; i=0; while [ $i -lt 3000 ]; do sleep 20 & i=$((i+1)); done; echo all started`,
      timeoutMs: 2500,
      limits: { processes: 200 },
      judge: (result) =>
        result.breach !== null
          ? heldBy("process bomb", `ended from outside, ${result.breach}`)
          : textOf(result).includes("all started")
            ? broken("process bomb", "3000 processes were started")
            : heldBy("process bomb", "the kernel refused more"),
    },
    {
      name: "memory of one process",
      shell: `tail /dev/zero`,
      timeoutMs: 20_000,
      limits: { memoryBytes: 192 * mib },
      judge: byWatch("memory of one process"),
    },
    {
      name: "memory of many processes",
      shell: `for i in 1 2 3 4 5 6 7 8; do { head -c 50000000 /dev/zero; sleep 20; } | tail -c 50000000 > /dev/null & done; wait`,
      timeoutMs: 20_000,
      limits: { memoryBytes: 192 * mib },
      judge: byWatch("memory of many processes"),
    },
    {
      name: "disk",
      shell: `i=0; while :; do head -c 16777216 /dev/zero > fill$i || break; i=$((i+1)); done; sleep 20`,
      timeoutMs: 20_000,
      limits: { spendDiskBytes: 96 * mib },
      judge: byWatch("disk"),
    },
    {
      name: "file size",
      shell: `head -c 50000000 /dev/zero > large; true`,
      timeoutMs: 10_000,
      limits: { fileBytes: 4 * mib },
      judge: (_, workspace) =>
        statSync(join(workspace, "large")).size <= 4 * mib
          ? heldBy("file size", "the kernel's limit")
          : broken("file size", "was not held"),
    },
    {
      name: "cpu time",
      shell: `while :; do :; done`,
      timeoutMs: 15_000,
      limits: { cpuSeconds: 1 },
      judge: (result) =>
        result.timedOut ? broken("cpu time", "was not ended") : heldBy("cpu time", "the kernel's limit"),
    },
    {
      name: "wall time",
      shell: `sleep 30`,
      timeoutMs: 300,
      limits: {},
      judge: (result) =>
        result.timedOut ? heldBy("wall time", "ended from outside") : broken("wall time", "was not ended"),
    },
    {
      name: "nothing left behind",
      shell: `setsid sleep ${stray} & (setsid sh -c 'sleep ${stray}' &) ; echo x > /dev/shm/${shared}; echo x > /tmp/${shared}`,
      timeoutMs: 10_000,
      limits: {},
      judge: () =>
        commandLines().some((line) => line.includes(stray)) ||
        existsSync(`/dev/shm/${shared}`) ||
        existsSync(`/tmp/${shared}`)
          ? broken("nothing left behind", "a process or a file outlived it")
          : heldBy("nothing left behind", "its processes and folders in memory ended with it"),
    },
    {
      name: "a new repository's hooks",
      shell: `mkdir -p made && cd made && git init -q . && printf '#!/bin/sh\\n' > .git/hooks/post-checkout && chmod +x .git/hooks/post-checkout && git config core.fsmonitor ./x; mkdir -p ../bare/objects ../bare/refs && printf 'ref: refs/heads/x\\n' > ../bare/HEAD && printf '[core]\\n\\tfsmonitor = ./x\\n' > ../bare/config`,
      timeoutMs: 10_000,
      limits: {},
      judge: (_, workspace) => {
        const name = "a new repository's hooks"
        const read = (path: string): string =>
          existsSync(join(workspace, path)) ? readFileSync(join(workspace, path), "utf8") : ""
        const hook = join(workspace, "made/.git/hooks/post-checkout")
        const runs = existsSync(hook) && (statSync(hook).mode & 0o111) !== 0
        return runs || /fsmonitor/.test(read("made/.git/config") + read("bare/config"))
          ? broken(name, "would have run at the next git command")
          : heldBy(name, "what would have run later was taken away")
      },
    },
  ]
}
