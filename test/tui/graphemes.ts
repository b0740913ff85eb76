/**
 * How wide a terminal draws a character, by Unicode's clusters. The library reads the length of its tables at the
 * beginning of the memory they lie in, so they must not lie in the pool that Node cuts small buffers from: what was
 * there before would be taken for it, and inflating the tables fails or never ends.
 */
const { poolSize } = Buffer
Buffer.poolSize = 0
const { UnicodeGraphemesAddon } = await import("@xterm/addon-unicode-graphemes")
Buffer.poolSize = poolSize

export { UnicodeGraphemesAddon }
