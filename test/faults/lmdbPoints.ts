/** Stands in for `lmdb` where `points.ts` is preloaded: before and after each transaction lies a point. */
import * as lmdb from "lmdb"
import { point } from "./points.ts"

type Method = (...args: ReadonlyArray<unknown>) => unknown

const wrap = (database: object): void => {
  const holder = database as Record<string, Method>
  for (const name of ["batch", "transaction", "transactionSync", "backup"]) {
    const original = holder[name]?.bind(database)
    if (original === undefined) continue
    holder[name] = (...args) => {
      const isCommit = name !== "transactionSync"
      try {
        point(`lmdb.${name}`, "before")
      } catch (error) {
        if (isCommit) return Promise.reject(error)
        throw error
      }
      const result = original(...args)
      if (!isCommit) return result
      return (result as Promise<unknown>).then((value) => {
        after(name)
        return value
      })
    }
  }
}

/** What has been committed cannot fail any more; the process can only end here. */
const after = (name: string): void => {
  if (!isFailing) point(`lmdb.${name}`, "after")
}
const isFailing = !/^(count|kill)/.test(process.env["CLAW_POINT"] ?? "count")

export const open = (options: lmdb.RootDatabaseOptionsWithPath): lmdb.RootDatabase => {
  const root = lmdb.open(options)
  wrap(root)
  const openDB = root.openDB.bind(root) as (...args: ReadonlyArray<unknown>) => object
  Object.assign(root, {
    openDB: (...args: ReadonlyArray<unknown>) => {
      const database = openDB(...args)
      if (database !== undefined) wrap(database)
      return database
    },
  })
  return root
}
