// The parser for HCL: tree-sitter with its grammar for Terraform, loaded once a process.
import { createRequire } from "node:module";
import { Language, Parser, type Tree } from "web-tree-sitter";

/** Null: the parser gave up. The tree is the caller's to delete. */
export type ParseHcl = (text: string) => Tree | null;

/** The .wasm lies in the grammar's package, which lies wherever npm has put it: Node finds it. */
export function loadGrammar(): Promise<ParseHcl> {
  loading ??= load();
  return loading;
}

let loading: Promise<ParseHcl> | undefined;

async function load(): Promise<ParseHcl> {
  await Parser.init();
  const wasm = createRequire(import.meta.url).resolve(
    "@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm",
  );
  const language = await Language.load(wasm);
  const parser = new Parser().setLanguage(language);
  return (text) => {
    // After a parse that was given up the parser would go on with the old text.
    parser.reset();
    return parser.parse(text);
  };
}
