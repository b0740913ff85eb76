/**
 * A program the table of commands does not know, run after a person's yes: the workspace is open to it and the prompt
 * says so; what other programs run later, Claw's rules, agents' settings and git's own files stay shut.
 */
import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { promptOf } from "../../src/domain/prompt.ts"
import { boot, ended, place } from "./loopWorld.ts"

const shut = [
  ".git/hooks/pre-commit",
  ".git/config",
  ".git/config.worktree",
  ".claw/policies/own.toml",
  "claw.config.ts",
  ".claude/policies/own.toml",
  ".claude/settings.json",
  ".codex/config.toml",
  ".gemini/settings.json",
  ".cursor/mcp.json",
  ".mcp.json",
  ".npmrc",
  ".envrc",
  ".exrc",
  ".github/workflows/ci.yml",
  ".vscode/tasks.json",
  ".husky/pre-commit",
]

describe("an approved program nobody knows", () => {
  for (const there of [false, true]) {
    it.live(
      `writes anywhere else in the workspace, and nothing of what is never writable (${there ? "there already" : "not there yet"})`,
      () =>
        Effect.gen(function* () {
          const at = yield* place
          execFileSync("git", ["init", "-q"], { cwd: at.workspace })
          if (there)
            for (const path of shut) {
              mkdirSync(join(at.workspace, path, ".."), { recursive: true })
              if (!existsSync(join(at.workspace, path))) writeFileSync(join(at.workspace, path), "")
            }
          const now = () =>
            shut.map((path) => {
              const file = join(at.workspace, path)
              return existsSync(file) ? readFileSync(file, "utf8") : null
            })
          const before = now()
          at.write(
            "fancy",
            `#!/bin/bash
mkdir -p src && echo anything > src/anything.txt
for path in ${shut.join(" ")}; do
  mkdir -p "$(dirname "$path")"
  echo planted >> "$path"; chmod 755 "$path"
  echo planted > other && mv -f other "$path"
done
mv .git .old; rm -rf .git/hooks .claude .vscode
exit 0
`,
          )
          chmodSync(join(at.workspace, "fancy"), 0o755)
          const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
          yield* loop.suggest("s_1", { tool: "bash", input: { command: "./fancy" } })
          const { actions } = yield* loop.row("s_1")
          assert.strictEqual(actions[0]!.verdict, "ask")
          const [judged] = yield* loop.events("policy.verdict")
          assert(judged?.type === "policy.verdict")
          const prompt = promptOf(
            {
              summary: "Run ./fancy",
              sandbox: "bubblewrap",
              undoable: true,
              undoReason: null,
              verdict: judged.payload.verdict,
            },
            at.workspace,
          )
          assert.include(prompt.to, "may write anywhere in the workspace")
          yield* loop.approve("s_1")
          assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
          assert.strictEqual(at.read("src/anything.txt"), "anything\n")
          assert.deepStrictEqual(now(), before)
        }).pipe(Effect.scoped),
    )
  }
})
