/**
 * How a text is put to a model that was trained to tell what is kept from what is asked. Pure.
 * Invariant: only what a model's own card says; any other model is sent the bare text.
 */

interface Form {
  readonly model: RegExp
  readonly kept: string
  readonly asked: string
}

const retrieval = "Represent this sentence for searching relevant passages: "

/** By the model's name, with or without who made it and which tag it has. The first that fits. */
const forms: ReadonlyArray<Form> = [
  { model: /^nomic-embed-text/, kept: "search_document: ", asked: "search_query: " },
  { model: /^embeddinggemma/, kept: "title: none | text: ", asked: "task: search result | query: " },
  { model: /^mxbai-embed-large/, kept: "", asked: retrieval },
  { model: /^snowflake-arctic-embed2|^snowflake-arctic-embed-[ml]-v2/, kept: "", asked: "query: " },
  { model: /^snowflake-arctic-embed/, kept: "", asked: retrieval },
  { model: /^(?:multilingual-)?e5-(?:small|base|large)/, kept: "passage: ", asked: "query: " },
]

/** `nomic-embed-text` of `local/nomic-ai/nomic-embed-text:latest`. */
const bareName = (model: string): string => model.slice(model.lastIndexOf("/") + 1).toLowerCase()

const formOf = (model: string): Form | undefined => forms.find((form) => form.model.test(bareName(model)))

export const asKept = (model: string, text: string): string => `${formOf(model)?.kept ?? ""}${text}`

export const asAsked = (model: string, text: string): string => `${formOf(model)?.asked ?? ""}${text}`
