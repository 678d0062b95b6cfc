// portico image build with a stub of buildah: its arguments, and the effect of its failure.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "../cli/portico.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");
const compileCache = join(import.meta.dirname, "../../node_modules/.cache/portico");

/**
 * Records its arguments in `asked`, and has the images named in `held`. Nothing else is on PATH.
 */
function program(build: string): string {
  return `#!/bin/sh
folder=\${0%/*}
echo "$*" >>"$folder/asked"
case $1 in
  --version) echo "buildah version 1.99.0 (image-spec 1.1.0)" ;;
  inspect) while read -r held; do [ "$held" = "$4" ] && exit 0; done <"$folder/held"; exit 1 ;;
  build) ${build} ;;
esac
`;
}

/** Prints a build's output, and stores the image: the tag is its sixth argument. */
const BUILDS = 'echo "STEP 1/2: FROM debian"; echo "$6" >>"$folder/held"';

async function machine(build: string) {
  const folder = folderWith({
    "portico.yaml": DESCRIPTION,
    "with-registry.yaml": `${DESCRIPTION}image: { repository: registry.example.com/web/app-edge, config: image }\n`,
    "bin/buildah": program(build),
    "bin/held": "",
  });
  await chmod(join(folder, "bin/buildah"), 0o755);
  return {
    calls: () => readFileSync(join(folder, "bin/asked"), "utf8").trim().split("\n"),
    async image(...args: string[]) {
      const child = spawn(
        process.execPath,
        ["--conditions=portico-sources", main, "image", "build", ...args],
        {
          cwd: folder,
          env: { PATH: join(folder, "bin"), NODE_COMPILE_CACHE: compileCache },
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      const [stdout, stderr, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close"),
      ]);
      return { status, stdout, stderr };
    },
  };
}

test("builds the image of a name once, and pushes it on request", async () => {
  const { image, calls } = await machine(BUILDS);
  const first = await image("with-registry.yaml", "--json");
  expect(first).toMatchObject({ status: 0, stderr: "" });
  const { reference } = JSON.parse(first.stdout) as { reference: string };
  expect(JSON.parse(first.stdout)).toEqual({
    reference: expect.stringMatching(/^registry\.example\.com\/web\/app-edge:[0-9a-f]{12}$/),
    tool: { name: "buildah", version: "1.99.0" },
    built: true,
    pushed: false,
    failed: null,
  });
  const again = await image("with-registry.yaml", "--push");
  expect(again).toMatchObject({ status: 0, stdout: `${reference}  already built, pushed\n`, stderr: "" });
  expect(calls().filter((line) => line.startsWith("build "))).toHaveLength(1);
  expect(calls().at(-1)).toBe(`push ${reference}`);
});

test("a failed build prints the program's last lines", async () => {
  const { image } = await machine('echo "[ALERT] (1) : config : unknown keyword" >&2; exit 3');
  const { status, stdout, stderr } = await image();
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toBe(
    "portico: buildah build failed (exit status 3); its last lines:\n\n  [ALERT] (1) : config : unknown keyword\n",
  );
});

test("a program that reports success but has no image is a failure", async () => {
  const { image } = await machine("exit 0");
  expect(await image()).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("does not have the image"),
  });
});

test("without a build program, the error names what to install", async () => {
  const { image } = await machine(BUILDS);
  const { status, stderr } = await image("--with", "podman");
  expect(status).toBe(2);
  expect(stderr).toContain("image-tool-missing");
  expect(stderr).toContain("podman: not on PATH");
});

test("an image whose name has no registry is not pushed", async () => {
  const { image } = await machine(BUILDS);
  const { status, stderr } = await image("--push");
  expect(status).toBe(2);
  expect(stderr).toContain("repository: registry.example.com/app-edge");
});

test.each([["image"], ["image", "bild"]])("%s is wrong usage", async (...args) => {
  const { status, stderr } = await portico(args);
  expect(status).toBe(2);
  expect(stderr).toMatch(/Usage: portico image|unknown command 'bild'/);
});
