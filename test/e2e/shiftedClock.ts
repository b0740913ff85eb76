/** Preloaded into the daemon: the clock shows what a file says is between it and the right time, in milliseconds. */
import { readFileSync } from "node:fs"

const path = process.env["CLAW_TEST_CLOCK"]
const RealDate = Date
const shift = (): number => {
  try {
    return path === undefined ? 0 : Number(readFileSync(path, "utf8"))
  } catch {
    return 0
  }
}
const now = (): number => RealDate.now() + shift()

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: Array<unknown>) =>
    args.length === 0 ? new target(now()) : (Reflect.construct(target, args) as Date),
  get: (target, key) => (key === "now" ? now : (Reflect.get(target, key) as unknown)),
})
