// Compiles the part of Python's library that every start imports, inside the very Pyodide that will run it, and
// leaves the rest as it is: what the npm package brings has no bytecode, and compiling it took most of a start.
//
//     node scripts/bytecode.mjs <folder of pyodide> <zip to write>
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, target] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const python = await loadPyodide({ indexURL: `${folder}/`, env: { PYTHONHASHSEED: "0" } });
python.FS.writeFile("/in.zip", readFileSync(`${folder}/python_stdlib.zip`));
python.runPython(`
import collections.abc, dataclasses, datetime, importlib, json, math, py_compile, sys, typing, zipfile

ROOT = f"/lib/python{sys.version_info.major}{sys.version_info.minor}.zip/"
files = (getattr(module, "__file__", None) or "" for module in list(sys.modules.values()))
used = {file.removeprefix(ROOT) for file in files if file.startswith(ROOT)}

def compiled(source, name):
    with open("/module.py", "wb") as file:
        file.write(source)
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile("/module.py", "/module.pyc", ROOT + name, doraise=True, invalidation_mode=unchecked)
    with open("/module.pyc", "rb") as file:
        return file.read()

# Stored, not deflated: the whole zip is packed for the way, and imports need not unpack it piece by piece.
with zipfile.ZipFile("/in.zip") as source, zipfile.ZipFile("/out.zip", "w") as target:
    for name in sorted(source.namelist()):
        data = source.read(name)
        if name in used:
            name, data = name + "c", compiled(data, name)
        target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
`);
writeFileSync(target, python.FS.readFile("/out.zip"));
