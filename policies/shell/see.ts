/**
 * Looks into shell text that is not plain: walks the whole tree unbash gives (substitutions, here-documents,
 * functions, redirects), follows `cd` and assignments as far as text tells, and judges each command found.
 * Invariants: everything seen here is uncertain; broken or over-deep text is scanned as raw words as well;
 * too long or too many is denied, never skipped.
 */
import {
  type Command,
  type CommandNode,
  forEachChild,
  type Function as FunctionNode,
  parse,
  type Pipeline,
  type Redirection,
  type SyntaxNode,
  type Word,
} from "unbash"
import { type At, deepest, type Tools } from "./At.ts"
import { device, nameOf, scanArgument, scanCode } from "./scan.ts"
import { printed } from "./printed.ts"
import { bounded, constantOutput, expandWord, longestValue, split, type Variables } from "./words.ts"
import { inClass } from "../CommandTable.ts"
import { hasHole, hole } from "../wild.ts"

const longest = 32_768
const mostCommands = 1000
const mostNested = 128
/** Names of variables that usually hold secrets. */
const secretName =
  /SECRET|TOKEN|PASSW(?:OR)?D|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|(?:^|_)(?:PAT|PWD)$/i

/** How deep brackets and substitutions are nested, counted without parsing. */
const nesting = (text: string): number => {
  let depth = 0
  let most = 0
  for (const c of text) {
    if (c === "(" || c === "{") most = Math.max(most, ++depth)
    else if (c === ")" || c === "}") depth = Math.max(0, depth - 1)
  }
  return most
}

export const seeScript = (text: string, at: At, tools: Tools): void => {
  if (text.trim() === "") return
  const { collector } = tools
  if (at.depth > deepest) return collector.exec([text.slice(0, 80)], at.cwd, {}, ["too-deep"])
  if (text.length > longest) return collector.exec([text.slice(0, 80)], at.cwd, {}, ["too-long"])
  if (/\0/.test(text)) collector.exec([text.split("\0")[0]!], at.cwd, {}, ["malformed"])
  // that is denied, and nothing in it could make it worse
  if (nesting(text) > mostNested) return collector.exec([text.slice(0, 80)], at.cwd, {}, ["too-deep"])
  new Walk(at, tools, text).run()
}

class Walk {
  private readonly at: At
  private readonly tools: Tools
  private readonly text: string
  private readonly values = new Map<string, Array<string>>()
  private readonly functions = new Set<string>()
  /** Functions whose bodies are being walked: how often each starts itself, and whether anything goes on beside it. */
  private readonly open = new Map<string, { calls: number; background: boolean }>()
  /** Every directory it may be in: a `cd` may fail. */
  private cwds: ReadonlyArray<string>
  private count = 0
  private broken = false

  constructor(at: At, tools: Tools, text: string) {
    this.at = at
    this.tools = tools
    this.text = text
    this.cwds = [at.cwd]
  }

  run(): void {
    try {
      this.visit(parse(this.text), null)
    } catch {
      this.broken = true
    }
    // what some shell or reader may take for a blank or a new line
    if (this.broken || /[\r\v\f\u0085\ufeff]|(?! )\p{Z}/u.test(this.text))
      scanCode(this.text, this.at, this.tools)
    if (this.count > mostCommands)
      this.tools.collector.exec([this.text.slice(0, 80)], this.at.cwd, {}, ["too-long"])
  }

  private get variables(): Variables {
    const { scope, oracle } = this.tools.collector
    return { home: scope.home, cwd: this.cwds.at(-1)!, values: this.values, list: oracle.list }
  }

  private words(list: ReadonlyArray<Word | undefined>): ReadonlyArray<string> {
    return list.flatMap((word) => (word === undefined ? [] : expandWord(word, this.variables)))
  }

  private children(node: SyntaxNode): void {
    forEachChild(node, (child) => this.visit(child, null))
  }

  private visit(node: SyntaxNode, stdin: string | null): void {
    switch (node.type) {
      case "Script":
        if ("errors" in node && node.errors !== undefined && node.errors.length > 0) this.broken = true
        return this.children(node)
      case "Command": {
        const own = this.open.get(node.name?.value ?? "")
        if (own !== undefined) own.calls++
        return this.command(node, stdin)
      }
      case "Statement":
        if (node.background === true) for (const each of this.open.values()) each.background = true
        return this.children(node)
      case "Pipeline":
        return this.pipeline(node)
      case "Function":
        return this.func(node)
      case "For":
        this.give(node.name.value, this.words(node.wordlist ?? []))
        return this.children(node)
      case "Redirect":
      case "HereString":
      case "HereDoc":
        this.redirect(node)
        return this.children(node)
      case "Assignment":
        this.assign(node)
        return this.children(node)
      case "SimpleExpansion":
        return this.expansion(node.text.slice(1))
      case "ParameterExpansion":
        this.expansion(node.parameter)
        return this.children(node)
      case "Word":
        if (node.parts?.some((part) => part.type === "BraceExpansion") === true) this.inBraces(node)
        return this.children(node)
      case "TestCommand": {
        // a subscript is expanded even where it stands in quotes
        const written = this.text.slice(node.pos, node.end)
        if (/\[[^\]]*(?:\$\(|`)/.test(written.slice(2))) scanCode(written, this.at, this.tools)
        return this.children(node)
      }
      default:
        return this.children(node)
    }
  }

  private expansion(name: string): void {
    if (secretName.test(name) && !this.values.has(name)) this.tools.collector.secret(`the variable ${name}`)
  }

  /** Substitutions inside braces are not in the tree. */
  private inBraces(word: Word): void {
    if (!/[$`<>]/.test(word.text)) return
    const nested = parse(`: ${word.text.replace(/[{},]/g, " ")}`)
    if (this.count++ < mostCommands) this.children(nested)
  }

  private give(name: string, values: ReadonlyArray<string>): void {
    const known = this.values.get(name) ?? []
    this.values.set(
      name,
      [...new Set([...known, ...values.slice(0, 16).map((value) => bounded(value, longestValue))])].slice(-8),
    )
  }

  private assign(node: Extract<SyntaxNode, { type: "Assignment" }>): void {
    const list = node.value.type === "Word" ? null : this.words(node.value.elements)
    const values = node.value.type === "Word" ? this.words([node.value]) : [list!.join(split)]
    const before = this.values.get(node.name) ?? [""]
    this.give(
      node.name,
      node.append === true
        ? before.flatMap((a) => values.map((b) => a + b))
        : values.length > 0
          ? [values.join(" ")]
          : [""],
    )
    for (const value of list ?? values) if (/[\s;|&]/.test(value)) scanCode(value, this.at, this.tools)
  }

  private redirect(node: Redirection): void {
    if (node.type === "HereString" || node.type === "HereDoc") return
    const { collector } = this.tools
    for (const target of this.words([node.target])) {
      if (/^[<>]&$/.test(node.operator) && /^(?:\d+-?|-)$/.test(target)) continue
      if (device(target, this.tools)) continue
      for (const cwd of this.cwds) {
        if (node.operator.startsWith("<")) collector.path("read", target, cwd)
        if (node.operator !== "<" && node.operator !== "<&") collector.path("write", target, cwd)
      }
    }
  }

  /** What here-documents and here-strings feed the command. */
  private fed(node: Command): string | null {
    for (const redirect of node.redirects) {
      if (redirect.type === "HereDoc") return redirect.body.text
      if (redirect.type === "HereString") return this.words([redirect.target]).join(" ")
    }
    return null
  }

  private command(node: Command, stdin: string | null): void {
    if (++this.count > mostCommands) return
    const env: Record<string, string> = {}
    for (const prefix of node.prefix) {
      if (prefix.type !== "Assignment") continue
      const value = prefix.value.type === "Word" ? this.words([prefix.value]).join(" ") : ""
      env[prefix.name] = value
      scanArgument(value, false, this.at, this.tools)
    }
    const words = this.words([node.name, ...node.args.map((arg) => (arg.type === "Word" ? arg : undefined))])
    const assigned = node.args.flatMap((arg) => (arg.type === "Assignment" ? [arg.text] : []))
    const argv = [...words, ...assigned]
    if (argv.length === 0) this.children(node)
    else {
      const feed = this.fed(node) ?? stdin
      for (const cwd of this.cwds)
        this.tools.command(argv, { ...this.at, cwd, env, stdin: feed, plain: false })
      this.follow(argv)
      this.remember(argv, feed)
      if (this.functions.has(argv[0]!)) this.tools.collector.exec(argv, this.at.cwd, env, ["runs"])
      for (const text of this.fedFiles(node, argv)) this.tools.script(text, this.at)
      if (feed !== null && isInterpreter(argv, this.tools)) scanCode(feed, this.at, this.tools)
      this.children(node)
    }
  }

  /** What `bash <(echo ...)` or `. <(echo ...)` would run. */
  private fedFiles(node: Command, argv: ReadonlyArray<string>): ReadonlyArray<string> {
    const name = nameOf(argv[0] ?? "")
    if (name !== "." && name !== "source" && !inClass(this.tools.table, "shell", [name])) return []
    return node.args.flatMap((arg) =>
      arg.type !== "Word"
        ? []
        : (arg.parts ?? []).flatMap((part) =>
            part.type === "ProcessSubstitution" ? constantOutput(part.script, this.variables) : [],
          ),
    )
  }

  /** Names that `read` and `printf -v` give a value. */
  private remember(argv: ReadonlyArray<string>, feed: string | null): void {
    if (argv[0] === "read") {
      const names = argv.slice(1).filter((arg) => /^[A-Za-z_]\w*$/.test(arg))
      for (const name of names)
        this.give(name, feed === null ? [hole] : [feed.trim(), ...feed.trim().split(/\s+/)])
    }
    if (argv[0] === "printf" && argv[1] === "-v" && argv[2] !== undefined)
      this.give(argv[2], [printed(["printf", ...argv.slice(3)], null, this.at.cwd) ?? hole])
    if (argv[0] === "set") {
      const given = argv.slice(argv[1] === "--" ? 2 : 1)
      given.forEach((value, index) => this.give(String(index + 1), [value]))
      for (const name of ["@", "*"]) this.give(name, [given.join(split)])
    }
  }

  private follow(argv: ReadonlyArray<string>): void {
    const name = argv[0]
    if (name !== "cd" && name !== "pushd") return
    const target =
      argv.slice(1).find((arg) => !/^-[LPe@]+$|^--$/.test(arg)) ?? this.tools.collector.scope.home
    if (hasHole(target) || target === "-") return
    const here = this.cwds.at(-1)!
    const next = target.startsWith("/") ? target : `${here}/${target}`
    this.tools.collector.path("read", next, here)
    this.cwds = [...new Set([...this.cwds.slice(-3), next])]
  }

  private pipeline(node: Pipeline): void {
    let stdin: string | null = null
    for (const prefix of node.prefixes) this.visit(prefix, null)
    for (const command of node.commands) {
      this.visit(command, stdin)
      stdin = this.output(command, stdin)
    }
  }

  /** What a command of known words would print into the pipe. */
  private output(node: CommandNode, stdin: string | null): string | null {
    if (node.type !== "Command") return null
    const argv = this.words([node.name, ...node.args.map((arg) => (arg.type === "Word" ? arg : undefined))])
    return printed(argv, this.fed(node) ?? stdin, this.cwds.at(-1)!, this.tools.collector.oracle.list)
  }

  private func(node: FunctionNode): void {
    const name = node.name.value
    this.functions.add(name)
    const before = this.open.get(name)
    const own = { calls: 0, background: false }
    this.open.set(name, own)
    this.children(node)
    if (own.calls > 1 || (own.calls > 0 && own.background))
      this.tools.collector.exec([name], this.at.cwd, {}, ["fork-bomb"])
    if (before === undefined) this.open.delete(name)
    else this.open.set(name, before)
  }
}

const isInterpreter = (argv: ReadonlyArray<string>, tools: Tools): boolean =>
  inClass(tools.table, "interpreter", [nameOf(argv[0] ?? "").toLowerCase()])
