/** Programs that say themselves that something is to be installed, and servers that say only that a port is taken. */
import { assert, describe, it } from "@effect/vitest"
import { installWanted } from "../../../src/decide/failures/installWanted.ts"
import { Driver, run } from "../driver.ts"

const rule = "dependencies-missing"

describe("an installation that is asked for", () => {
  const gems =
    "Could not find rack-3.1.7, puma-6.4.3 in locally installed gems\nRun `bundle install` to install missing gems.\n"
  it("by each manager in its own words", () => {
    for (const [output, command] of [
      [gems, "bundle install"],
      ["Could not find gem 'rails (~> 8.0)' in any of the sources", "bundle install"],
      [
        "PHP Warning:  require(/x/vendor/autoload.php): Failed to open stream: No such file or directory",
        "composer install",
      ],
    ] as const)
      assert.strictEqual(installWanted(output)?.command, command, output)
    for (const output of [undefined, "", "Bundle complete! 3 Gemfile dependencies", "ok composer"])
      assert.isNull(installWanted(output))
  })
  it("is offered where the manifest lies, and not where the manager says so itself", () => {
    const answers = {
      manifest: { files: [], manager: null },
      installed: {},
      pathKinds: { Gemfile: "file" as const },
    }
    const driver = new Driver({ answers })
    const failed = run(driver, "rackup", 7, { output: gems })
    const row = driver.row(rule)
    assert.deepStrictEqual(
      row.actions.map(({ input }) => input["command"]),
      ["bundle install"],
    )
    assert.deepStrictEqual(row.evidence, [failed.seq])
    const elsewhere = new Driver({ answers: { ...answers, pathKinds: { Gemfile: null } } })
    run(elsewhere, "rackup", 7, { output: gems })
    assert.deepStrictEqual(elsewhere.rows, [])
    const again = new Driver({ answers })
    run(again, "bundle exec rackup", 7, { output: gems })
    assert.deepStrictEqual(
      again.rows.filter((row) => row.rule === rule),
      [],
    )
  })
})

describe("a port that is taken", () => {
  const portOf = (command: string, output?: string): string | undefined => {
    const driver = new Driver({ answers: { portOwner: { pid: 7, command: "python3 serve.py" } } })
    run(driver, command, 1, output === undefined ? {} : { output })
    return driver.rows.find((row) => row.rule === "port-in-use")?.title
  }
  it("is the one that is named, in the words or else in the line", () => {
    for (const [command, output] of [
      ["python3 -m http.server --bind 127.0.0.1 4711", "OSError: [Errno 98] Address already in use"],
      ["python manage.py runserver 0.0.0.0:4711", "Error: That port is already in use."],
      [
        "uvicorn app:app",
        "[Errno 98] error while attempting to bind on address ('127.0.0.1', 4711): address already in use",
      ],
      ["java -jar web.jar", "Web server failed to start. Port 4711 was already in use."],
      ["./server", "listen tcp :4711: bind: address already in use"],
    ] as const)
      assert.match(portOf(command, output) ?? "", /^Port 4711 is taken/, command)
    assert.isUndefined(portOf("python3 -m http.server 4711", "KeyboardInterrupt"))
    assert.isUndefined(portOf("./server", "Address already in use"))
  })
})
