// The option `--trust` of commands that pass files to HAProxy.
import type { CommandSpec, Given } from "./command.ts";

export const TRUST: CommandSpec["options"][number] = {
  flags: "--trust",
  about:
    "for your own files: HAProxy gets every line, including those that load code, run programs, open files or sockets, or use the network, and your environment",
};

export function trustOf(given: Given): { readonly trust: boolean } {
  return { trust: given.flag("trust") };
}
