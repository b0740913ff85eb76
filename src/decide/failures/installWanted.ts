/**
 * What programs say of dependencies that are not installed, and the command that brings them. What a manager says itself
 * has to be run before it works is a correction, and none of this.
 */
interface Saying {
  readonly says: RegExp
  readonly command: string
  /** Has to be there for it to be true here. */
  readonly manifest: string
}

export interface InstallWanted extends Pick<Saying, "command" | "manifest"> {
  /** The line that says so. */
  readonly said: string
}

const sayings: ReadonlyArray<Saying> = [
  {
    says: /^.*(?:Run [`'"]bundle install[`'"] to install missing gems|Could not find (?:gem '[^'\n]+'|[\w.-]+-\d[\w.]*(?:, [\w.-]+-\d[\w.]*)*) in (?:any of the sources|locally installed gems)).*$/m,
    command: "bundle install",
    manifest: "Gemfile",
  },
  {
    says: /^.*(?:vendor\/autoload\.php\)?: [Ff]ailed to open stream|Failed opening required '[^'\n]*vendor\/autoload\.php'|[Rr]un ["'`]?composer install["'`]?).*$/m,
    command: "composer install",
    manifest: "composer.json",
  },
]

/** What a program said last is what counts. */
const outputMax = 16_384

export const installWanted = (output: string | undefined): InstallWanted | null => {
  const text = (output ?? "").slice(-outputMax)
  for (const { command, manifest, says } of sayings) {
    const said = says.exec(text)?.[0]
    if (said !== undefined) return { command, manifest, said: said.trim().slice(0, 200) }
  }
  return null
}
