/**
 * Code with colours, by highlight.js's core and a chosen set of languages, each loaded when a fence first names it.
 * Invariants: nothing of it is loaded before the first fence; an unknown language, or one that is not loaded yet, is plain
 * text; the text that comes out is the text that went in, line by line.
 */
import type { Emitter, HLJSApi, LanguageFn } from "highlight.js"
import { type Line, type Span, span } from "./styled.ts"
import type { Role, Theme } from "./theme.ts"

type Load = () => Promise<{ readonly default: LanguageFn }>

const languages: Readonly<Record<string, Load>> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  c: () => import("highlight.js/lib/languages/c"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  diff: () => import("highlight.js/lib/languages/diff"),
  dockerfile: () => import("highlight.js/lib/languages/dockerfile"),
  go: () => import("highlight.js/lib/languages/go"),
  ini: () => import("highlight.js/lib/languages/ini"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  kotlin: () => import("highlight.js/lib/languages/kotlin"),
  lua: () => import("highlight.js/lib/languages/lua"),
  makefile: () => import("highlight.js/lib/languages/makefile"),
  markdown: () => import("highlight.js/lib/languages/markdown"),
  nix: () => import("highlight.js/lib/languages/nix"),
  php: () => import("highlight.js/lib/languages/php"),
  python: () => import("highlight.js/lib/languages/python"),
  ruby: () => import("highlight.js/lib/languages/ruby"),
  rust: () => import("highlight.js/lib/languages/rust"),
  scala: () => import("highlight.js/lib/languages/scala"),
  sql: () => import("highlight.js/lib/languages/sql"),
  swift: () => import("highlight.js/lib/languages/swift"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
}

const aliases: Readonly<Record<string, string>> = {
  sh: "bash",
  shell: "bash",
  zsh: "bash",
  console: "bash",
  "c++": "cpp",
  cc: "cpp",
  h: "c",
  cs: "csharp",
  docker: "dockerfile",
  golang: "go",
  toml: "ini",
  js: "javascript",
  jsx: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsonc: "json",
  json5: "json",
  kt: "kotlin",
  make: "makefile",
  md: "markdown",
  patch: "diff",
  py: "python",
  rb: "ruby",
  rs: "rust",
  ts: "typescript",
  tsx: "typescript",
  html: "xml",
  svg: "xml",
  yml: "yaml",
}

/** The first word of a fence's info string as a language's name; null: none we know. */
export const languageOf = (info: string): string | null => {
  const word = /^[^\s{,:]+/.exec(info.trim())?.[0]?.toLowerCase() ?? ""
  const name = Object.hasOwn(aliases, word) ? aliases[word]! : word
  return Object.hasOwn(languages, name) ? name : null
}

const roles: ReadonlyArray<readonly [RegExp, Role]> = [
  [/^(comment|quote|doctag)/, "comment"],
  [/^(keyword|built_in|literal|selector-tag|template-tag|operator)/, "keyword"],
  [/^(string|regexp|char|template-variable|link|addition|code)/, "string"],
  [/^(number|symbol|bullet|variable\.constant)/, "number"],
  [/^(title\.class|type|class)/, "type"],
  [/^(title|function|name|section|attr|selector|property|attribute)/, "name"],
  [/^deletion/, "bad"],
  [/^(meta|tag|punctuation)/, "meta"],
  [/^strong/, "strong"],
  [/^emphasis/, "emphasis"],
]
const roleOf = (scope: string): Role | null => roles.find(([pattern]) => pattern.test(scope))?.[1] ?? null

/** Collects scopes as spans instead of HTML. */
class Spans implements Emitter {
  readonly #scopes: Array<string> = []
  readonly spans: Array<{ readonly text: string; readonly role: Role | null }> = []
  addText(text: string): void {
    if (text === "") return
    const role = this.#scopes.map(roleOf).findLast((found) => found !== null) ?? null
    this.spans.push({ text, role })
  }
  startScope(name: string): void {
    this.#scopes.push(name)
  }
  endScope(): void {
    this.#scopes.pop()
  }
  openNode(name: string): void {
    this.startScope(name)
  }
  closeNode(): void {
    this.endScope()
  }
  // another grammar inside this one
  __addSublanguage(emitter: unknown): void {
    if (emitter instanceof Spans) this.spans.push(...emitter.spans)
  }
  finalize(): void {}
  toHTML(): string {
    return ""
  }
}

export interface Highlighter {
  /** Has the language at hand when it resolves. */
  readonly load: (language: string) => Promise<void>
  readonly lines: (code: string, language: string | null, theme: Theme) => ReadonlyArray<Line>
}

const bare = (code: string): ReadonlyArray<Line> =>
  code.split("\n").map((text) => (text === "" ? [] : [span(text)]))

const split = (spans: Spans["spans"], theme: Theme): ReadonlyArray<Line> => {
  const out: Array<Array<Span>> = [[]]
  for (const { role, text } of spans) {
    const [first, ...rest] = text.split("\n")
    const style = role === null ? {} : theme[role]
    if (first !== "") out.at(-1)!.push(span(first!, style))
    for (const part of rest) out.push(part === "" ? [] : [span(part, style)])
  }
  return out
}

export const makeHighlighter = (): Highlighter => {
  let api: HLJSApi | null = null
  const loading = new Map<string, Promise<void>>()
  const fetch = async (language: string): Promise<void> => {
    const [core, grammar] = await Promise.all([import("highlight.js/lib/core"), languages[language]!()])
    if (api === null) {
      api = core.default.newInstance()
      api.configure({ __emitter: Spans as never })
    }
    api.registerLanguage(language, grammar.default)
  }
  return {
    load: (language) => {
      const found = loading.get(language) ?? fetch(language)
      loading.set(language, found)
      return found
    },
    lines: (code, language, theme) => {
      if (api === null || language === null || api.getLanguage(language) === undefined) return bare(code)
      const emitter = api.highlight(code, { language, ignoreIllegals: true })._emitter as unknown as Spans
      const found = split(emitter.spans, theme)
      return found.length === code.split("\n").length ? found : bare(code)
    },
  }
}
