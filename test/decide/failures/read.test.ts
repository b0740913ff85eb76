/** What runners of checks print, read as failed tests and their places. */
import { assert, describe, it } from "@effect/vitest"
import { failedTestsIn } from "../../../src/decide/failures/failedTests.ts"
import { onlyFailing } from "../../../src/decide/failures/onlyFailing.ts"
import { placesIn } from "../../../src/decide/failures/places.ts"

const places = (output: string, dir = ".") =>
  placesIn(output, "/w", dir).map(({ path, line }) => `${path}:${line}`)

const printed = {
  vitest: `
 FAIL  test/cart.test.ts > cart > adds tax
AssertionError: expected 3 to be 2 // Object.is equality

 ❯ test/cart.test.ts:4:19
      2| import { tax } from "../src/tax.ts"
      4|   expect(tax(10)).toBe(2)

 Test Files  1 failed (1)
`,
  jest: `
FAIL test/cart.test.js
  ● cart › adds tax

    expect(received).toBe(expected)

      at Object.toBe (test/cart.test.js:4:19)
      at node_modules/jest-circus/build/run.js:121:9

Tests:       1 failed, 3 passed, 4 total
`,
  mocha: `
  3 passing (9ms)
  1 failing

  1) cart
       adds tax:
     AssertionError: expected 3 to equal 2
      at Context.<anonymous> (test/cart.js:5:14)
`,
  node: `
✖ failing tests:

test at test/n.test.mjs:2:1
✖ adds tax (6.61392ms)
  AssertionError [ERR_ASSERTION]: 1 == 2
      at TestContext.<anonymous> (file:///w/test/n.test.mjs:2:33)
      at Test.run (node:internal/test_runner/test:1402:25)
`,
  pytest: `
>       assert 1 == 2
E       assert 1 == 2

tests/test_cart.py:3: AssertionError
=========================== short test summary info ============================
FAILED tests/test_cart.py::TestCart::test_tax - assert 1 == 2
`,
  cargo: `
running 1 test
test tests::adds ... FAILED

thread 'tests::adds' (10536) panicked at src/lib.rs:4:23:
assertion \`left == right\` failed
`,
  go: `
--- FAIL: TestAdd (0.00s)
    add_test.go:7: got 3, want 2
FAIL
FAIL	example.com/cart	0.003s
`,
  phpunit: `
There was 1 failure:

1) Tests\\CartTest::testTax
Failed asserting that 3 is identical to 2.

/w/tests/CartTest.php:12
`,
  rspec: `
Failed examples:

rspec ./spec/cart_spec.rb:4 # Cart adds tax
`,
  junit: `
[ERROR] Failures: 
[ERROR]   CartTest.addsTax:14 expected:<2> but was:<3>
`,
}

describe("failed tests", () => {
  it("are read as each runner names them", () => {
    const seen = Object.fromEntries(
      Object.entries(printed).map(([runner, output]) => {
        const [test] = failedTestsIn(output)
        assert.strictEqual(test?.runner, runner)
        return [runner, test?.name]
      }),
    )
    assert.deepStrictEqual(seen, {
      vitest: "cart > adds tax",
      jest: "cart › adds tax",
      mocha: "cart adds tax",
      node: "adds tax",
      pytest: "tests/test_cart.py::TestCart::test_tax",
      cargo: "tests::adds",
      go: "TestAdd",
      phpunit: "Tests\\CartTest::testTax",
      rspec: "./spec/cart_spec.rb:4",
      junit: "CartTest.addsTax",
    })
  })
  it("are none where nothing failed or the words are unknown", () => {
    for (const output of [
      "",
      "3 passing (9ms)\n",
      "Alle Tests bestanden",
      "FAIL-safe mode",
      "test a ... ok\n",
    ])
      assert.deepStrictEqual(failedTestsIn(output), [])
  })
})

describe("places", () => {
  it("of failed tests", () => {
    assert.deepStrictEqual(places(printed.vitest), ["test/cart.test.ts:4"])
    assert.deepStrictEqual(places(printed.jest), ["test/cart.test.js:4"])
    assert.deepStrictEqual(places(printed.mocha), ["test/cart.js:5"])
    assert.deepStrictEqual(places(printed.node), ["test/n.test.mjs:2"])
    assert.deepStrictEqual(places(printed.pytest), ["tests/test_cart.py:3"])
    assert.deepStrictEqual(places(printed.cargo), ["src/lib.rs:4"])
    assert.deepStrictEqual(places(printed.phpunit), ["tests/CartTest.php:12"])
    assert.deepStrictEqual(places(printed.rspec), ["spec/cart_spec.rb:4"])
  })
  it("of compilers, type checkers and linters", () => {
    const one = (output: string, dir?: string) => places(output, dir)[0]
    assert.strictEqual(one("src/a.ts(12,5): error TS2322: no"), "src/a.ts:12")
    assert.strictEqual(one("src/a.ts:12:5 - error TS2322: no"), "src/a.ts:12")
    assert.strictEqual(one("a.c:1:20: error: 'x' undeclared"), "a.c:1")
    assert.strictEqual(one("pkg/a.py:3: error: Incompatible types  [assignment]"), "pkg/a.py:3")
    assert.strictEqual(one("a.py:1:8: F401 `os` imported but unused"), "a.py:1")
    assert.strictEqual(one("F401 [*] `os` imported but unused\n --> a.py:1:8\n"), "a.py:1")
    assert.strictEqual(one("error[E0308]: mismatched types\n --> src/lib.rs:1:21\n"), "src/lib.rs:1")
    assert.strictEqual(one("# example.com/cart\n./a.go:5:2: undefined: x", "cart"), "cart/a.go:5")
    assert.strictEqual(one("vet: ./a.go:5:2: undefined: x"), "a.go:5")
    assert.strictEqual(one("\n/w/src/a.js\n  12:5  error  'x' is not defined  no-undef\n"), "src/a.js:12")
    assert.strictEqual(
      one("\n  x eslint(no-debugger): `debugger` statement is not allowed\n   ,-[bad.ts:3:1]\n"),
      "bad.ts:3",
    )
  })
  it("are none for warnings, for what lies outside and for what others wrote", () => {
    for (const output of [
      "a.c:1:20: warning: unused variable",
      "  ! eslint(no-debugger): no\n   ,-[bad.ts:3:1]\n",
      "/w/src/a.js\n  12:5  warning  'x' is not defined  no-undef\n",
      "/usr/lib/a.ts(1,1): error TS2322: no",
      "../../up.ts(1,1): error TS2322: no",
      "node_modules/a/b.ts(1,1): error TS2322: no",
      "See a.c:1 for more",
    ])
      assert.deepStrictEqual(places(output), [], output)
  })
  it("are looked for in time in long hostile lines", () => {
    // a pattern that backtracks would not come to an end
    assert.deepStrictEqual(places(`${"a/".repeat(8_000)}\n${" at ".repeat(4_000)}`), [])
    assert.deepStrictEqual(failedTestsIn("FAIL  ".repeat(3_000)), [])
  })
})

describe("only what failed", () => {
  const only = (line: string, runner: keyof typeof printed) =>
    onlyFailing(line, failedTestsIn(printed[runner]))
  it("in the words of the line that ran everything", () => {
    assert.strictEqual(only("npx vitest run", "vitest"), "npx vitest run test/cart.test.ts")
    assert.strictEqual(only("npm test", "vitest"), "npm test -- test/cart.test.ts")
    assert.strictEqual(only("pnpm test", "jest"), "pnpm test test/cart.test.js")
    assert.strictEqual(only("pytest -q", "pytest"), "pytest -q tests/test_cart.py::TestCart::test_tax")
    assert.strictEqual(
      only("python -m pytest", "pytest"),
      "python -m pytest tests/test_cart.py::TestCart::test_tax",
    )
    assert.strictEqual(only("cargo test", "cargo"), "cargo test tests::adds")
    assert.strictEqual(only("go test ./...", "go"), "go test ./... -run '^(TestAdd)$'")
    assert.strictEqual(only("bundle exec rspec", "rspec"), "bundle exec rspec ./spec/cart_spec.rb:4")
  })
  it("is none where the line names a test, is not plain, or the name could steer a shell", () => {
    for (const line of [
      "npx vitest run test/a.test.ts",
      "npm test && echo",
      "CI=1 npm test",
      "npm run check",
      "vitest -c x.ts",
    ])
      assert.isNull(only(line, "vitest"), line)
    const hostile = failedTestsIn("\nFAILED tests/a.py::test_$(reboot) - x\nFAILED --rm.py - x\n")
    assert.isNull(onlyFailing("pytest", hostile))
    assert.isNull(onlyFailing("cargo test", failedTestsIn("test --all ... FAILED\n")))
  })
})
