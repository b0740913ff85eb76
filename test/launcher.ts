/**
 * The program that the end-to-end tests start. Under the test runner it is the bundle, built once for the run by
 * `builtLauncher.ts`: it is what a user runs, and a start costs a third of one from the sources. Outside of it, and in
 * the tests that are about a clone, it is the sources.
 */
import { join } from "node:path"

export const root = join(import.meta.dirname, "..")
/** A clone's own, which runs the sources. */
export const sourceLauncher = join(root, "bin", "claw.cjs")
export const launcher = process.env["CLAW_TEST_LAUNCHER"] ?? sourceLauncher
