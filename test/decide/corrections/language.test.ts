/** Programs that speak another language than English: what needs their words is silent, what goes by exit and facts is not. */
import { assert, describe, it } from "@effect/vitest"
import { isForeign } from "../../../src/decide/corrections/language.ts"
import { branch, Driver, run } from "../driver.ts"

const told = (command: string, output: string) => ({ command, output })

describe("a language", () => {
  it.each([
    told(
      "git stauts",
      "git: 'stauts' ist kein Git-Befehl. Siehe 'git --help'.\n\nDer ähnlichste Befehl ist\n\tstatus",
    ),
    told("gti status", "bash: gti: Kommando nicht gefunden."),
    told("cat nofile", "cat: nofile: Aucun fichier ou dossier de ce nom"),
    told("cat nofile", "cat: nofile: Нет такого файла или каталога"),
    told("cat nofile", "cat: nofile: そのようなファイルやディレクトリはありません"),
    told("git pul", "git: 'pul' no es un comando de git. Mira 'git --help'."),
    told("gti", "bash: gti: nie znaleziono polecenia"),
  ])("other than English: $output", ({ command, output }) => {
    assert.isTrue(isForeign(output, command))
  })
  it.each([
    told("git stauts", "git: 'stauts' is not a git command. See 'git --help'."),
    told("./run", "bash: ./run: Permission denied"),
    told("cat файл", "cat: файл: No such file or directory"),
    told("cat die-der-das", "cat: die-der-das: No such file or directory"),
    told("npm test", "src/für.test.ts > adds\nAssertionError: expected 1 to be 2"),
    told("make", ""),
    told("true", "\u001b[31m✗\u001b[0m 1/3"),
  ])("that is English, or none: $output", ({ command, output }) => {
    assert.isFalse(isForeign(output, command))
  })
})

describe("a command that failed in German", () => {
  const driver = () =>
    new Driver({
      answers: {
        gitCommands: { aliases: {}, commands: ["status", "pull", "push"] },
        gitBranch: branch({ branch: "main", upstream: "origin/main", ahead: 0, behind: 0 }),
        gitHooks: { hooks: [], staged: 0, rewritten: [] },
        pathKinds: ({ paths }) => Object.fromEntries(paths.map((path) => [path, null])),
      },
    })
  it("is corrected where its exit and the machine say enough", () => {
    const story = driver()
    run(story, "git stauts", 1, {
      output: "git: 'stauts' ist kein Git-Befehl. Siehe 'git --help'.\n\nDer ähnlichste Befehl ist\n\tstatus",
    })
    assert.strictEqual(story.row("mistyped-command").title, "Did you mean git status?")
  })
  it("is let be where only its words would say it", () => {
    const story = driver()
    run(story, "git log --onelin", 128, { output: "Schwerwiegend: nicht erkanntes Argument: --onelin" })
    run(story, "git push origin nobranch", 1, {
      output:
        "Fehler: Src-Refspec nobranch entspricht keiner Referenz.\nFehler: Fehler beim Versenden einiger Referenzen nach 'o.git'",
    })
    assert.deepStrictEqual(story.rows, [])
    assert.strictEqual(
      story.silence("git-push-failed"),
      "it pushed something else than the branch that is checked out",
    )
  })
})
