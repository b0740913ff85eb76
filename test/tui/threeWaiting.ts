/** Three suggestions that wait, of low risk, of high risk and without a sandbox, before a driver that shows them. */
import { Driver } from "./drive.ts"
import { detail, plan, suggestion } from "./samples.ts"

export const low = suggestion("s_low")
const high = suggestion("s_high", { risk: "high" })
const danger = suggestion("s_box")
export const rows = [low, high, danger]
export const details = [
  detail(low, [plan({}, "d-low-1"), plan({}, "d-low-2")]),
  detail(high, [plan({}, "d-high")]),
  detail(danger, [plan({ sandbox: "none" }, "d-box")]),
]
export const connected = () => new Driver().connect(rows, details)
