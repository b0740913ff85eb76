import { defineConfig, type OxlintOverride } from "oxlint"
import { mayImport, ownedBy } from "./build/imports.ts"

const folders = Object.keys(mayImport)

const forbidden = (folder: string): OxlintOverride => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    "eslint/no-restricted-imports": [
      "error" as const,
      {
        paths: [
          {
            name: "@effect/platform-node",
            message: "Import @effect/platform-node/Module: the barrel costs 200 ms at start.",
          },
          ...Object.entries(ownedBy)
            .filter(([, owner]) => owner !== folder)
            .map(([name, owner]) => ({ name, message: `Only ${owner} imports ${name}.` })),
        ],
        patterns: folders
          .filter((other) => other !== folder && !mayImport[folder]!.includes(other))
          .map((other) => ({
            group: [`**/${other.replace(/^src\//, "")}/**`],
            message: `${folder} may not import ${other} (see build/imports.ts).`,
          })),
      },
    ],
    "eslint/no-console": "error" as const,
  },
})

export default defineConfig({
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import"],
  categories: { correctness: "error" },
  rules: {
    "eslint/max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
    "import/no-cycle": "error",
    "eslint/no-control-regex": "off",
    "eslint/no-misleading-character-class": "off",
    "eslint/require-yield": "off",
    "typescript/no-explicit-any": "error",
  },
  ignorePatterns: ["dist", "test/fixtures"],
  overrides: folders.map(forbidden),
})
