/** What a command line names to be installed, and what only looks like it. */
import { assert, describe, it } from "@effect/vitest"
import { packagesNamedIn } from "../../../src/domain/lockfiles/namedPackages.ts"

const named = (line: string): ReadonlyArray<string> =>
  packagesNamedIn(line).map(
    ({ ecosystem, name, pinned, version }) => `${ecosystem}:${name}@${version}${pinned ? "" : "?"}`,
  )

describe("packages a command names", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["npm i axios@1.14.1", ["npm:axios@1.14.1"]],
    ["npm install --save-dev @ctrl/tinycolor@4.1.2 x", ["npm:@ctrl/tinycolor@4.1.2", "npm:x@*?"]],
    ["npm --prefix web i axios@latest", ["npm:axios@latest?"]],
    ["npm i http@npm:axios@1.14.1", ["npm:axios@1.14.1"]],
    ["npm i npm:axios@1.14.1", ["npm:axios@1.14.1"]],
    ['npm i axios@"1.14.1"', ["npm:axios@1.14.1"]],
    ["npm i https://registry.npmjs.org/axios/-/axios-1.14.1.tgz", ["npm:axios@1.14.1"]],
    ["npm i -w app axios@1.14.1", ["npm:axios@1.14.1"]],
    ["sudo -E npm install -g axios@1.14.1", ["npm:axios@1.14.1"]],
    ["A=1 corepack pnpm add axios@1.14.1", ["npm:axios@1.14.1"]],
    ["cd x && yarn add axios@1.14.1; ls", ["npm:axios@1.14.1"]],
    ["yarn global add axios@1.14.1", ["npm:axios@1.14.1"]],
    ["npx -y cowsay@1.0.0 axios@1.14.1", ["npm:cowsay@1.0.0"]],
    ["npx -p axios@1.14.1 run it", ["npm:axios@1.14.1"]],
    ["npm exec --package=axios@1.14.1 -- run", ["npm:axios@1.14.1"]],
    ["bunx axios@1.14.1", ["npm:axios@1.14.1"]],
    ["deno add npm:axios@1.14.1", ["npm:axios@1.14.1"]],
    ["pip install -r requirements.txt 'mistralai[x]==2.4.6'", ["pypi:mistralai@2.4.6"]],
    ["/usr/bin/python3 -m pip install mistralai==2.4.6", ["pypi:mistralai@2.4.6"]],
    ["uv add mistralai==2.4.6 && uv run x", ["pypi:mistralai@2.4.6"]],
    ["uvx mistralai@2.4.6", ["pypi:mistralai@2.4.6"]],
    ["poetry add mistralai@2.4.6", ["pypi:mistralai@2.4.6"]],
    ["cargo add serde@1.0.0", ["crates.io:serde@1.0.0"]],
    ["cargo install ripgrep --version 14.0.0", ["crates.io:ripgrep@14.0.0"]],
    ["go get example.com/x@v1.2.3", ["go:example.com/x@v1.2.3"]],
    ["composer require laravel-lang/lang:15.29.5", ["packagist:laravel-lang/lang@15.29.5"]],
    ["gem install rails -v 7.0.0", ["rubygems:rails@7.0.0"]],
  ]
  for (const [line, expected] of cases)
    it(line, () => {
      assert.deepStrictEqual(named(line), expected)
    })
  it("nothing where nothing is installed", () => {
    for (const line of [
      "npm ci",
      "npm install",
      "npm view axios@1.14.1",
      "npm run install axios@1.14.1",
      "echo npm i axios@1.14.1",
      'git commit -m "npm i axios@1.14.1"',
      "python x.py install a==1.0",
      "pip uninstall mistralai==2.4.6",
      "cargo build axios@1.14.1",
      "yarn axios@1.14.1",
      "",
    ])
      assert.deepStrictEqual(named(line), [], line)
  })
})
