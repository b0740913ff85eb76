/**
 * A thread of its own that makes one page readable: what is large, deep or made to be slow ends with the thread and
 * not with the daemon. It fetches nothing: no extractor that asks other services is used, and pictures are left out.
 */
import { parentPort, workerData } from "node:worker_threads"
import { Defuddle } from "defuddle/node"
import { parseHTML } from "linkedom"

export interface PageTask {
  readonly html: string
  readonly url: string
}
export interface ReadablePage {
  readonly title: string
  readonly markdown: string
}

/** What a browser's parser would have added, and what the extractor asks of a document that this one has not. */
const documentOf = (html: string, url: string): unknown => {
  const whole = /<html[\s>]/i.test(html) ? html : `<!doctype html><html><body>${html}</body></html>`
  const { document } = parseHTML(whole)
  return Object.assign(document, { URL: url, styleSheets: [] })
}

const options = { markdown: true, removeImages: true, useAsync: false } as const

const readable = async ({ html, url }: PageTask): Promise<ReadablePage> => {
  const read = async (more: object): Promise<ReadablePage> => {
    const found = await Defuddle(documentOf(html, url) as never, url, { ...options, ...more })
    return { title: found.title, markdown: found.content.trim() }
  }
  const article = await read({})
  // a page without one main part is shown whole
  return article.markdown === "" ? read({ contentSelector: "body", removeLowScoring: false }) : article
}

parentPort?.postMessage(await readable(workerData as PageTask))
