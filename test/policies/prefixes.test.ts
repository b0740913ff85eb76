/** First words that may be granted, and those that leave too much open. */
import { describe, expect, it } from "@effect/vitest"
import { prefixFault, shortestPrefix } from "../../policies/prefixes.ts"
import { shipped } from "./gate.ts"

const fault = (words: string) => prefixFault(words.split(" "), shipped.table)
const shortest = (words: string) => shortestPrefix(words.split(" "), shipped.table)

describe("first words", () => {
  it.each([
    ["npm test -- --watch", "npm test"],
    ["npm run build --silent", "npm run build"],
    ["cargo test --all", "cargo test"],
    ["go test ./...", "go test"],
    ["go run ./cmd/x", "go run ./cmd/x"],
    ["pytest -q tests", "pytest"],
    ["python -m pytest -q", "python -m pytest"],
    ["python3 tools/gen.py --all", "python3 tools/gen.py"],
    ["node scripts/build.js", "node scripts/build.js"],
    ["make test -j4", "make test"],
    ["./gradlew test", "./gradlew test"],
    ["./scripts/check.sh a b", "./scripts/check.sh"],
    ["bash scripts/check.sh", "bash scripts/check.sh"],
    ["git commit -m x", "git commit"],
    ["git stash push -m x", "git stash push"],
    ["poetry run pytest -q", "poetry run pytest"],
    ["bundle exec rspec spec", "bundle exec rspec"],
    ["tsc --noEmit", "tsc"],
    ["frob build all", "frob build"],
  ])("of %s are %s", (command, prefix) => {
    expect(shortest(command)).toEqual({ prefix: prefix.split(" ") })
  })

  it.each([
    "node",
    "node -e 1",
    "python",
    "python -c x",
    "python -m http.server",
    "python -m pip install x",
    "perl -e x",
    "ruby -e x",
    "awk x",
    "deno run x",
    "bash",
    "bash -c x",
    "sh -c x",
    "zsh x.sh",
    "env A=b npm test",
    "nice npm test",
    "timeout 5 npm test",
    "xargs rm",
    "sudo npm test",
    "watch make test",
    "eval x",
    "git",
    "git push",
    "git push origin main",
    "git pull",
    "git fetch",
    "git reset --hard",
    "git clean -fd",
    "git checkout app",
    "git -C /x commit",
    "git -c a=b commit",
    "git config x y",
    "git stash",
    "git stash drop",
    "npm",
    "npm run",
    "npm install x",
    "npm publish",
    "npm exec x",
    "npx vitest",
    "yarn dlx x",
    "pip install x",
    "cargo install x",
    "cargo publish",
    "go get x",
    "go generate",
    "curl https://example.com",
    "ssh host",
    "docker ps",
    "kubectl get pods",
    "terraform plan",
    "aws s3 ls",
    "gh pr list",
    "make",
    "make -f x",
    "make A=b",
    "rm app",
    "dd if=a",
    "mv a b",
    "find .",
    "frob",
    "frob -x",
    "frob /etc",
    "poetry run",
    "poetry run python",
    "uv run node -e x",
    "echo \u2026",
  ])("%s is refused, with a reason", (words) => {
    expect(fault(words)).toMatch(/\w/)
  })

  it("names what would be enough", () => {
    expect(fault("npm run")).toContain("one more word")
    expect(fault("frob")).toContain("all that frob can do")
    expect(fault("git push")).toContain("only this very call")
  })
})
