/** What a module offers is taken by another one; what only tests take, the module needs itself. */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parseSync } from "rolldown/utils"
import { mayImport } from "../../build/imports.ts"

const root = join(import.meta.dirname, "../..")
const houses = ["build", "log-store", "policies", "src", "test", "tui"]
/** What the package offers, what stands in for a library, and models for whoever is written against those services. */
const offered = [
  "src/config/defineConfig.ts",
  "build/lazySegmenter.ts",
  "build/lazyTls.ts",
  "test/faults/lmdbPoints.ts",
  "src/model/languageModel.ts",
  "src/model/recorderReplay.ts",
]

interface Module {
  /** Values by the name they are offered under; types may be offered where a value's type names them. */
  readonly offers: ReadonlyArray<string>
  /** Names taken of other modules, by their files. */
  readonly takes: ReadonlyArray<readonly [file: string, name: string]>
  /** Files of modules that are loaded when they are needed: what is taken of them stands somewhere in the text. */
  readonly loads: ReadonlyArray<string>
  /** Without comments. */
  readonly text: string
}

const read = (file: string): Module => {
  const source = readFileSync(join(root, file), "utf8")
  const { comments, module } = parseSync(file, source)
  const of = (specifier: string): string => join(dirname(file), specifier)
  return {
    offers: module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ exportName, isType }) =>
        isType || exportName.kind !== "Name" ? [] : [exportName.name!],
      ),
    ),
    takes: [
      ...module.staticImports.flatMap(({ entries, moduleRequest }) =>
        entries.map(({ importName }) => [of(moduleRequest.value), importName.name ?? "*"] as const),
      ),
      ...module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ importName, moduleRequest }) =>
          moduleRequest === null ? [] : [[of(moduleRequest.value), importName.name ?? "*"] as const],
        ),
      ),
    ],
    loads: [...source.matchAll(/import\(\s*"(\.[^"]+)"/g)].map(([, specifier]) => of(specifier!)),
    text: comments.reduceRight((text, { end, start }) => text.slice(0, start) + text.slice(end), source),
  }
}

const standsIn = (text: string, name: string): number =>
  [...text.matchAll(new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g"))].length

const modules: ReadonlyMap<string, Module> = new Map(
  [
    ...houses.flatMap((house) =>
      readdirSync(join(root, house), { recursive: true, encoding: "utf8" }).map((name) => `${house}/${name}`),
    ),
    ...readdirSync(root),
  ]
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [file, read(file)]),
)

/** Who takes a name of a module. */
const takers = (file: string, name: string): ReadonlyArray<string> =>
  [...modules].flatMap(([other, { loads, takes, text }]) =>
    takes.some(([from, taken]) => from === file && (taken === name || taken === "*")) ||
    (loads.includes(file) && standsIn(text, name) > 0)
      ? [other]
      : [],
  )

const offers = [...modules].flatMap(([file, module]) =>
  offered.includes(file) ? [] : module.offers.map((name) => ({ file, name, module, by: takers(file, name) })),
)

describe("what a module offers", () => {
  it("is taken by another module", () => {
    assert.isAbove(offers.length, 1000)
    assert.deepStrictEqual(
      offers.flatMap(({ by, file, name }) => (by.length === 0 ? [`${file}: ${name}`] : [])),
      [],
    )
  })

  it("and only tests take, is needed by the module itself", () => {
    const sources = Object.keys(mayImport)
    assert.deepStrictEqual(
      offers.flatMap(({ by, file, module, name }) =>
        sources.some((folder) => file.startsWith(`${folder}/`)) &&
        by.length > 0 &&
        by.every((other) => other.startsWith("test/")) &&
        standsIn(module.text, name) < 2
          ? [`${file}: ${name}`]
          : [],
      ),
      [],
    )
  })
})
