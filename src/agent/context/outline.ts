/**
 * What a source file defines and what it takes in, read line by line with one small table of patterns a language, as
 * ctags' line parsers do. Pure and total; a definition it does not see is missing from a map, nothing worse.
 * Invariants: work is linear in the text; names and signatures are bounded.
 */

export interface Definition {
  readonly name: string
  /** 1-based. */
  readonly line: number
  /** The line as written, without its body. */
  readonly signature: string
}

export interface Outline {
  readonly definitions: ReadonlyArray<Definition>
  /** What it imports, as path segments: `["..", "domain", "event"]`, `["os", "path"]`. */
  readonly imports: ReadonlyArray<ReadonlyArray<string>>
}

interface Language {
  /** Each with the defined name in its first group. */
  readonly defines: ReadonlyArray<RegExp>
  /** Each with what is imported in its first group. */
  readonly imports: ReadonlyArray<RegExp>
}

const script: Language = {
  defines: [
    /^export (?:default )?(?:async )?function\*? ?([\w$]+)/,
    /^export (?:default )?(?:abstract )?class ([\w$]+)/,
    /^export (?:declare )?(?:const|let|var|enum|interface|type|namespace) ([\w$]+)/,
    /^(?:async )?function\*? ?([\w$]+)/,
    /^(?:abstract )?class ([\w$]+)/,
    /^(?:interface|enum) ([\w$]+)/,
    /^(?:module\.)?exports\.([\w$]+) ?=/,
  ],
  imports: [
    /^(?:import|export)\b[^"'`]*\bfrom ["']([^"']+)["']/,
    /^import ["']([^"']+)["']/,
    /^\} from ["']([^"']+)["']/,
    /\brequire\(["']([^"']+)["']\)/,
  ],
}
const python: Language = {
  defines: [
    /^(?:async )?def (\w+)/,
    /^class (\w+)/,
    /^ {4}(?:async )?def ([a-z]\w*)/,
    /^([A-Z][A-Z0-9_]{2,})\s*[:=]/,
  ],
  imports: [/^from ([.\w]+) import/, /^import ([.\w]+)/],
}
const go: Language = {
  defines: [/^func (?:\([^)]*\) )?(\w+)/, /^type (\w+)/, /^(?:var|const) ([A-Z]\w*)/],
  imports: [/^(?:import )?\s*(?:[\w.]+ )?"([\w./-]+)"$/],
}
const rust: Language = {
  defines: [
    /^\s{0,4}(?:pub(?:\([^)]*\))? )?(?:const |async |unsafe |extern "[^"]*" )*fn (\w+)/,
    /^(?:pub(?:\([^)]*\))? )?(?:struct|enum|trait|union|mod|type|static|const) (\w+)/,
    /^macro_rules! (\w+)/,
  ],
  imports: [/^(?:pub )?use (?:crate::)?([\w:]+)/, /^(?:pub )?mod (\w+);/],
}
const jvm: Language = {
  defines: [
    /^\s{0,4}(?:(?:public|protected|private|internal|static|final|abstract|sealed|open|data|partial|async|override|suspend|inline) )*(?:class|interface|enum|record|object|trait|struct|@interface) (\w+)/,
    /^\s{0,4}(?:(?:public|protected|internal|override|suspend|inline|operator) )*fun (?:<[^>]*> )?(?:[\w.]+\.)?(\w+)/,
    /^ {4}(?:public|protected)(?: \w+)* [\w<>[\],.? ]+ (\w+)\(/,
  ],
  imports: [/^(?:import|using) (?:static )?([\w.]+)/],
}
const c: Language = {
  defines: [
    /^(?:typedef )?(?:struct|enum|union|class|namespace) (\w+)/,
    /^#define (\w+)/,
    /^(?!return\b|else\b|if\b|for\b|while\b|switch\b|#)[A-Za-z_][\w:<>,*& ]*?[ *&]((?:\w+::)*~?\w+)\([^;]*$/,
  ],
  imports: [/^#include "([^"]+)"/],
}
const ruby: Language = {
  defines: [/^\s*(?:class|module) ([\w:]+)/, /^\s{0,4}def (?:self\.)?([\w?!=]+)/],
  imports: [/^require(?:_relative)? ["']([^"']+)["']/],
}
const php: Language = {
  defines: [
    /^(?:abstract |final |readonly )*(?:class|interface|trait|enum) (\w+)/,
    /^\s{0,4}(?:(?:public|protected|static|abstract|final) )*function (\w+)/,
  ],
  imports: [/^use ([\w\\]+)/, /\b(?:require|include)(?:_once)?\s*\(?["']([^"']+)["']/],
}
const swift: Language = {
  defines: [
    /^\s{0,4}(?:(?:public|open|internal|final|static|override|mutating|indirect) )*(?:class|struct|enum|protocol|extension|actor|func) (\w+)/,
  ],
  imports: [],
}
const shell: Language = {
  defines: [/^(?:function )?([\w-]+) ?\(\)/],
  imports: [/^(?:source|\.) ["']?([\w./-]+)/],
}
const lua: Language = {
  defines: [/^(?:local )?function ([\w.:]+)/],
  imports: [/\brequire ?\(?["']([\w./-]+)["']/],
}
const elixir: Language = {
  defines: [/^\s*defmodule ([\w.]+)/, /^\s{0,4}(?:def|defmacro) (\w+[?!]?)/],
  imports: [/^\s*(?:alias|import|use) ([\w.]+)/],
}

const byEnding: Readonly<Record<string, Language>> = {
  ts: script,
  tsx: script,
  mts: script,
  cts: script,
  js: script,
  jsx: script,
  mjs: script,
  cjs: script,
  vue: script,
  svelte: script,
  py: python,
  pyi: python,
  go,
  rs: rust,
  java: jvm,
  kt: jvm,
  kts: jvm,
  scala: jvm,
  cs: jvm,
  c,
  h: c,
  cc: c,
  cpp: c,
  cxx: c,
  hpp: c,
  hh: c,
  rb: ruby,
  php,
  swift,
  sh: shell,
  bash: shell,
  zsh: shell,
  lua,
  ex: elixir,
  exs: elixir,
}

const longestLine = 400
const longestSignature = 120
const mostDefinitions = 400
const mostImports = 200

const endingOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1).toLowerCase()

export const hasOutline = (path: string): boolean => Object.hasOwn(byEnding, endingOf(path))

const segments = (spec: string): ReadonlyArray<string> =>
  spec
    .replace(/\.(?:[cm]?[jt]sx?|py|rb|php|h|hpp|lua|vue|svelte)$/, "")
    .replace(/^(\.+)(?=\w)/, (dots) => (dots.length === 1 ? "./" : "../".repeat(dots.length - 1)))
    .split(spec.includes("/") ? "/" : /[./\\:]+/)
    .filter((one) => one !== "" && one !== ".")

const signature = (line: string): string => {
  const plain = line.trim().replace(/(?:\s*(?:\{|=>|:))*\s*$/, "")
  return plain.length <= longestSignature ? plain : `${plain.slice(0, longestSignature - 1)}…`
}

const firstMatch = (patterns: ReadonlyArray<RegExp>, line: string): string | null => {
  for (const pattern of patterns) {
    const found = pattern.exec(line)
    if (found !== null) return found[1]!
  }
  return null
}

export const outlineOf = (path: string, text: string): Outline => {
  const language = byEnding[endingOf(path)]
  if (language === undefined) return { definitions: [], imports: [] }
  const definitions: Array<Definition> = []
  const imports: Array<ReadonlyArray<string>> = []
  let number = 0
  let from = 0
  while (from < text.length && definitions.length < mostDefinitions) {
    const end = text.indexOf("\n", from)
    const to = end === -1 ? text.length : end
    const line = text.slice(from, Math.min(to, from + longestLine))
    from = to + 1
    number += 1
    const name = firstMatch(language.defines, line)
    if (name !== null && name !== "") definitions.push({ name, line: number, signature: signature(line) })
    const taken = imports.length < mostImports ? firstMatch(language.imports, line) : null
    if (taken !== null) imports.push(segments(taken))
  }
  return { definitions, imports }
}
