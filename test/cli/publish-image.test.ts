// Publishing the image to the nodes: known obstacles, and the output of a command that loads it.
import { expect, test } from "vitest";
import type { CommandContext } from "../../src/cli/command.ts";
import { publishImage, publishingFindings } from "../../src/cli/publish-image.ts";

const built = { reference: "app-edge:1", files: [] };

test("a name without a registry, where it would be pushed", () => {
  expect(publishingFindings(built, { build: true })).toMatchObject([
    { code: "image-without-registry", severity: "error" },
  ]);
});

test.each([
  ["a command loads it", built, { build: true, load: "true" }],
  ["the nodes have it", built, { build: false }],
  ["another is named", { ...built, files: undefined }, { build: true }],
  ["it has a registry", { ...built, reference: "registry.example.com/app-edge:1" }, { build: true }],
])("nothing when %s", (_, image, options) => {
  expect(publishingFindings(image, options)).toEqual([]);
});

async function load(command: string, interrupted = false) {
  const complaints: string[] = [];
  const context: CommandContext = {
    cwd: "/",
    env: process.env,
    version: "0",
    print: () => undefined,
    log: (text) => complaints.push(text),
    terminal: { out: false, err: false },
    colour: { out: false, err: false },
    width: 100,
    onInterrupt: (close) => {
      if (interrupted) void close();
      return () => undefined;
    },
  };
  const published = await publishImage(
    context,
    { reference: "app-edge:1", files: undefined },
    { build: false, load: command },
  );
  return { published, complaints };
}

test("a command that loads it gets its name", async () => {
  expect(await load("test app-edge:1 =")).toEqual({ published: true, complaints: [] });
});

test("a command that fails: its output", async () => {
  const { published, complaints } = await load("echo no such cluster >&2; exit 3; echo");
  expect(published).toBe(false);
  expect(complaints[0]).toMatch(/exited with status 3:\nno such cluster$/);
});

test("a command that fails without output", async () => {
  expect((await load("false")).complaints[0]).toMatch(/exited with status 1, without output$/);
});

test("a command that is interrupted by Ctrl-C is not reported as failed", async () => {
  expect(await load("exec sleep 1000", true)).toEqual({ published: false, complaints: [] });
});
