/**
 * Judges one entry of a lockfile: known as malicious, spelled like a popular package, or recorded in a way that
 * nobody can check.
 */
import { distance } from "../src/domain/nearest.ts"

const popular: ReadonlyArray<string> = (
  "lodash react react-dom express axios chalk debug commander async moment request webpack typescript eslint prettier jest " +
  "babel vue angular next redux rxjs underscore uuid yargs minimist semver glob rimraf mkdirp fs-extra dotenv cross-env " +
  "body-parser mongoose socket.io jquery bootstrap tailwindcss vite rollup esbuild vitest mocha chai sinon cypress puppeteer " +
  "playwright nodemon pm2 winston passport jsonwebtoken bcrypt cors helmet classnames prop-types styled-components graphql " +
  "apollo-server sequelize prisma zod ajv inquirer ora colors left-pad node-fetch cheerio bluebird ramda immutable d3 three " +
  "electron requests numpy pandas django flask setuptools urllib3 cryptography pytest scipy pillow serde tokio preact color koa nuxt request-promise"
).split(" ")

export type PackageJudgement = { readonly verdict: "allow" | "ask" | "deny"; readonly reason: string }

const aliasOf = (version: string): RegExpExecArray | null =>
  /^npm:((?:@[^@/\s]+\/)?[^@\s]+)@(\S+)$/.exec(version)

/** `name@version`, perhaps with a remark after it. */
export const judgePackage = (
  entry: string,
  isCompromised: (name: string, version: string | null) => boolean,
): PackageJudgement => {
  const match = /^\s*((?:@[^@/\s]+\/)?[^@\s]+)@(\S+)\s*(.*)$/s.exec(entry)
  if (match === null) return { verdict: "ask", reason: "it is not name@version" }
  const [, name = "", written = "", remark = ""] = match
  let [real, version] = [name, written]
  // an alias of an alias is nothing a lockfile holds, but the last name is what would be fetched
  for (let alias = aliasOf(version); alias !== null; alias = aliasOf(version))
    [, real = real, version = version] = alias
  version = version.replace(/^[v=]+(?=\d)/, "")
  if (isCompromised(real, version))
    return { verdict: "deny", reason: `${real}@${version} is known to be malicious` }
  if (remark.trim() !== "") return { verdict: "ask", reason: remark.trim() }
  if (/^(?:git|github|gitlab|bitbucket|https?|file|link|portal|workspace)[:+]/.test(version))
    return { verdict: "ask", reason: `${real} does not come from a registry` }
  const near = popular.find((each) => each !== real && each.length > 4 && distance(each, real, 1) <= 1)
  if (near !== undefined && !popular.includes(real))
    return { verdict: "ask", reason: `${real} is spelled almost like ${near}` }
  return { verdict: "allow", reason: "not on the list" }
}
