// Draws every strip inside Pyodide and prints the SHA-256 of each: what `test_pyodide.py` compares with CPython.
//
//     node tests/comics/pyodide.mjs <folder of pyodide> <zip of modules> <pickled strips>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, modules, jobs] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ indexURL: `${folder}/` });
pyodide.unpackArchive(new Uint8Array(readFileSync(modules)), "zip", { extractDir: "/modules" });
pyodide.FS.writeFile("/jobs.pickle", readFileSync(jobs));
console.log(
  pyodide.runPython(`
import sys
sys.path.insert(0, "/modules")
import hashlib, json, pickle, comics

def digests():
    for strip, language, words, typeface in pickle.load(open("/jobs.pickle", "rb")):
        for draw in (comics.figure, comics.sheet):
            drawn = draw(strip, language, words.__getitem__, typeface)
            yield hashlib.sha256(drawn.encode()).hexdigest()

json.dumps([sys.platform, list(digests())])
`),
);
