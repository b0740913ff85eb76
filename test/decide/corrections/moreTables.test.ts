/** Corrections that rest on tables: Python's modules, options of usages, more subcommands. */
import { assert, describe, it } from "@effect/vitest"
import { failed, type World } from "./given.ts"

const world: World = {
  programs: ["python3", "curl", "docker", "git"],
  files: ["app/server.py", "app/__init__.py", "cmd/api/main.go"],
  dirs: ["app", "cmd", "cmd/api"],
}
const first = (command: string, exit: number, output: string): string | undefined =>
  failed(command, exit, output, world)[0]

describe("a module that python does not have", () => {
  const missing = (name: string): string => `/usr/bin/python3: No module named ${name}`
  it("is one that it brings along, or one of the project", () => {
    assert.strictEqual(first("python3 -m vnev env", 1, missing("vnev")), "python3 -m venv env")
    assert.strictEqual(
      first(
        "python3 -m jsno.tool a.json",
        1,
        "python3: Error while finding module specification for 'jsno.tool' (ModuleNotFoundError: No module named 'jsno')",
      ),
      "python3 -m json.tool a.json",
    )
    assert.strictEqual(first("python3 -m app.sevrer", 1, missing("app.sevrer")), "python3 -m app.server")
  })
  it("is not one that the module itself takes", () => {
    assert.deepStrictEqual(
      failed("python3 -m app.server", 1, missing("vnev"), world).filter((line) => line.includes("venv")),
      [],
    )
    assert.deepStrictEqual(failed("python3 -m frobnicate", 1, missing("frobnicate"), world), [])
  })
})

describe("options that a usage or a table has", () => {
  it("are told from what was printed, or by name", () => {
    assert.strictEqual(
      first(
        "zstd --decmpress a.zst",
        1,
        "Incorrect parameters\nUsage: zstd [OPTIONS...]\n  -d, --decompress\n  -k, --keep\n",
      ),
      "zstd --decompress a.zst",
    )
    assert.strictEqual(
      first("terraform plan -vra x=1", 1, "Error: flag provided but not defined: -vra"),
      "terraform plan -var x=1",
    )
    assert.strictEqual(first("gpg --list-kyes", 2, 'gpg: invalid option "--list-kyes"'), "gpg --list-keys")
    assert.strictEqual(
      first("gradlew build --ofline", 1, "* What went wrong:\nUnknown command-line option '--ofline'."),
      "gradlew build --offline",
    )
    assert.strictEqual(
      first(
        "terraform fmt -checl",
        1,
        "Usage: terraform [global options] fmt [options] [target...]\n\n  -check  Check\n",
      ),
      "terraform fmt -check",
    )
    assert.strictEqual(
      first("ps --forestt", 1, "error: unknown gnu long option\n\nUsage:\n ps [options]\n"),
      "ps --forest",
    )
    assert.strictEqual(
      first(
        "apt list --iinstalled",
        100,
        "E: Command line option --iinstalled is not understood in combination with the other options",
      ),
      "apt list --installed",
    )
    assert.deepStrictEqual(failed("zstd --frobnicate", 1, "usage: zstd\n --keep", world), [])
  })
})

describe("single words", () => {
  it("are put right where the program says which it does not know", () => {
    for (const [command, output, gives] of [
      ["curl htpp://host/x", 'curl: (1) Protocol "htpp" not supported', "curl http://host/x"],
      [
        "git clone htps://host/x.git",
        "fatal: Unable to find remote helper for 'htps'",
        "git clone https://host/x.git",
      ],
      ["kubectl get pdos", 'error: the server doesn\'t have a resource type "pdos"', "kubectl get pods"],
      ["openssl genrs 2048", "Invalid command 'genrs'; type \"help\" for a list.", "openssl genrsa 2048"],
      ["bun instal", 'error: Script not found "instal"', "bun install"],
      [
        "aws s3 sl",
        "aws: error: argument subcommand: Invalid choice, valid choices are:\n\nls   | mv\ncp   | rm\n",
        "aws s3 ls",
      ],
      [
        "terraform workspace nwe dev",
        "Usage: terraform [global options] workspace\n\n  new, list\n",
        "terraform workspace new dev",
      ],
      ["go run ./cdm/api", "stat /src/cdm/api: directory not found", "go run ./cmd/api"],
    ] as const)
      assert.strictEqual(first(command, 1, output), gives)
  })
  it("in groups, with what stands behind them", () => {
    const unknown = (word: string): string =>
      `docker: unknown command: docker ${word}\n\nRun 'docker --help' for more information\n`
    assert.strictEqual(first("docker imags", 1, unknown("imags")), "docker images")
    assert.strictEqual(first("docker imag ls", 1, unknown("imag")), "docker image ls")
    assert.strictEqual(
      first(
        "npm config liist",
        1,
        "npm error code EUSAGE\nnpm error\nnpm error Usage:\nnpm error npm config get [<key>]\nnpm error npm config list [--json]\n",
      ),
      "npm config list",
    )
    assert.strictEqual(
      first(
        "gcloud verrsion",
        2,
        "ERROR: (gcloud) Invalid choice: 'verrsion'.\nUsage: gcloud [optional flags] <group | command>\n  group may be           access-approval | ai |\n                         app\n  command may be         feedback | version\n",
      ),
      "gcloud version",
    )
  })
  it("of a folder that something goes to, before a new one", () => {
    assert.deepStrictEqual(
      failed("mv x.txt cdm/", 1, "mv: cannot move 'x.txt' to 'cdm/': Not a directory", world),
      ["mv x.txt cmd/", "mkdir -p cdm && mv x.txt cdm/"],
    )
    assert.strictEqual(
      first(
        "cp x.txt cmds/x.txt",
        1,
        "cp: cannot create regular file 'cmds/x.txt': No such file or directory",
      ),
      "mkdir -p cmds && cp x.txt cmds/x.txt",
    )
  })
  it("or asks for other rights", () => {
    assert.strictEqual(
      first("pacman -S jq", 1, "error: you cannot perform this operation unless you are root."),
      "sudo pacman -S jq",
    )
    assert.strictEqual(first("sudo yay -S jq", 1, "Please avoid running yay as root/sudo."), "yay -S jq")
    assert.deepStrictEqual(
      failed("wget http://host/x", 8, "Connecting... 407 Proxy Authentication Required", world),
      [],
    )
  })
})
