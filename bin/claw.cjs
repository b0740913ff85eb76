#!/usr/bin/env node
// The launcher: plain old JavaScript, so that a Node that is too old can still say so in one line.
// A clone runs its sources on the Node it pins; an installed package runs its bundle on the user's.
"use strict"
var fs = require("fs")
var path = require("path")
var url = require("url")

var root = path.join(__dirname, "..")
var source = path.join(root, "src", "cli", "main.ts")
var isClone = fs.existsSync(source)
var entry = isClone ? source : path.join(root, "dist", "claw.js")
var major = parseInt(process.versions.node, 10)

if (major >= 24) {
  require("module").enableCompileCache()
  import(url.pathToFileURL(entry).href)
} else {
  var pinned = path.join(root, "node_modules", "node", "bin", "node")
  if (isClone && fs.existsSync(pinned)) {
    var child = require("child_process").spawn(pinned, [__filename].concat(process.argv.slice(2)), {
      stdio: "inherit",
    })
    ;["SIGINT", "SIGTERM", "SIGHUP"].forEach(function (signal) {
      process.on(signal, function () {
        child.kill(signal)
      })
    })
    child.on("exit", function (code, signal) {
      process.exit(signal ? 130 : code)
    })
  } else {
    console.error("claw needs Node 24 or later; this is " + process.version + " (" + process.execPath + ")")
    process.exit(1)
  }
}
