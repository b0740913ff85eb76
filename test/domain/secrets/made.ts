/** Values that look random and are the same every time, put together when a test runs. */
export const lower = "abcdefghijklmnopqrstuvwxyz"
export const digits = "0123456789"
export const alphanumeric = lower + lower.toUpperCase() + digits
export const hex = `${digits}abcdef`

export const made = (length: number, from = alphanumeric, seed = 7): string => {
  let state = seed
  let out = ""
  for (let i = 0; i < length; i++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    out += from[Math.floor((state / 2_147_483_648) * from.length)]
  }
  return out
}
