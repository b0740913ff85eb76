/**
 * What is not watched even where no ignore file says so; the least binding rules, so that a repository's
 * `!node_modules` shows it again. Only names that one tool alone uses, for what it can make again: a folder
 * called `build`, `dist`, `target`, `vendor` or `out` may be somebody's source and is left to `.gitignore`.
 * `.git` is not in the list because no rule can show it: the git source watches it.
 */
export const builtInPatterns = `
node_modules/
bower_components/
.pnpm-store/
.yarn/cache/
.yarn/unplugged/
__pycache__/
.venv/
.tox/
.nox/
.mypy_cache/
.pytest_cache/
.ruff_cache/
.gradle/
.terraform/
.next/
.nuxt/
.svelte-kit/
.angular/cache/
.turbo/
.nx/cache/
.parcel-cache/
.vite/
.nyc_output/
.dart_tool/
.bundle/
.stack-work/
.zig-cache/
.direnv/
.hg/
.svn/
.jj/
.DS_Store
.*.sw[a-p]
*~
.#*
\\#*#
`
