/** One line of typed text with a cursor. Pure; control characters never enter, a paste's newlines become spaces. */
import { emptyField, type TextField } from "./model.ts"

const limit = 2_000

const insert = (field: TextField, text: string): TextField => {
  const points = [...field.text]
  const added = [...text.replace(/[\r\n\t]+/g, " ").replace(/[\u0000-\u001f\u007f-\u009f]/g, "")].slice(
    0,
    Math.max(0, limit - points.length),
  )
  return {
    text: points.toSpliced(field.cursor, 0, ...added).join(""),
    cursor: field.cursor + added.length,
  }
}

const without = (field: TextField, at: number): TextField => {
  const points = [...field.text]
  return at < 0 || at >= points.length
    ? field
    : { text: points.toSpliced(at, 1).join(""), cursor: at < field.cursor ? field.cursor - 1 : field.cursor }
}

/** The field after a key, or null where the key is none of an edit. */
export const editField = (field: TextField, key: string, text: string | null): TextField | null => {
  const length = [...field.text].length
  switch (key) {
    case "backspace":
      return without(field, field.cursor - 1)
    case "delete":
      return without(field, field.cursor)
    case "left":
    case "S-left":
      return { ...field, cursor: Math.max(0, field.cursor - 1) }
    case "right":
    case "S-right":
      return { ...field, cursor: Math.min(length, field.cursor + 1) }
    case "home":
    case "C-a":
      return { ...field, cursor: 0 }
    case "end":
    case "C-e":
      return { ...field, cursor: length }
    case "C-w": {
      const points = [...field.text]
      let start = field.cursor
      while (start > 0 && points[start - 1] === " ") start--
      while (start > 0 && points[start - 1] !== " ") start--
      return { text: points.toSpliced(start, field.cursor - start).join(""), cursor: start }
    }
    case "C-u":
      return { text: [...field.text].slice(field.cursor).join(""), cursor: 0 }
    case "C-k":
      return emptyField
    default:
      return text === null ? null : insert(field, text)
  }
}

export const pasteInto = insert

export const fieldOf = (text: string): TextField => ({ text, cursor: [...text].length })
