// Copies the grammar for Terraform, with its licence, next to the built file that loads it (src/wiring/terraform/grammar.ts).
import { copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const from = createRequire(import.meta.url).resolve(
  "@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm",
);
const to = fileURLToPath(new URL("../dist/wiring/terraform/", import.meta.url));
copyFileSync(from, `${to}tree-sitter-terraform.wasm`);
copyFileSync(from.replace(/[^/\\]*$/, "LICENSE"), `${to}tree-sitter-terraform.LICENSE`);
