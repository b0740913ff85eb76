/**
 * A program said which module it misses: install it by name. Speaks only from output, and only for names a registry
 * can have; a name nobody declared is a question of high risk, because names of lookalikes are bait. Where a declared one
 * is but a part of what is not installed, the whole is offered by `dependencies-missing`.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { bash } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { baseName } from "../paths.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationData } from "../situationData.ts"
import { dependenciesMissing } from "./dependencies.ts"

const name = "missing-module"

const npmName = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/
const pythonName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/
const jsMissing =
  /(?:Cannot find (?:module|package)|Module not found: (?:Error: )?Can't resolve|Could not resolve|Failed to resolve import) ["']([^"']+)["']/
const pyMissing = /(?:ModuleNotFoundError|ImportError): No module named ["']?([A-Za-z0-9_.]+)["']?/

/** Import names whose package has another name. */
const pythonPackages: Readonly<Record<string, string>> = {
  yaml: "PyYAML",
  cv2: "opencv-python",
  PIL: "Pillow",
  sklearn: "scikit-learn",
  bs4: "beautifulsoup4",
  dotenv: "python-dotenv",
  dateutil: "python-dateutil",
  jwt: "PyJWT",
}

interface Missing {
  readonly language: "javascript" | "python"
  readonly module: string
}

const missingIn = (output: string | undefined): Missing | null => {
  const js = output === undefined ? null : jsMissing.exec(output)?.[1]
  if (js !== null && js !== undefined) {
    const parts = js.split("/")
    const module = js.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]!
    return npmName.test(module) && module.length <= 214 ? { language: "javascript", module } : null
  }
  const py = output === undefined ? null : pyMissing.exec(output)?.[1]
  if (py === null || py === undefined) return null
  const top = py.split(".")[0]!
  const module = pythonPackages[top] ?? top
  return pythonName.test(module) ? { language: "python", module } : null
}

const manifestOf = (
  data: SituationData["command.failed"],
): Extract<ProbeRequest, { readonly _tag: "manifest" }> => ({
  _tag: "manifest",
  dir: data.dir,
})

type Files = ProbeAnswer<"manifest">["files"]

const declares = ({ language, module }: Missing, text: string): boolean => {
  const literal = module.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  // to an index of Python's packages `a_b`, `a-b` and `A.b` are one
  const name = language === "python" ? module.split(/[-_.]+/).join("[-_.]+") : literal
  return new RegExp(`(?:^|["'\\s])${name}(?:["'\\s=<>~!;,\\[]|$)`, language === "python" ? "im" : "m").test(
    text,
  )
}

/** Name of the file that declares it. */
const declaredIn = (missing: Missing, files: Files): string | null => {
  const names = /^(?:package\.json|requirements\.txt|pyproject\.toml|Pipfile)$/
  const file = files.find(({ path, text }) => names.test(baseName(path)) && declares(missing, text))
  return file === undefined ? null : baseName(file.path)
}

const installLine = (manager: string | null, missing: Missing, file: string | null): string | null => {
  const declared = file !== null
  if (missing.language === "python") {
    if (manager === "uv") return declared ? "uv sync" : `uv add ${missing.module}`
    if (manager === "pdm") return declared ? "pdm sync" : `pdm add ${missing.module}`
    if (manager === "pipenv") return declared ? "pipenv sync" : `pipenv install ${missing.module}`
    if (manager === "poetry") return declared ? "poetry install" : `poetry add ${missing.module}`
    if (file === "pyproject.toml") return "pip install -e ."
    return declared ? "pip install -r requirements.txt" : `pip install ${missing.module}`
  }
  switch (manager) {
    case "npm":
      return declared ? "npm install" : `npm install ${missing.module}`
    case "pnpm":
    case "yarn":
    case "bun":
      return declared ? `${manager} install` : `${manager} add ${missing.module}`
    default:
      return null
  }
}

const nodeBuiltIn =
  /^(?:node:.*|assert|buffer|child_process|cluster|crypto|dns|events|fs|http|http2|https|module|net|os|path|process|stream|timers|tls|tty|url|util|v8|vm|worker_threads|zlib)$/

export const missingModule: Reflex = {
  name,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) =>
    isSituation(situation, "command.failed") && missingIn(situation.data.output) !== null,
  probes: (situation, memory) =>
    isSituation(situation, "command.failed")
      ? [
          manifestOf(situation.data),
          ...(dependenciesMissing.applies(situation, memory)
            ? dependenciesMissing.probes(situation, memory)
            : []),
        ]
      : [],
  propose: (situation, facts, memory) => {
    if (!isSituation(situation, "command.failed")) return silent("no failed command")
    const { data } = situation
    const missing = missingIn(data.output)
    if (missing === null) return silent("no missing module is named")
    if (missing.language === "javascript" && nodeBuiltIn.test(missing.module))
      return silent(`${missing.module} is part of the runtime`)
    const manifest = facts.get<"manifest">(manifestOf(data))
    if (manifest === undefined) return unknown("the manifest")
    const file = declaredIn(missing, manifest.files)
    const declared = file !== null
    if (declared && dependenciesMissing.applies(situation, memory)) {
      const whole = dependenciesMissing.propose(situation, facts, memory)
      if (!("silent" in whole)) return silent(`left to ${dependenciesMissing.name}`)
    }
    const line = installLine(manifest.manager, missing, file)
    if (line === null) return silent(`no package manager is known in ${data.dir}`)
    return propose(name, situation, {
      title: declared
        ? `Install what is declared: ${missing.module} is missing`
        : `Install ${missing.module}?`,
      why: [
        {
          text: `\`${data.command}\` failed: no module ${missing.module}`,
          seq: situation.evidence[0] ?? null,
        },
        declared
          ? `${missing.module} is declared in ${data.dir}`
          : `${missing.module} is declared nowhere in ${data.dir}: check its name`,
      ],
      same: [missing.module, declared],
      mode: declared ? "draft" : "question",
      risk: declared ? "medium" : "high",
      actions: [bash(line, data.cwd)],
      expiresWhen: [`passed:${line}`, `ran:${data.command.trim()}`],
      ttlMs: 60 * 60_000,
    })
  },
}
