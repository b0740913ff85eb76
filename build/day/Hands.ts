/**
 * What happens in a made repository, as its sources would state it: saves, commands, git facts. Each changes the
 * repository (`workspaces.ts`) and appends what was seen.
 */
import { Effect } from "effect"
import type { LogError } from "../../log-store/LogStore.ts"
import type { PayloadOf } from "../../src/domain/event.ts"
import type { Day } from "./Day.ts"
import type { MadeWorkspace, StagedFile } from "./workspaces.ts"

type Done = Effect.Effect<void, LogError>

export interface Ran {
  readonly exit?: number
  readonly durationMs?: number
  readonly author?: "user" | "agent"
}

const fileStates = (files: ReadonlyArray<StagedFile>) => files.map(({ path, status }) => ({ path, status }))

export class Hands {
  readonly day: Day
  readonly at: MadeWorkspace

  constructor(day: Day, at: MadeWorkspace) {
    this.day = day
    this.at = at
  }

  #trust(): "trusted" | "untrusted" {
    return this.at.vouched ? "trusted" : "untrusted"
  }

  files(changes: PayloadOf<"fs.changed">["changes"]): Done {
    const counts = { add: 0, change: 0, unlink: 0, rename: 0 }
    for (const change of changes) counts[change.kind] += 1
    return Effect.asVoid(
      this.day.see(
        this.at,
        "fs",
        "fs.changed",
        { changes: [...changes], counts, truncated: false, cause: "watch" },
        this.#trust(),
      ),
    )
  }

  save(...paths: ReadonlyArray<string>): Done {
    for (const path of paths) if (!this.at.dirty.has(path)) this.at.dirty.set(path, this.day.nowMs)
    const { random } = this.day
    return this.files(paths.map((path) => ({ path, kind: "change", bytes: random.int(200, 20_000) })))
  }

  run(command: string, ran: Ran = {}): Done {
    const { at, day } = this
    const durationMs = ran.durationMs ?? day.random.gap(180, 0.8)
    const startedAt = new Date(day.nowMs).toISOString()
    at.spool += command.length + 60
    const author = ran.author ?? "user"
    return Effect.andThen(
      day.pass(durationMs),
      Effect.suspend(() =>
        Effect.asVoid(
          day.see(
            at,
            "terminal",
            "terminal.command",
            {
              command,
              cwd: at.path,
              exit: ran.exit ?? 0,
              durationMs,
              shell: "zsh",
              session: author === "user" ? at.session : `bash-${at.session}`,
              authorKind: author,
              startedAt,
              position: { file: `spool/${at.session}`, offset: at.spool },
            },
            this.#trust(),
          ),
        ),
      ),
    )
  }

  stagedNow(): Done {
    const { at, day } = this
    const index = at.staged.map((file) => `${file.path} ${file.lines.join("\n")}`).join("\n")
    return Effect.asVoid(
      day.see(at, "git", "git.staged", {
        files: fileStates(at.staged),
        count: at.staged.length,
        truncated: false,
        index: Buffer.from(index).toString("base64url").slice(0, 64).padEnd(64, "0"),
      }),
    )
  }

  #position() {
    this.at.reflog += 180
    return { file: "logs/HEAD", offset: this.at.reflog, mark: this.at.head.slice(0, 12) }
  }

  commit(subject: string): Done {
    const { at, day } = this
    const files = at.staged.map((file) => file.path)
    const parents = [at.head]
    at.head = day.random.hex(40)
    at.ahead += 1
    at.staged = []
    for (const path of files) at.dirty.delete(path)
    return Effect.andThen(
      Effect.suspend(() =>
        day.see(at, "git", "git.commit", {
          sha: at.head,
          parents,
          branch: at.branch,
          subject,
          files,
          position: this.#position(),
        }),
      ),
      Effect.suspend(() => this.stagedNow()),
    )
  }

  moved(
    type: "git.checkout" | "git.pull",
    to: { readonly branch: string; readonly files: ReadonlyArray<string>; readonly subject: string },
  ): Done {
    const { at, day } = this
    const from = at.head
    const fromBranch = at.branch
    at.head = day.random.hex(40)
    at.branch = to.branch
    return Effect.asVoid(
      Effect.suspend(() =>
        day.see(at, "git", type, {
          from,
          to: at.head,
          fromBranch,
          branch: to.branch,
          subject: to.subject,
          files: [...to.files],
          position: this.#position(),
        }),
      ),
    )
  }

  /** The remote took the branch. */
  pushed(): Done {
    const { at, day } = this
    const first = !at.upstream
    at.upstream = true
    at.ahead = 0
    return Effect.asVoid(
      day.see(at, "git", "git.branch", {
        action: first ? "created" : "moved",
        name: `refs/remotes/origin/${at.branch}`,
        from: null,
        to: at.head,
      }),
    )
  }

  fetched(commits: number): Done {
    const { at, day } = this
    if (at.upstream) at.behind += commits
    const to = day.random.hex(40)
    return Effect.asVoid(
      day.see(at, "git", "git.fetched", {
        refs: [{ name: `refs/remotes/origin/${at.branch}`, from: at.head, to }],
      }),
    )
  }
}
