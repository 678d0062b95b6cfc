// The option `--trust`, which commands that hand files to HAProxy have in common.
import type { CommandSpec, Given } from "./command.ts";

export const TRUST: CommandSpec["options"][number] = {
  flags: "--trust",
  about:
    "for your own files: HAProxy gets every line, also those that load code, run programs, open files or sockets, or call the network, and your environment",
};

export function trustOf(given: Given): { readonly trust: boolean } {
  return { trust: given.flag("trust") };
}
