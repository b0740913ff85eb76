/**
 * Two hundred hostile inputs for every tool there is, through its plan and through the gate: whatever comes, each ends in a
 * plan or a typed error, and in a verdict. Nothing is changed, nothing dies, nothing takes long.
 */
import { readdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Layer } from "effect"
import { Policies } from "../../policies/Policies.ts"
import type { Tool } from "../../src/act/Tool.ts"
import type { ToolCall } from "../../src/domain/action.ts"
import { requestFault } from "../../src/loop/callRequest.ts"
import { withTools } from "./toolFixture.ts"

type Json = Readonly<Record<string, unknown>>

const mib = 1024 * 1024
const huge = "h".repeat(50 * mib)
const deepList = (depth: number): unknown => {
  let value: unknown = []
  for (let n = 0; n < depth; n++) value = [value]
  return value
}
const deepObject = (depth: number): unknown => {
  let value: unknown = {}
  for (let n = 0; n < depth; n++) value = { a: value }
  return value
}

/** Texts that somebody did something with once. */
const texts: ReadonlyArray<readonly [what: string, text: string]> = [
  ["nothing", ""],
  ["a blank", " "],
  ["a zero byte", "a\0b"],
  ["only zero bytes", "\0".repeat(1000)],
  ["a lone high surrogate", "\ud800"],
  ["a lone low surrogate", "x\udc80y"],
  ["surrogates the wrong way round", "\udc00\ud800"],
  ["a byte-order mark", "\ufeff"],
  ["not a character", "\uffff\ufffe"],
  ["escape sequences", "\u001b[2J\u001b]0;owned\u0007\u009b31m"],
  ["a carriage return", "safe\r\nunsafe\rover"],
  ["right to left", "\u202egnp.exe\u2066"],
  ["invisible", "a\u200b\u2060\u00adb"],
  ["stacked marks", `z${"\u0301".repeat(5000)}`],
  ["a flag of tags", "\u{1f3f4}\u{e0067}\u{e007f}"],
  ["every control character", Array.from({ length: 160 }, (_, n) => String.fromCharCode(n)).join("")],
  ["up", "../../../../../../../../etc/passwd"],
  ["a long way up", "../".repeat(20_000)],
  ["absolute", "/etc/shadow"],
  ["the root", "/"],
  ["slashes", "/".repeat(5000)],
  ["dots", "./".repeat(5000)],
  ["a long name", "n".repeat(5000)],
  ["a deep path", "d/".repeat(2000)],
  ["home", "~root/.ssh/id_rsa"],
  ["memory of a process", "/proc/self/mem"],
  ["descriptors of a process", "/proc/self/fd/0"],
  ["an endless device", "/dev/zero"],
  ["a pipe", "/dev/stdin"],
  ["a URL as path", "file:///etc/passwd"],
  ["metadata", "http://169.254.169.254/latest/meta-data/"],
  ["metadata, written otherwise", "http://0xa9fea9fe/"],
  ["loopback with a name", "http://user:pass@[::1]:22/"],
  ["a broken URL", "http://[::::/%zz"],
  ["a script URL", "javascript:alert(1)"],
  ["a data URL", `data:text/html;base64,${"A".repeat(3000)}`],
  ["a long host", `http://${"a.".repeat(3000)}/`],
  ["substitution", "$(touch pwned)`touch pwned`${IFS}"],
  ["a chain", "true;true&&true||true|true&true\ntrue"],
  ["quotes left open", `'"\`$(`],
  ["here-documents left open", "cat <<A <<B <<C"],
  ["parentheses", "(".repeat(10_000)],
  ["closed parentheses", "(".repeat(300) + ")".repeat(300)],
  ["nested substitution", "$(".repeat(300) + "id" + ")".repeat(300)],
  ["backticks", "`".repeat(9999)],
  ["braces", "{a,b}".repeat(5000)],
  ["nested braces", "{a,".repeat(3000) + "}".repeat(3000)],
  ["ranges", "{1..1000000000}{a..z}{1..1000000000}"],
  ["stars", "**/".repeat(3000) + "*"],
  ["an open bracket", "[".repeat(5000)],
  ["a slow pattern", "(a+)+$".repeat(50)],
  ["many groups", "(".repeat(500) + "a" + ")*".repeat(500)],
  ["a big repeat", "(a{1000}){1000}"],
  ["many words", "a ".repeat(16_000)],
  ["many pipes", "a|".repeat(10_000)],
  ["a fork bomb", ":(){ :|:& };:"],
  ["assignments", "A=1 ".repeat(5000)],
  ["redirections", ">a ".repeat(5000)],
  ["arithmetic", "$((" + "1+".repeat(5000) + "1))"],
  ["parameter expansions", "${a:-".repeat(2000) + "}".repeat(2000)],
  ["backslashes", "\\".repeat(9999)],
  ["ANSI-C quotes", "$'\\x2e\\x2e\\u{110000}\\c'"],
  ["options", "--help --version -rf / -- --"],
  ["an option", "--upload-pack=touch pwned"],
  ["a revision", "HEAD@{upstream}^{/x}:../.."],
  ["a number", "9".repeat(400)],
  ["not a number", "NaN"],
  ["JSON", `{"a":${"[".repeat(5000)}`],
  ["a patch without an end", "*** Begin Patch\n*** Update File: a\n@@"],
  ["a patch of nothing", "*** Begin Patch\n*** End Patch\n"],
  ["a patch upward", "*** Begin Patch\n*** Add File: ../../pwned\n+x\n*** End Patch\n"],
  ["a diff of nowhere", "--- /dev/null\n+++ b/../pwned\n@@ -0,0 +1 @@\n+x\n"],
  ["a diff with huge numbers", "--- a/a\n+++ b/a\n@@ -1,99999999999999999999 +1,9 @@\n x\n"],
  ["many hunks", "--- a/a\n+++ b/a\n" + "@@ -1 +1 @@\n-a\n+b\n".repeat(3000)],
  ["a picture from elsewhere", "![x](https://evil.example/?q=1)<img src=//evil.example>"],
  ["markup", "<svg/onload=alert(1)>".repeat(500)],
  ["a prototype", "__proto__"],
  ["a constructor", "constructor"],
  ["a method", "toString"],
  ["8 MiB", "m".repeat(8 * mib)],
  ["9 MiB", "m".repeat(9 * mib)],
  ["a megabyte of lines", "l\n".repeat(mib / 2)],
  ["a megabyte of spaces", " ".repeat(mib)],
  ["a megabyte of marks", "\u0301".repeat(mib / 4)],
  ["50 MB", huge],
]

/** Things that are no text. */
const values: ReadonlyArray<readonly [what: string, value: unknown]> = [
  ["null", null],
  ["undefined", undefined],
  ["true", true],
  ["zero", 0],
  ["minus zero", -0],
  ["minus one", -1],
  ["a fraction", 0.1],
  ["the largest number", Number.MAX_VALUE],
  ["an unsafe integer", 2 ** 53 + 2],
  ["infinity", Infinity],
  ["not a number", NaN],
  ["an empty list", []],
  ["an empty object", {}],
  ["a list of null", [null]],
  ["a list with holes", Array.from({ length: 3 })],
  ["a list of everything", [1, "a", null, {}, []]],
  ["20000 entries", Array.from({ length: 20_000 }, () => "a")],
  ["20000 keys", Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n]))],
  ["a list 40 deep", deepList(40)],
  ["a list 20000 deep", deepList(20_000)],
  ["an object 40 deep", deepObject(40)],
  ["an object 20000 deep", deepObject(20_000)],
  ["a own __proto__", JSON.parse(`{"__proto__": {"polluted": true}}`) as unknown],
  ["a own constructor", { constructor: { prototype: { polluted: true } } }],
  ["own methods", { toString: 1, valueOf: 1, toJSON: 1, hasOwnProperty: 1 }],
  ["a list of 50 MB", [huge]],
  ["50 MB deep in", { a: { b: [huge] } }],
  ["a hostile key", { "\u001b[2J\0\ud800": 1 }],
  ["a length", { length: 2 ** 32 }],
]

const stringKeys = (tool: Tool): ReadonlyArray<string> => {
  const forms = Array.isArray(tool.inputSchema["anyOf"])
    ? (tool.inputSchema["anyOf"] as ReadonlyArray<Json>)
    : [tool.inputSchema]
  return [...new Set(forms.flatMap((form) => Object.keys((form["properties"] as Json | undefined) ?? {})))]
}

/** Every text and value in the first field, some texts in every other, some values as the whole input. */
const inputsFor = (tool: Tool): ReadonlyArray<readonly [what: string, input: Json]> => {
  const example = tool.examples[0]!
  const keys = stringKeys(tool)
  const at = (key: string) => (thing: readonly [string, unknown]) =>
    [`${key}: ${thing[0]}`, { ...example, [key]: thing[1] }] as const
  const first = Object.keys(example)[0] ?? "x"
  const small = texts.filter(([, text]) => text.length < 40_000)
  const fields = [...texts, ...values].map(at(first))
  const others = keys
    .filter((key) => key !== first)
    .flatMap((key) => small.filter((_, n) => n % keys.length === keys.indexOf(key)).map(at(key)))
  const all =
    keys.length === 0 ? small.map(at("surplus")) : keys.map((key) => at(key)(["deep", deepList(20_000)]))
  const wholes = values
    .filter(([, value]) => typeof value === "object" && value !== null)
    .map(([what, value]) => [`as a whole: ${what}`, value as Json] as const)
  const every = small
    .filter((_, n) => keys.length <= 2 || n % 3 === 0)
    .map(
      ([what, text]) => [`everywhere: ${what}`, Object.fromEntries(keys.map((key) => [key, text]))] as const,
    )
  return [...fields, ...others, ...all, ...wholes, ...every]
}

/** A message may name the path it is about. */
const mostSaid = 5000
/** What the gate makes of so much is the same for every tool, and a request may be 4 MiB. */
const heavy = / (?:8 MiB|9 MiB|50 MB)/
const judgedHeavy: ReadonlySet<string> = new Set(["bash", "read_file", "StructuredOutput"])
const said = (cause: Cause.Cause<unknown>): string => Cause.pretty(cause).slice(0, 300)
const permitted = { write: ["/"], network: true, hosts: [], shell: true, unsandboxed: false }

describe("hostile inputs", () => {
  it.live(
    "end in a plan or a typed error, and in a verdict, for every tool",
    () =>
      withTools(({ place, plan, registry }) =>
        Effect.gen(function* () {
          const before = yield* Effect.promise(() => readdir(place.workspace, { recursive: true }))
          const gate = Context.get(
            yield* Layer.build(Policies.layer({ own: [`${tmpdir()}/claw-own`], userDir: null })),
            Policies,
          )
          const about = {
            workspace: place.workspace,
            cwd: place.workspace,
            home: place.home,
            actor: "agent",
            trust: "trusted" as const,
          }
          const wrong: Array<string> = []
          let tried = 0
          for (const tool of registry.tools) {
            const inputs = inputsFor(tool)
            assert.isAtLeast(inputs.length, 200, tool.name)
            for (const [what, input] of inputs) {
              tried++
              const of = `${tool.name}, ${what}`
              const call: ToolCall = { tool: tool.name, input }
              const planned = yield* Effect.exit(
                plan(tool.name, input, { commands: [["true"]], permits: permitted }),
              )
              if (Exit.isFailure(planned)) {
                const error = Cause.findErrorOption(planned.cause)
                if (error._tag === "None") wrong.push(`${of}: ${said(planned.cause)}`)
                else if (error.value.message.length > mostSaid)
                  wrong.push(`${of}: says ${error.value.message.length} characters`)
              }
              const faulty = yield* Effect.exit(Effect.sync(() => requestFault([call])))
              if (Exit.isFailure(faulty)) wrong.push(`${of}: asked for: ${said(faulty.cause)}`)
              if (heavy.test(what) && !judgedHeavy.has(tool.name)) continue
              const judged = yield* Effect.exit(gate.judge(call, about))
              if (Exit.isFailure(judged)) wrong.push(`${of}: judged: ${said(judged.cause)}`)
            }
          }
          assert.deepStrictEqual(wrong.slice(0, 20), [])
          assert.isAtLeast(tried, 200 * registry.tools.length)
          const after = yield* Effect.promise(() => readdir(place.workspace, { recursive: true }))
          assert.deepStrictEqual(after, before)
          assert.notProperty(Object.prototype, "polluted")
        }).pipe(Effect.scoped),
      ),
    300_000,
  )
})
