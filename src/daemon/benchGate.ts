/**
 * How long the gate takes: ordinary commands over a folder of files with two hundred rules of a user's, and the worst
 * that may come: as long, as deep and as wide as the gate looks at. Each verdict is a whole one, from the text to the
 * answer, with the disk asked; the best of three counts, of a worst case the best of all, so that a pause of the
 * machine is not taken for the gate's.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { compile } from "../../policies/compile.ts"
import { evaluate, type RuleSet } from "../../policies/evaluate.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { nodeOracle } from "../../policies/nodeOracle.ts"
import { scopeOf } from "../../policies/Scope.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { type BenchRow, limited, percentile } from "../domain/bench.ts"

export const gateRows = [
  "gate.ordinary_p50",
  "gate.ordinary_p99",
  "gate.longest",
  "gate.deepest",
  "gate.widest",
]

const rules = 200
const folders = 40
const filesInFolder = 10

/** What people and agents type all day, read-only and not. */
const ordinary: ReadonlyArray<string> = [
  "ls -la",
  "ls src/part3",
  "cat README.md",
  "cat src/part1/file2.ts | head -n 40",
  "head -n 20 src/part7/file1.ts",
  "tail -50 README.md",
  "wc -l src/part1/file1.ts src/part2/file2.ts",
  "sed -n '10,40p' src/part4/file4.ts",
  "grep -n 'export const' src/part5/file5.ts",
  "grep -rn TODO src",
  "rg -n 'import .* from' src",
  "rg --files src",
  "find src -name '*.ts' -type f",
  "find . -maxdepth 2 -not -path './node_modules/*'",
  "git status --porcelain=v2 --branch",
  "git status -sb && git diff --stat",
  "git diff HEAD~1 -- src/part1",
  "git log --oneline -n 20",
  "git log -p -1 -- src/part2/file2.ts",
  "git show HEAD:README.md",
  "git blame -L 10,20 src/part1/file1.ts",
  "git branch --show-current",
  "git rev-parse HEAD",
  "git ls-files | wc -l",
  "jq -r '.scripts | keys[]' package.json",
  "sort README.md | uniq -c | sort -rn | head",
  "cut -d, -f1 README.md",
  "du -sh src",
  "stat package.json",
  "date +%F",
  "npm test",
  "npm run build -- --watch",
  "npm install --save-dev vitest",
  "npx tsc --noEmit -p .",
  "node scripts/build.js",
  "node -e 'console.log(1)'",
  "python3 -m pytest -q tests/test_one.py",
  "cargo test --workspace",
  "go test ./...",
  "make -j4 all",
  "git add -A && git commit -m 'Say what changed'",
  "git push -u origin topic",
  "git checkout -b topic",
  "git rebase main",
  "mkdir -p src/new && touch src/new/file.ts",
  "rm -rf dist",
  "mv src/part1/file1.ts src/part1/other.ts",
  "cp README.md docs.md",
  "sed -i 's/a/b/' src/part1/file1.ts",
  "echo done > out.txt",
  "cat <<'EOF' > src/new.ts\nexport const a = 1\nEOF",
  'for f in src/part1/*.ts; do wc -l "$f"; done',
  "docker compose up -d",
  "kubectl get pods -n shop",
  "curl -s https://example.com/api | jq .",
  "NODE_ENV=test npm test 2>&1 | tail -20",
  "cd src && ls",
  "timeout 60 npm test",
  "rm -rf /",
  "cat .env",
]

const chained = "git status && cat README.md | head -5 ; "
const worst: Readonly<Record<string, ReadonlyArray<string>>> = {
  "gate.longest": [
    `echo ${"a ".repeat(4990)}`,
    `echo ${"a".repeat(9990)}`,
    `cat ${"src/part1/".repeat(400)}`,
    `unknown ${Array.from({ length: 1400 }, (_, n) => `/x/${n}`).join(" ")}`,
    `python3 -c '${'open("x").read(); '.repeat(500)}'`,
    `cat <<'EOF' > x\n${"const a = { b: [1, 2] }\n".repeat(400)}EOF`,
  ],
  "gate.deepest": [
    `echo ${"$(".repeat(300)}ls${")".repeat(300)}`,
    `echo ${"$(echo ".repeat(300)}ls${")".repeat(300)}`,
    `${"(".repeat(300)}ls${")".repeat(300)}`,
    `echo ${"$(".repeat(127)}ls${")".repeat(127)}`,
    `echo ${'"$('.repeat(127)}ls${')"'.repeat(127)}`,
    `${"{ ".repeat(120)}ls${"; }".repeat(120)}`,
    `${"env nice timeout 5 ".repeat(100)}rm -rf /`,
    `echo ${"{a,".repeat(120)}b${"}".repeat(120)}`,
  ],
  "gate.widest": [
    chained.repeat(30).slice(0, -3),
    Array.from({ length: 60 }, (_, n) => `cat src/part${n % folders}/file1.ts`).join(" | "),
    Array.from({ length: 60 }, (_, n) => `rm -rf dist/${n}`).join("; "),
    Array.from({ length: 60 }, (_, n) => `x${n}=$(echo ${n}); echo $x${n}`).join("\n"),
  ],
}

const makeFolder = (): string => {
  const root = mkdtempSync(join(tmpdir(), "claw-gate-"))
  for (const name of ["README.md", "package.json", ".env"]) writeFileSync(join(root, name), "x\n")
  mkdirSync(join(root, ".git"))
  writeFileSync(join(root, ".git/config"), "")
  for (let folder = 0; folder < folders; folder++) {
    mkdirSync(join(root, `src/part${folder}`), { recursive: true })
    for (let file = 0; file < filesInFolder; file++)
      writeFileSync(join(root, `src/part${folder}/file${file}.ts`), "export {}\n")
  }
  return root
}

/** Rules as people write them: by command, path, host, with literals and globs. */
const userRules = (): string =>
  Array.from({ length: rules }, (_, n) => {
    const condition = [
      `argv = ["npm", "run", "task${n}"]`,
      `program = "tool${n}"`,
      `path = "src/part${n}/**/*.ts"\neffect = ["write", "delete"]`,
      `host = "*.service${n}.example"`,
      `argv = ["git", "push", "remote${n}"]\nactor = "claw"`,
    ][n % 5]!
    return `[[rule]]\nname = "own-${n}"\nverdict = "${n % 3 === 0 ? "deny" : "ask"}"\n${condition}\n`
  }).join("\n")

const load = (): RuleSet => {
  const shipped = readShipped(shippedDirectory(), ["default"])
  const own = { file: "own.toml", text: userRules(), tier: "user" as const, workspace: null }
  return loadRuleSet({ ...shipped, files: [...shipped.files, own] })
}

const measure = (root: string, quick: boolean): ReadonlyArray<BenchRow> => {
  const set = load()
  const context = { workspace: root, cwd: root, home: "/home/you", actor: "claw", trust: "trusted" as const }
  const judge = (command: string): void => {
    const call = { tool: "bash", input: { command } }
    const scope = scopeOf(call, context, { own: [join(root, ".claw")] })
    evaluate(set, compile(call, scope, nodeOracle, set.table), scope)
  }
  const bestOfThree = (command: string): number => {
    let best = Number.POSITIVE_INFINITY
    for (let time = 0; time < 3; time++) {
      const start = performance.now()
      judge(command)
      best = Math.min(best, performance.now() - start)
    }
    return best
  }
  const times: Array<number> = []
  const rounds = quick ? 10 : 60
  for (let warm = 0; warm < 5; warm++) ordinary.forEach(judge)
  for (let round = 0; round < rounds; round++)
    for (const command of ordinary) times.push(bestOfThree(command))
  const rows = [
    limited("gate.ordinary_p50", percentile(times, 0.5), "ms", 1),
    limited("gate.ordinary_p99", percentile(times, 0.99), "ms", 1),
  ]
  for (const [name, commands] of Object.entries(worst)) {
    const each = commands.map((command) =>
      Math.min(...Array.from({ length: quick ? 4 : 20 }, () => bestOfThree(command))),
    )
    rows.push(limited(name, Math.max(...each), "ms", 20))
  }
  const note = `${set.rules.length} rules, ${ordinary.length} commands, ${folders * filesInFolder} files`
  return rows.map((row) => ({ ...row, note }))
}

export const benchGate = Effect.fn("bench.gate")(function* ({ quick }: { readonly quick: boolean }) {
  const root = yield* Effect.acquireRelease(Effect.sync(makeFolder), (folder) =>
    Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
  )
  return yield* Effect.sync(() => measure(root, quick))
}, Effect.scoped)
