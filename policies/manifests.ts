/**
 * Files by which other programs decide what to run when somebody types an ordinary word (`npm install`, `make`), and those
 * that tell an agent how to work. Pure. They may be written after a question; never on a standing answer in a
 * conversation that rests on outside text.
 */
import { fold } from "./names.ts"

const names: ReadonlySet<string> = new Set(
  `package.json npm-shrinkwrap.json package-lock.json pnpm-workspace.yaml pnpm-lock.yaml yarn.lock bun.lock deno.json deno.jsonc
  makefile gnumakefile justfile .justfile taskfile.yml taskfile.yaml rakefile gemfile cargo.toml build.rs
  build.gradle build.gradle.kts settings.gradle settings.gradle.kts pom.xml composer.json dockerfile compose.yaml
  compose.yml docker-compose.yml docker-compose.yaml cmakelists.txt tox.ini noxfile.py pyproject.toml setup.py setup.cfg
  conftest.py meson.build build.zig flake.nix shell.nix default.nix vagrantfile procfile
  agents.md claude.md claw.md claude.local.md claw.local.md gemini.md skill.md .cursorrules .windsurfrules .clinerules
  copilot-instructions.md .gitignore`.split(/\s+/),
)

export const isManifest = (path: string): boolean => names.has(fold(path.split("/").at(-1) ?? ""))
