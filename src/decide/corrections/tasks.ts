/**
 * Task runners. Names of tasks come from the project's own files, because asking the tool would run it, and from what the
 * tool itself proposes.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import { type Correction, type Known, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, kinds, kindsOf, probePath, rule } from "./rule.ts"

type ReadText = Extract<ProbeRequest, { readonly _tag: "readText" }>

const text = (dir: string, path: string): ReadText => ({
  _tag: "readText",
  path: probePath(dir, path),
  maxBytes: 262_144,
})

const namesIn = (known: Known, files: ReadonlyArray<string>, form: RegExp): ReadonlyArray<string> =>
  files.flatMap((file) =>
    [...(known.facts.get<"readText">(text(known.dir, file)) ?? "").matchAll(form)].map(([, name]) => name!),
  )

interface Tasks {
  readonly name: string
  readonly program: string
  readonly unknown: RegExp
  readonly files: ReadonlyArray<string>
  readonly form: RegExp
  readonly standing: ReadonlyArray<string>
}

/** Those that the tool itself proposes. */
const candidates = (output: string): ReadonlyArray<string> =>
  [...(/[Cc]andidates are: ([^\n]+)/.exec(output)?.[1] ?? "").matchAll(/'([\w:.-]+)'/g)].map(
    ([, name]) => name!,
  )

/** A task the project does not have, near to one that it has. The first group of `unknown` is the task. */
const tasks = ({ name, program, unknown, files, form, standing }: Tasks): Correction =>
  rule(
    name,
    { program, says: unknown },
    (failed, known) => {
      const typed = unknown
        .exec(failed.output)
        ?.slice(1)
        .find((each) => each !== undefined)
      // With the path of its project before it.
      const at = failed.words.findIndex((word, i) => i > 0 && (word === typed || word.endsWith(`:${typed}`)))
      if (at < 0) return []
      const project = failed.words[at]!.slice(0, failed.words[at]!.length - typed!.length)
      const [task = "", ...rest] = typed!.split(":")
      const suffix = rest.length === 0 ? "" : `:${rest.join(":")}`
      const all = [...namesIn(known, files, form), ...standing, ...candidates(failed.output)]
      const whole = closest(
        typed!,
        all.filter((each) => each.includes(":")),
      )
      const near = closest(
        task,
        all.filter((each) => !each.includes(":")),
      ).map((each) => `${each}${suffix}`)
      return eachPlain([...near, ...whole], (word) => replaced(failed, at, `${project}${word}`))
    },
    { asks: (_, dir) => files.map((file) => text(dir, file)) },
  )

export const gradleTask = tasks({
  name: "gradle-task",
  program: "gradle gradlew",
  unknown: /[Tt]ask '([\w:.-]+)' (?:not found|is ambiguous)/,
  files: ["build.gradle", "build.gradle.kts"],
  form: /\btask[ (]+["']?([A-Za-z][\w-]*)|tasks\.register\(\s*["']([\w-]+)/g,
  standing:
    `assemble assembleDebug assembleRelease build buildNeeded check classes clean compileJava connectedCheck
    dependencies init install installDebug installRelease jar javadoc lint lintDebug publish run tasks test testDebug
    uninstallAll uninstallDebug uninstallRelease wrapper`.split(/\s+/),
})

export const gruntTask = tasks({
  name: "grunt-task",
  program: "grunt",
  unknown: /Task "([\w:.-]+)" not found/,
  files: ["Gruntfile.js", "Gruntfile.cjs"],
  form: /registerTask\(\s*["']([\w:.-]+)/g,
  standing: ["default", "build", "test", "watch"],
})

export const gulpTask = tasks({
  name: "gulp-task",
  program: "gulp",
  unknown: /Task '([\w:.-]+)' is not in your gulpfile|Task never defined: ([\w:.-]+)/,
  files: ["gulpfile.js", "gulpfile.mjs", "gulpfile.ts"],
  form: /(?:gulp\.task\(\s*["']|exports\.|export (?:const|function) )([\w:.-]+)/g,
  standing: ["default", "build", "test", "watch"],
})

const makefiles = ["Makefile", "makefile", "GNUmakefile"]

const target = /^([A-Za-z][\w.-]*)\s*:(?!=)/gm

/** `make tset` where nothing was seen of what make said. */
export const unseenTarget: Correction = {
  name: "mistyped-target",
  applies: ({ words, seen, alone, exit }) =>
    !seen &&
    alone &&
    exit === 2 &&
    words[0] === "make" &&
    words.length === 2 &&
    /^[A-Za-z][\w-]*$/.test(words[1]!),
  asks: ({ words }, dir) => [...makefiles.map((file) => text(dir, file)), kindsOf(dir, [words[1]!])],
  correct: (failed, known) => {
    const all = namesIn(known, makefiles, target)
    const typed = failed.words[1]!
    return all.includes(typed) || kinds(known, [typed])[0] !== null
      ? []
      : eachPlain(closest(typed, all, { cutoff: 0.7 }), (word) => replaced(failed, 1, word))
  },
}

export const makeTarget = tasks({
  name: "make-target",
  program: "make gmake",
  unknown: /No rule to make target [`'‘]([\w./-]+)['’]/,
  files: makefiles,
  form: target,
  standing: [],
})
