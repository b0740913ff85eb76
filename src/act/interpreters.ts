/**
 * How each language of the REPL is run: the interpreter's argv and a fixed program that reads the code from standard
 * input, so that the code is never part of a command line. Pure data.
 * Invariant: the code sees an empty standard input; the value of its last expression is the last line, after `=> `.
 */

export interface Interpreter {
  /** Names to look for, the first one found counts. */
  readonly programs: ReadonlyArray<string>
  readonly args: ReadonlyArray<string>
  readonly value: boolean
}

/** Tried as a script first, whose last value counts; then as an expression and as a body that may await. */
const node = `
const fs = require("node:fs"), path = require("node:path"), util = require("node:util"), vm = require("node:vm");
const code = fs.readFileSync(0, "utf8");
const filename = path.join(process.cwd(), "[repl]");
globalThis.require = require("node:module").createRequire(filename);
const options = { filename, importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER };
const forms = [code, "(async () => (\\n" + code + "\\n))()", "(async () => {\\n" + code + "\\n})()"];
let script, first;
for (const [index, form] of forms.entries()) {
  try {
    script = new vm.Script(form, index === 0 ? options : { ...options, lineOffset: -1 });
    break;
  } catch (error) {
    first ??= error;
  }
}
if (script === undefined) throw first;
(async () => {
  const value = await script.runInThisContext();
  if (value !== undefined) console.log("=> " + util.inspect(value, { depth: 4, maxArrayLength: 200 }));
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
`

/** Its own modules are loaded before the workspace is on the path: a file of that name there must not be run. */
const python = `
import ast, linecache, os, sys, traceback
source = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
linecache.cache["<repl>"] = (len(source), None, source.splitlines(True), "<repl>")
sys.path.insert(0, os.getcwd())
scope = {"__name__": "__main__", "__builtins__": __builtins__}
try:
    tree = ast.parse(source, "<repl>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<repl>", "exec"), scope)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<repl>", "eval"), scope)
        if value is not None:
            print("=> " + repr(value))
except SystemExit:
    raise
except BaseException as error:
    sys.stdout.flush()
    kind, value, trace = sys.exc_info()
    traceback.print_exception(kind, value, trace.tb_next)
    sys.exit(1)
`

/** The code is read by its own descriptor, so that its commands cannot swallow the rest of it. */
const sh = "exec 9<&0 </dev/null; . /dev/fd/9"

export const interpreters: Readonly<Record<"node" | "python" | "sh", Interpreter>> = {
  node: { programs: ["node"], args: ["--no-warnings", "-e", node], value: true },
  python: { programs: ["python3", "python"], args: ["-I", "-u", "-c", python], value: true },
  sh: { programs: ["sh"], args: ["-c", sh], value: false },
}
