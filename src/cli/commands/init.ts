// portico init: writes a first description that renders, has no findings and passes its own expectations.
import { closeSync, existsSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandSpec } from "../command.ts";
import { makeFolder } from "../make-folder.ts";
import { shown } from "../planned.ts";

export const initCommand: CommandSpec = {
  name: "init",
  arguments: "[dir]",
  summary: "write a first description, with expectations that pass",
  options: [
    { flags: "--name <name>", about: "the name of the edge; default: the name of the folder" },
    { flags: "--typescript", about: "write portico.config.ts instead of portico.yaml" },
  ],
  examples: ["portico init my-edge", "portico init . --typescript"],
  async run(context, given) {
    const folder = resolve(context.cwd, given.text("dir") ?? ".");
    const there = existsSync(folder)
      ? readdirSync(folder).find((name) => /^portico\.(ya?ml|config\.[cm]?[jt]s)$/.test(name))
      : undefined;
    if (there !== undefined) {
      context.log(`${shown(context, join(folder, there))} exists already; nothing was written`);
      return 2;
    }
    const name = given.text("name") ?? edgeName(basename(folder));
    if (!/^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/.test(name)) {
      context.log(
        `${JSON.stringify(name)} is not a valid name of an edge: write up to 50 lower-case letters, digits and -, beginning with a letter`,
      );
      return 2;
    }
    const { firstYaml, firstConfig } = await import("../first-description.ts");
    const [file, text] = given.flag("typescript")
      ? ["portico.config.ts", firstConfig(name)]
      : ["portico.yaml", firstYaml(name, schemaPath(folder))];
    makeFolder(folder);
    writeNew(join(folder, file), text);
    const inFolder = folder === context.cwd ? "" : ` ${shown(context, folder)}`;
    context.print(
      `${shown(context, join(folder, file))} written\n\nNext:  portico test${inFolder}\n       portico render${inFolder}\n       portico explain GET https://www.example.com/api/x${inFolder}`,
    );
    return 0;
  },
};

/** The schema of the installed package, found as Node finds packages; otherwise of the Portico that runs, such as a checkout. */
function schemaPath(folder: string): string {
  const installed = [folder, ...parents(folder)].map((one) => join(one, "node_modules/portico/schema.json"));
  const own = fileURLToPath(new URL("../../../schema.json", import.meta.url));
  const path = relative(folder, installed.find((file) => existsSync(file)) ?? own);
  return path.startsWith(".") ? path : `./${path}`;
}

function parents(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...parents(parent)];
}

/** Removes the file if it cannot be written completely. */
function writeNew(file: string, text: string): void {
  const descriptor = openSync(file, "wx");
  try {
    writeFileSync(descriptor, text);
  } catch (error) {
    rmSync(file, { force: true });
    throw Object.assign(error as Error, { path: file });
  } finally {
    closeSync(descriptor);
  }
}

/** The name of an edge, from the name of a folder: `My Edge` → `my-edge`, `9lives` → `edge-9lives`. */
function edgeName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .replace(/^(?=[0-9])/, "edge-")
    .slice(0, 50)
    .replace(/-+$/, "");
  return name === "" ? "edge" : name;
}
