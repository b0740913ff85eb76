/**
 * The demo's story: what a developer does in a small shop's repository on a bad afternoon. Data only; every step
 * is a real command in a real shell or a real save, and `expects` names the rule whose suggestion it should bring.
 */
export type Step =
  | { readonly _tag: "say"; readonly text: string }
  | { readonly _tag: "type"; readonly command: string; readonly expects?: string }
  | { readonly _tag: "save"; readonly path: string; readonly text: string; readonly expects?: string }

const say = (text: string): Step => ({ _tag: "say", text })
const type = (command: string, expects?: string): Step => ({
  _tag: "type",
  command,
  ...(expects === undefined ? {} : { expects }),
})
const save = (path: string, text: string, expects?: string): Step => ({
  _tag: "save",
  path,
  text,
  ...(expects === undefined ? {} : { expects }),
})

const test = (expected: string) => `import { test } from "node:test"
import assert from "node:assert"
import { total } from "./cart.js"

test("a cart of two", () => assert.equal(total([2, 3]), ${expected}))
`
const cart = (body: string) => `export const total = (prices) => ${body}\n`

const lockfile = (version: string) =>
  `${JSON.stringify(
    {
      name: "shop",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: {
        "": { name: "shop", version: "1.0.0", dependencies: { axios: "^1.14.0" } },
        "node_modules/axios": { version, resolved: "", license: "MIT" },
      },
    },
    null,
    2,
  )}\n`

/** Put together here, so that no scanner takes this file for a leak: a key that was never valid. */
const fakeKey = ["AKIA", "IOSFODNN7", "Q3XAMPL", "E"].join("").slice(0, 20)

/** The repository before the story begins: path -> text. */
export const beginning: Readonly<Record<string, string>> = {
  "package.json": `${JSON.stringify({ name: "shop", version: "1.0.0", type: "module", scripts: { test: "node --test" } }, null, 2)}\n`,
  "cart.js": cart("prices.reduce((sum, price) => sum + price, 0)"),
  "cart.test.js": test("5"),
  "README.md": "# Shop\n",
}

export const story: ReadonlyArray<Step> = [
  say("A mistyped command."),
  type("gti status", "mistyped-command"),
  say("A change breaks a test; then the fix is saved."),
  save("cart.js", cart("prices.reduce((sum, price) => sum - price, 0)")),
  type("npm test --silent"),
  save("cart.js", cart("prices.reduce((sum, price) => sum + price, 0)")),
  type("git status --short", "run-again"),
  say("A key slips into a staged file: that is urgent."),
  save(
    "deploy.env.js",
    `export const key = "${fakeKey}"\nexport const secret = "${"wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "zQ4kT9w2Lp"}"\n`,
  ),
  type("git add deploy.env.js", "secret-staged"),
  type("git rm --cached -q -f deploy.env.js"),
  say("A lockfile brings a version that was an attack."),
  save("package-lock.json", lockfile("1.14.1"), "compromised-dependency"),
  save("package-lock.json", lockfile("1.14.0")),
  say("A branch without upstream is pushed."),
  type("git checkout -q -b discount"),
  type("git commit -q --allow-empty -m 'begin the discount'"),
  type("git push", "git-push-failed"),
]
