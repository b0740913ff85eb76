/** What a path's name tells: made by a program, source that checks read, manifest. Tables, no IO. */

const generatedDirs = new Set([
  "node_modules",
  "bower_components",
  "dist",
  "coverage",
  "target",
  "__pycache__",
  ".venv",
  "venv",
  ".tox",
  ".next",
  ".nuxt",
  ".svelte-kit",
  ".turbo",
  ".parcel-cache",
  ".cache",
  ".gradle",
  ".terraform",
  ".pytest_cache",
  ".mypy_cache",
  ".ruff_cache",
  ".nyc_output",
  "htmlcov",
])
const generatedFile =
  /(?:\.min\.(?:js|css|mjs)|\.(?:js|css|mjs)\.map|\.pyc|\.class|\.o|\.obj|\.tsbuildinfo|\.log|\.tmp|\.swp|\.swo|\.orig|\.rej|~)$|^(?:\.DS_Store|Thumbs\.db|desktop\.ini|npm-debug\.log.*|core\.\d+)$/
const passing = /(?:\.log|\.tmp|\.swp|\.swo|\.swx|~|\.tsbuildinfo|4913)$|^\.#|^#.*#$/

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)
export const dirName = (path: string): string => {
  const at = path.lastIndexOf("/")
  return at < 0 ? "." : path.slice(0, at)
}

/** A product of a program that does not belong into a repository. */
export const isGenerated = (path: string): boolean =>
  path
    .split("/")
    .slice(0, -1)
    .some((part) => generatedDirs.has(part)) || generatedFile.test(baseName(path))

/** Writing it is not a person's edit: products, logs, editors' own files. */
export const isPassing = (path: string): boolean => isGenerated(path) || passing.test(baseName(path))

const binary =
  /\.(?:png|jpe?g|gif|webp|ico|icns|bmp|pdf|zip|gz|tgz|xz|bz2|7z|rar|jar|war|exe|dll|so|dylib|a|wasm|woff2?|ttf|otf|eot|mp[34]|mov|avi|webm|ogg|wav|flac|sqlite3?|db|mdb|bin|dat|iso|dmg)$/i
export const isBinaryName = (path: string): boolean => binary.test(path)

const prose = /\.(?:md|mdx|markdown|rst|txt|adoc|snap|lcov|csv|tsv)$|^(?:LICENSE|NOTICE|CHANGELOG|AUTHORS)/i
/** Saving it can change what a test, build or lint run says. */
export const isCheckInput = (path: string): boolean =>
  !isPassing(path) && !isBinaryName(path) && !prose.test(baseName(path)) && !path.startsWith(".git/")

const testFolders = /(?:^|\/)(?:tests?|specs?|__tests__|e2e)\//i
const sampleFolders = /(?:^|\/)(?:_*(?:fixtures?|snapshots?|mocks?)_*|test[-_]?data|samples?|examples?)\//i
const testName =
  /(?:^|[._-])(?:test|tests|spec|e2e)s?\.[a-z]+$|^(?:tests?_.*|conftest)\.py$|[a-z](?:Tests?|TestCase|Spec|IT)\.(?:java|kts?|scala|groovy|php|cs|swift)$/
/** Material of tests and examples: what stands there is often made up. */
export const isSample = (path: string): boolean => sampleFolders.test(path)
/** It is in a folder of tests, or of samples. */
export const isBesideTests = (path: string): boolean => testFolders.test(path) || isSample(path)
export const isTest = (path: string): boolean => isBesideTests(path) || testName.test(baseName(path))

const manifests = new Set([
  "package.json",
  "Cargo.toml",
  "go.mod",
  "pyproject.toml",
  "requirements.txt",
  "Pipfile",
  "composer.json",
  "Gemfile",
])
/** States what is wanted, as against a lockfile, which states what was resolved. */
export const isManifest = (path: string): boolean => manifests.has(baseName(path))

/** Dependencies of other people's packages are not the workspace's. */
export const isVendored = (path: string): boolean =>
  path
    .split("/")
    .some((part) => part === "node_modules" || part === "vendor" || part === ".venv" || part === "venv")

/** `path` relative to `base`, `.` where equal, null where it is outside. Both absolute. */
export const relativeTo = (base: string, path: string): string | null =>
  path === base ? "." : path.startsWith(`${base}/`) ? path.slice(base.length + 1) : null
