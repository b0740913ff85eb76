/** A small project with a real language server of its own: copies, because a workspace shows nothing outside itself. */
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import type { Place } from "../sandboxFixture.ts"
import { put } from "../sandboxFixture.ts"

const modules = join(import.meta.dirname, "..", "..", "..", "node_modules")

/** The same file by another name where the disk can, else a copy. */
const place = (from: string, to: string): void => {
  mkdirSync(dirname(to), { recursive: true })
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

export const files = {
  "package.json": '{"name":"shop","version":"1.0.0"}\n',
  "tsconfig.json":
    '{"compilerOptions":{"strict":true,"module":"nodenext","target":"es2022","types":[]},"include":["src"]}\n',
  "src/cart.ts": `/** What somebody wants to buy. */
export interface Item {
  readonly price: number
}
export const total = (items: ReadonlyArray<Item>): number => items.reduce((sum, { price }) => sum + price, 0)
`,
  "src/shop.ts": `import { total } from "./cart.js"
console.log(total([{ price: 2 }]), total([]))
`,
}

/** Where node is that runs these tests: the sandbox's system may have an older one. */
export const nodeFolder = dirname(process.execPath)

export const typescriptProject = async ({ workspace }: Place): Promise<ReadonlyArray<string>> => {
  await put({ workspace } as Place, files)
  const own = join(workspace, "node_modules")
  const server = "typescript-language-server"
  for (const name of ["package.json", "lib/cli.mjs"])
    place(join(modules, server, name), join(own, server, name))
  const typescript = JSON.parse(readFileSync(join(modules, "typescript6", "package.json"), "utf8")) as {
    readonly name: string
  }
  place(join(modules, "typescript6", "package.json"), join(own, typescript.name, "package.json"))
  for (const name of readdirSync(join(modules, "typescript6", "lib"))) {
    if (/\.(?:js|d\.ts)$/.test(name)) {
      place(join(modules, "typescript6", "lib", name), join(own, typescript.name, "lib", name))
    }
  }
  mkdirSync(join(own, ".bin"))
  symlinkSync(`../${server}/lib/cli.mjs`, join(own, ".bin", server))
  return [nodeFolder]
}

/** The same project with a compiler that is the server itself. */
export const nativeProject = async ({ workspace }: Place): Promise<ReadonlyArray<string>> => {
  await put({ workspace } as Place, files)
  const own = join(workspace, "node_modules")
  const platform = `@typescript/typescript-${process.platform}-${process.arch}`
  for (const name of ["typescript", platform]) {
    for (const entry of readdirSync(join(modules, name), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) place(path, join(own, relative(modules, path)))
    }
  }
  mkdirSync(join(own, ".bin"))
  symlinkSync("../typescript/bin/tsc", join(own, ".bin", "tsc"))
  return [nodeFolder]
}
