// The build: hashed files below assets/, nothing inline, and each file once more as brotli and gzip.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const OUT = "../built";
const GAIN = 0.95; // what does not get smaller is not kept twice

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const path of files(OUT)) {
        const bytes = readFileSync(path);
        const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        const kept = { br: brotliCompressSync(bytes, { params: quality }), gz: gzipSync(bytes, { level: 9 }) };
        for (const [suffix, small] of Object.entries(kept)) {
          if (small.length < bytes.length * GAIN) writeFileSync(`${path}.${suffix}`, small);
        }
      }
    },
  };
}

export default defineConfig({
  base: "/ui/",
  build: { outDir: OUT, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022" },
  plugins: [compressed()],
  test: { isolate: false },
  server: { proxy: { "/api": process.env["PSMP_GATEWAY"] ?? "http://127.0.0.1:4280" } },
});
