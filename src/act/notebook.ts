/**
 * Jupyter notebooks as text: cells found, replaced, inserted, removed. Pure. Only the touched cell's text changes: the order
 * of keys, indentation, metadata nobody knows, and the end of the file stay byte for byte.
 * Knows nbformat 1 to 4 (https://nbformat.readthedocs.io/en/latest/format_description.html): cells are at the top in 1 and
 * 4, in worksheets in 2 and 3; the text of a code cell is `source` in 4, `input` in 2 and 3, `code` in 1.
 */
import { applyEdits, findNodeAtLocation, modify, type Node, parseTree, type ParseError } from "jsonc-parser"
import { createHash } from "node:crypto"

export type CellType = "code" | "markdown"

export interface NotebookEdit {
  /** Id of a cell, or `cell-N` (from 0). Null: before the first (insert only). */
  readonly cell: string | null
  readonly source: string
  /** Null: as it is (replace), code (insert). */
  readonly type: CellType | null
  readonly mode: "replace" | "insert" | "delete"
}

export type EditedNotebook =
  | { readonly text: string; readonly what: string }
  /** `input`: the call is wrong; `refused`: the file is. */
  | { readonly problem: string; readonly reason: "input" | "refused" }

type Path = ReadonlyArray<string | number>

interface Notebook {
  readonly root: Node
  /** Where the cells are. */
  readonly at: Path
  readonly cells: ReadonlyArray<Node>
  readonly major: number
  readonly hasIds: boolean
}

const strict = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false }
const valueAt = (node: Node, ...path: Path): unknown => findNodeAtLocation(node, [...path])?.value

const problem = (reason: "input" | "refused", text: string) => ({ problem: text, reason })

const read = (text: string): Notebook | { readonly problem: string; readonly reason: "refused" } => {
  const errors: Array<ParseError> = []
  const root = parseTree(text, errors, strict)
  if (root === undefined || errors.length > 0) {
    const offset = errors[0]?.offset ?? 0
    const line = text.slice(0, offset).split("\n").length
    return { problem: `it is not JSON (line ${line})`, reason: "refused" }
  }
  const major = valueAt(root, "nbformat")
  const minor = valueAt(root, "nbformat_minor")
  if (typeof major !== "number" || major < 1 || major > 4)
    return {
      problem:
        major === undefined
          ? "it is no notebook: nbformat is missing"
          : `nbformat ${String(major)} is not known`,
      reason: "refused",
    }
  const at: Path = major === 2 || major === 3 ? ["worksheets", 0, "cells"] : ["cells"]
  const list = findNodeAtLocation(root, [...at])
  if (list?.type !== "array" || list.children?.some(({ type }) => type !== "object") === true)
    return { problem: `it is no notebook: ${at.join(".")} is not a list of cells`, reason: "refused" }
  const hasIds = major === 4 && typeof minor === "number" && minor >= 5
  return { root, at, cells: list.children ?? [], major, hasIds }
}

const sourceKey = ({ major }: Notebook, type: unknown): string => {
  if (type !== "code") return major === 1 ? "text" : "source"
  return major === 4 ? "source" : major === 1 ? "code" : "input"
}

const indexOf = ({ cells }: Notebook, name: string): number => {
  const byId = cells.findIndex((cell) => valueAt(cell, "id") === name)
  if (byId >= 0) return byId
  const number = /^cell-(\d+)$/.exec(name)
  const index = number === null ? -1 : Number(number[1])
  return index < cells.length ? index : -1
}

/** As nbformat writes it: each line with its end. */
const asLines = (source: string): ReadonlyArray<string> => source.match(/[^\n]*\n|[^\n]+$/g) ?? []

const freshId = ({ cells }: Notebook, seed: string): string => {
  const taken = new Set(cells.map((cell) => valueAt(cell, "id")))
  for (let turn = 0; ; turn++) {
    const id = createHash("sha256").update(`${turn}:${seed}`).digest("hex").slice(0, 8)
    if (!taken.has(id)) return id
  }
}

const newCell = (notebook: Notebook, type: CellType, source: string, lists: boolean): unknown => {
  const text = lists ? asLines(source) : source
  const key = sourceKey(notebook, type)
  const { major } = notebook
  if (major === 1)
    return type === "code" ? { cell_type: "code", code: source } : { cell_type: "text", text: source }
  if (major < 4)
    return type === "code"
      ? { cell_type: type, collapsed: false, [key]: text, language: "python", metadata: {}, outputs: [] }
      : { cell_type: type, metadata: {}, [key]: text }
  const id = notebook.hasIds ? { id: freshId(notebook, source) } : {}
  return type === "code"
    ? { cell_type: type, execution_count: null, ...id, metadata: {}, outputs: [], source: text }
    : { cell_type: type, ...id, metadata: {}, source: text }
}

const formatOf = (text: string) => {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? " "
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  }
}

/** The edits of one key or element after the other, each on what the one before made. */
const changed = (
  text: string,
  steps: ReadonlyArray<{ readonly path: Path; readonly value: unknown; readonly insert?: boolean }>,
): string => {
  const formattingOptions = formatOf(text)
  return steps.reduce(
    (current, { path, value, insert }) =>
      applyEdits(
        current,
        modify(current, [...path], value, { formattingOptions, isArrayInsertion: insert ?? false }),
      ),
    text,
  )
}

const replaced = (text: string, notebook: Notebook, index: number, edit: NotebookEdit): EditedNotebook => {
  const cell = notebook.cells[index]!
  const before = valueAt(cell, "cell_type")
  const type = edit.type ?? before
  if (type !== before && notebook.major !== 4)
    return problem(
      "input",
      "the kind of a cell can be changed in nbformat 4 only; delete it and insert another",
    )
  const at = [...notebook.at, index]
  const key = sourceKey(notebook, type)
  const lists = findNodeAtLocation(cell, [key])?.type === "array"
  const steps: Array<{ path: Path; value: unknown }> = [
    { path: [...at, key], value: lists ? asLines(edit.source) : edit.source },
  ]
  if (type !== before) steps.push({ path: [...at, "cell_type"], value: type })
  if (type === "code") {
    // what it printed was printed by another text
    if (notebook.major === 4) steps.push({ path: [...at, "execution_count"], value: null })
    steps.push({ path: [...at, "outputs"], value: [] })
  } else if (before === "code")
    for (const gone of ["execution_count", "outputs"]) steps.push({ path: [...at, gone], value: undefined })
  return { text: changed(text, steps), what: `replace ${String(before)} cell ${index}` }
}

export const editNotebook = (whole: string, edit: NotebookEdit): EditedNotebook => {
  const mark = whole.startsWith("\ufeff") ? "\ufeff" : ""
  const text = whole.slice(mark.length)
  const notebook = read(text)
  if ("problem" in notebook) return notebook
  const index = edit.cell === null ? -1 : indexOf(notebook, edit.cell)
  if (edit.cell !== null && index < 0) {
    const names = notebook.cells.map((cell, at) => valueAt(cell, "id") ?? `cell-${at}`)
    return problem(
      "input",
      `there is no cell ${edit.cell}; there are ${names.slice(0, 20).join(", ") || "none"}`,
    )
  }
  if (edit.mode === "insert") {
    const first = notebook.cells[0]
    const lists =
      first === undefined ||
      findNodeAtLocation(first, [sourceKey(notebook, valueAt(first, "cell_type"))])?.type === "array"
    const value = newCell(notebook, edit.type ?? "code", edit.source, lists)
    const path = [...notebook.at, index + 1]
    return {
      text: mark + changed(text, [{ path, value, insert: true }]),
      what: `insert ${edit.type ?? "code"} cell ${index + 1}`,
    }
  }
  if (index < 0) return problem("input", `edit_mode ${edit.mode} needs cell_id`)
  const done =
    edit.mode === "delete"
      ? {
          text: changed(text, [{ path: [...notebook.at, index], value: undefined }]),
          what: `delete cell ${index}`,
        }
      : replaced(text, notebook, index, edit)
  return "problem" in done ? done : { ...done, text: mark + done.text }
}
