/**
 * `python -m vnev`: a module that python does not have, near to one that it brings along, that is often installed, or that
 * lies in the folder. Facts from python's own documentation and from what packages call themselves.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import { type Correction, type Failed, type Known, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, probePath, programOf } from "./rule.ts"

const usual =
  `ast asyncio calendar cProfile code compileall ctypes dis doctest ensurepip filecmp gzip http.server idlelib
  inspect json.tool mimetypes pdb pickle pickletools platform profile pstats py_compile pyclbr pydoc quopri runpy site
  smtpd sqlite3 symtable sysconfig tabnanny tarfile telnetlib timeit tkinter tokenize trace turtledemo unittest uuid venv
  webbrowser xmlrpc.server zipapp zipfile
  IPython alembic ansible aiohttp.web bandit black build celery coverage cython debugpy django fastapi flake8 flask
  gunicorn hatch http.client ipykernel isort jupyter jupyterlab line_profiler memory_profiler mkdocs mypy nose notebook
  pdm pip pip_audit piptools pipx poetry pre_commit pycodestyle pydocstyle pyflakes pylint pyperf pyright pytest
  robot ruff scrapy spacy sphinx sphinx.ext.apidoc streamlit tensorboard torch.distributed.run tox twine uvicorn virtualenv
  wheel yapf`.split(/\s+/)

const absent =
  /No module named ['"]?([\w.]+)|finding module specification for ['"]([\w.]+)|cannot be directly executed/

/** Where the name of the module stands; -1 where python was asked for none. */
const moduleAt = ({ words }: Failed): number => {
  const at = words.findIndex((word, i) => i > 0 && /^-[a-zA-Z]*m$/.test(word))
  return at > 0 && at + 1 < words.length && words.slice(1, at).every((word) => word.startsWith("-"))
    ? at + 1
    : -1
}

const named = (failed: Failed): string => failed.words[moduleAt(failed)] ?? ""

/** It is the module that was asked for, and not one that it takes itself. */
const isMissing = (failed: Failed): boolean => {
  const module = named(failed)
  const said = absent.exec(failed.output)
  const missing = said?.[1] ?? said?.[2] ?? ""
  return module !== "" && (module === missing || module.startsWith(`${missing}.`)) && missing !== ""
}

/** The folder of the project in which a name of this depth would lie. */
const folderOf = (dir: string, above: ReadonlyArray<string>): Extract<ProbeRequest, { _tag: "listDir" }> => ({
  _tag: "listDir",
  path: above.length === 0 ? dir : probePath(dir, above.join("/")),
  limit: 500,
})

const modulesIn = (names: ReadonlyArray<string> | undefined): ReadonlyArray<string> =>
  (names ?? []).flatMap((name) => /^([A-Za-z]\w*)(?:\.py)?$/.exec(name)?.[1] ?? [])

/** The first part that the project does not have, as one that it has. */
const inProject = (module: string, { facts, dir }: Known): ReadonlyArray<string> => {
  const parts = module.split(".")
  for (const [at, part] of parts.entries()) {
    const there = modulesIn(facts.get<"listDir">(folderOf(dir, parts.slice(0, at))))
    if (there.includes(part)) continue
    return closest(part, there, { cutoff: 0.75 }).map((near) => parts.with(at, near).join("."))
  }
  return []
}

export const mistypedModule: Correction = {
  name: "mistyped-python-module",
  applies: (failed) => /^(?:python|pypy)[\d.]*$/.test(programOf(failed)) && isMissing(failed),
  asks: (failed, dir) => {
    const parts = named(failed).split(".")
    return parts.slice(0, 4).map((_, at) => folderOf(dir, parts.slice(0, at)))
  },
  correct: (failed, known) => {
    const module = named(failed)
    const near = usual.includes(module) ? [] : closest(module, usual, { cutoff: 0.7 })
    return eachPlain([...near, ...inProject(module, known)], (word) =>
      replaced(failed, moduleAt(failed), word),
    )
  },
}
