/** Times as the screen shows them, in few cells. Pure but for the machine's zone. */

const two = (n: number): string => String(n).padStart(2, "0")

export const clock = (iso: string): string => {
  const at = new Date(iso)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

export const date = (iso: string): string => {
  const at = new Date(iso)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

const short = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`
}

export const age = (iso: string, now: number): string => short(now - Date.parse(iso))

export const left = (iso: string, now: number): string => {
  const ms = Date.parse(iso) - now
  return ms <= 0 ? "about to expire" : `expires in ${short(ms)}`
}
