/** Redirections to or from what is not there: a folder that is called nearly so, a file that is, or a folder to be made. */
import type { Correction, Failed } from "./Correction.ts"
import { redirectedIn, type Word } from "./line.ts"
import { besides, higherUp, saidAbsent, waysTo } from "./mistypedPaths.ts"
import { above, eachPlain, kinds, kindsOf, mayBe, preceded } from "./rule.ts"

const targetOf = ({ line, seen, output }: Failed): Word | undefined =>
  redirectedIn(line)
    .slice(0, 8)
    .find(({ text }) => /^[\w./-]+$/.test(text) && (!seen || saidAbsent({ output }, text)))

/** `echo x > dcos/a.md`: where the shell was to write to or read from. */
export const mistypedRedirect: Correction = {
  name: "mistyped-redirect",
  applies: (failed) => mayBe(failed, /No such file or directory/i) && targetOf(failed) !== undefined,
  asks: (failed, dir) => {
    const { text } = targetOf(failed)!
    return [kindsOf(dir, [text, above(text)]), ...waysTo(dir, text)]
  },
  correct: (failed, known) => {
    const target = targetOf(failed)!
    const [kind, folder] = kinds(known, [target.text, above(target.text)])
    if (kind !== null) return []
    const put = (path: string): string =>
      failed.line.slice(0, target.start) + path + failed.line.slice(target.end)
    const reads = /<\s*$/.test(failed.line.slice(0, target.start))
    const near = reads ? (besides(known, target.text, 0.7) ?? []) : []
    const found = eachPlain([...near, ...higherUp(known, target.text, 0.7)], put)
    return found.length > 0 || reads || folder !== null || above(target.text) === ""
      ? found
      : eachPlain([above(target.text)], (word) => preceded(failed, `mkdir -p ${word}`))
  },
}
