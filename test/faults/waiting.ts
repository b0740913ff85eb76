/**
 * Preloaded into a process whose system calls are to fail: starts libuv's one thread (which writes for LMDB), says so on
 * stderr and goes on once it was told to, so that a tracer can take hold of that thread before.
 */
import { readSync, writeSync } from "node:fs"
import { stat } from "node:fs/promises"

await stat(".")
writeSync(2, "waiting\n")
readSync(0, Buffer.alloc(1))
