/**
 * Gathers the effects of one call while it is taken apart, each with the classes rules match on.
 * Invariant: it only ever adds. Nothing found later can take away an effect, a class or an uncertainty.
 */
import type { ActionEffect } from "../src/domain/action.ts"
import { judgeHost, type JudgedUrl, judgeUrl } from "./net/urls.ts"
import { isHarmlessDevice, type JudgedPath, judgePath, judgeTree } from "./paths.ts"
import type { PathOracle } from "./PathOracle.ts"
import type { Scope } from "./Scope.ts"
import { hasHole, hole } from "./wild.ts"

export interface Seen {
  readonly effect: ActionEffect
  readonly classes: ReadonlyArray<string>
  /** What would have to be otherwise for it to be harmless; one line. */
  readonly note: string | null
}

const mostSteps = 4000

export type PathUse = "read" | "write" | "delete"

export class Collector {
  readonly seen: Array<Seen> = []
  readonly commands: Array<ReadonlyArray<string>> = []
  uncertain: string | null = null
  readonly scope: Scope
  readonly oracle: PathOracle
  private readonly keys = new Set<string>()
  private readonly paths = new Map<string, JudgedPath>()
  private readonly done = new Set<string>()
  private steps = 0

  constructor(scope: Scope, oracle: PathOracle) {
    this.scope = scope
    this.oracle = oracle
  }

  doubt(reason: string): void {
    this.uncertain ??= reason
  }

  add(effect: ActionEffect, classes: ReadonlyArray<string>, note: string | null = null): void {
    const key = JSON.stringify([effect, classes])
    if (this.keys.has(key)) return
    this.keys.add(key)
    this.seen.push({ effect, classes, note })
  }

  /** True the first time only: the same words in the same place need no second look. */
  first(key: string): boolean {
    if (this.done.has(key)) return false
    this.done.add(key)
    return true
  }

  /** Counts work done for one call; past the limit the call is denied, and the rest need not be looked at. */
  exhausted(weight = 1): boolean {
    this.steps += weight
    if (this.steps <= mostSteps) return false
    this.exec(["\u2026"], this.scope.cwd, {}, ["too-long"])
    return true
  }

  private judge(path: string, cwd: string): JudgedPath {
    const key = `${cwd}\0${path}`
    const known = this.paths.get(key)
    if (known !== undefined) return known
    const judged = judgePath(path, cwd, this.scope, this.oracle)
    this.paths.set(key, judged)
    return judged
  }

  path(use: PathUse, path: string, cwd: string): void {
    if (isHarmlessDevice(path)) return
    const judged = this.judge(path, cwd)
    this.add({ _tag: use, path: judged.path }, judged.classes)
    // an unset variable leaves nothing behind: what starts with one may start at the root
    if (use !== "read" && path.startsWith(`${hole}/`)) this.path(use, path.slice(1), cwd)
  }

  /** Adds the path only where that makes the verdict stricter than "ask": it may not be a path at all. */
  suspect(path: string, cwd: string): void {
    if (isHarmlessDevice(path) || path === "" || path.length > 4096) return
    const judged = this.judge(path, cwd)
    const grave = ["credential", "process", "device", "own-state"].some((each) =>
      judged.classes.includes(each),
    )
    if (grave || (judged.classes.includes("outside") && this.isThere(path, judged.path)))
      this.add({ _tag: "read", path: judged.path }, judged.classes)
  }

  /** `/api/users` may be a route: an absolute path counts where its first directory exists. */
  private isThere(written: string, real: string): boolean {
    if (!written.startsWith("/") && !written.startsWith("~")) return true
    const first = real.split("/")[1] ?? ""
    return first === "" || this.oracle.entry(`/${first}`).kind !== "absent"
  }

  /** All of a directory's content is read (`grep -r`, `rg`); a plain file reads as itself. */
  tree(path: string, cwd: string, visible: boolean): void {
    if (isHarmlessDevice(path)) return
    const judged = this.judge(path, cwd)
    const below = judged.classes.includes("workspace")
      ? judgeTree(judged.path, visible, this.scope, this.oracle)
      : []
    this.add({ _tag: "read", path: judged.path }, [...judged.classes, ...below])
  }

  exec(
    argv: ReadonlyArray<string>,
    cwd: string,
    env: Readonly<Record<string, string>>,
    classes: ReadonlyArray<string>,
    note: string | null = null,
  ): void {
    this.add({ _tag: "exec", argv: argv.map(readable), cwd, env }, classes, note)
  }

  private net(judged: JudgedUrl): void {
    const { scheme, host, port } = judged
    this.add({ _tag: "net", scheme, host, port, addresses: judged.addresses }, judged.classes)
  }
  url(url: string): void {
    this.net(judgeUrl(url))
  }
  host(host: string, scheme = "tcp"): void {
    this.net(judgeHost(host, scheme))
  }
  /** It will talk to somebody, but the words do not say to whom. */
  network(scheme: string): void {
    this.add({ _tag: "net", scheme, host: "*", port: null, addresses: [] }, ["unknown-host"])
  }

  secret(kind: string): void {
    this.add({ _tag: "secret", kind }, ["credential"])
  }

  /** Does the text carry a value known to be secret, plainly or in a usual coding? */
  carries(text: string): void {
    const { secrets } = this.scope
    if (secrets.length === 0 || text.length < shortestSecret || !this.first(`carries\0${text}`)) return
    const lower = text.toLowerCase()
    if (formsOf(secrets).some((form) => lower.includes(form))) this.secret("a value from a secret file")
  }
}

const shortestSecret = 6
const known = new WeakMap<ReadonlyArray<string>, ReadonlyArray<string>>()

/** Every way a secret may be written, in lower case; worked out once for a list. */
const formsOf = (secrets: ReadonlyArray<string>): ReadonlyArray<string> => {
  const ready = known.get(secrets)
  if (ready !== undefined) return ready
  const forms = secrets.flatMap((value) => {
    if (value.length < shortestSecret) return []
    const bytes = Buffer.from(value)
    const coded = bytes.toString("base64").replace(/=+$/, "").slice(0, -1)
    const written = [
      value,
      encodeURIComponent(value.toWellFormed()),
      coded,
      bytes.toString("hex"),
      [...value].reverse().join(""),
    ]
    return written.filter((form) => form.length >= shortestSecret).map((form) => form.toLowerCase())
  })
  const all = [...new Set(forms)]
  known.set(secrets, all)
  return all
}

const readable = (word: string): string => (hasHole(word) ? word.replaceAll(hole, "\u2026") : word)
