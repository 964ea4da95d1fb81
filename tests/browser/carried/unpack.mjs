// Unpacks the Chromium of the package, and the libraries that it needs beside libc, into a folder.
import { spawnSync } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const [, , folder] = process.argv;
const packed = fileURLToPath(new URL("./node_modules/@sparticuz/chromium/bin/", import.meta.url));

async function open(name, to, mode) {
  await pipeline(createReadStream(join(packed, name)), createBrotliDecompress(), createWriteStream(to, { mode }));
}

const libraries = join(folder, "libraries.tar");
await Promise.all([open("chromium.br", join(folder, "chromium"), 0o755), open("al2023.tar.br", libraries, 0o644)]);
process.exit(spawnSync("tar", ["-xf", libraries, "-C", folder]).status ?? 1);
