// The parser for HCL: tree-sitter with its grammar for Terraform, loaded once per process.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Language, Parser, type Tree } from "web-tree-sitter";

/** Null: the parser gave up. The user of the tree must delete it. */
export type ParseHcl = (text: string) => Tree | null;

export function loadGrammar(): Promise<ParseHcl> {
  loading ??= load();
  return loading;
}

let loading: Promise<ParseHcl> | undefined;

async function load(): Promise<ParseHcl> {
  await Parser.init();
  const language = await Language.load(grammarFile());
  const parser = new Parser().setLanguage(language);
  return (text) => {
    // After an aborted parse, the parser would continue with the old text.
    parser.reset();
    return parser.parse(text);
  };
}

/**
 * In the package it is next to this file, so that users need no grammar package: that one compiles a native grammar where it has
 * none prebuilt (musl). In a checkout it is where npm has put that package.
 */
function grammarFile(): string {
  const own = fileURLToPath(new URL("./tree-sitter-terraform.wasm", import.meta.url));
  return existsSync(own)
    ? own
    : createRequire(import.meta.url).resolve(
        "@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm",
      );
}
