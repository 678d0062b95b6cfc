// The image layer: its name, and values of a description that must not break the Dockerfile.
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Edge } from "../../../src/description/define-edge.ts";
import { edge } from "../../../src/description/schema/edge.ts";
import type { EmittedFile } from "../../../src/emit/file.ts";
import { shellWord } from "../../../src/emit/image/writing.ts";
import { emitLayers } from "../../../src/emit/layers.ts";
import { planEdge } from "../../../src/plan/plan-edge.ts";

const DESCRIPTION: Edge = {
  edge: "app",
  sites: [{ host: "app.example.com", routes: [{ to: "app" }] }],
  backends: { app: { service: "app", port: 8080 } },
};

const MOVED: Edge = {
  ...DESCRIPTION,
  sites: [{ host: "app.example.com", routes: [{ to: "app", path: "/app" }] }],
};

function layersOf(description: Edge): readonly EmittedFile[] {
  const { value, findings } = planEdge(edge.parse(description), () => ({ file: "test", line: 1, column: 1 }));
  if (value === undefined) throw new Error(JSON.stringify(findings));
  return emitLayers(value);
}

function imageOf(files: readonly EmittedFile[]): string {
  const workload = files.find(({ path }) => /deployment\.yaml$/.test(path))?.content ?? "";
  const [, image = ""] = /image: "?([^\s"]+)/.exec(workload) ?? [];
  expect(image).toMatch(/^app-edge:[0-9a-f]{12}$/);
  return image;
}

const fileOf = (files: readonly EmittedFile[], path: string) =>
  files.find((file) => file.path === path)?.content ?? "";

describe("the name", () => {
  test("is the same for the same description", () => {
    expect(imageOf(layersOf(DESCRIPTION))).toBe(imageOf(layersOf(DESCRIPTION)));
  });

  test("depends on the configuration only where that is in the image", () => {
    const baked = { image: { config: "image" } } as const;
    expect(imageOf(layersOf(MOVED))).toBe(imageOf(layersOf(DESCRIPTION)));
    expect(imageOf(layersOf({ ...MOVED, ...baked }))).not.toBe(
      imageOf(layersOf({ ...DESCRIPTION, ...baked })),
    );
  });

  test("changes with each revision and digest", () => {
    const images = [
      { revision: "1" },
      { revision: "2" },
      { base: "minimal", revision: "1" },
      { base: "minimal", revision: "2" },
      { baseDigest: `sha256:${"1".repeat(64)}` },
      { baseDigest: `sha256:${"2".repeat(64)}` },
    ] as const;
    const names = images.map((image) => imageOf(layersOf({ ...DESCRIPTION, image })));
    expect(new Set(names).size).toBe(images.length);
  });

  test.each<NonNullable<Edge["image"]>>([
    { base: "ubuntu" },
    { base: "minimal" },
    { tools: ["dnsutils"] },
    { logs: "rsyslog" },
    { revision: "2026-11-30" },
    { baseDigest: `sha256:${"0".repeat(64)}` },
    { base: "minimal", baseDigest: `sha256:${"0".repeat(64)}` },
  ])("changes with %o", (image) => {
    expect(imageOf(layersOf({ ...DESCRIPTION, image }))).not.toBe(imageOf(layersOf(DESCRIPTION)));
  });
});

test.each(["debian", "ubuntu", "official", "minimal", "alpine"] as const)(
  "%s: user 99, soft-stop signal, HAProxy in exec form, no package lists left",
  (base) => {
    const dockerfile = fileOf(layersOf({ ...DESCRIPTION, image: { base } }), "image/Dockerfile");
    const last = dockerfile.split("\n\n\n").at(-1) ?? "";
    expect(last).toContain("\nUSER 99:99\n");
    expect(last.match(/^USER .*$/gm)?.at(-1)).toBe("USER 99:99");
    expect(last).toContain("\nSTOPSIGNAL SIGUSR1\n");
    expect(last).toMatch(
      /\nENTRYPOINT \["\/usr\/(local\/)?sbin\/haproxy"\]\nCMD \["-W","-db","-f","\/etc\/haproxy\/haproxy.cfg"\]\n$/,
    );
    if (dockerfile.includes("apt-get update")) expect(dockerfile).toContain("rm -rf /var/lib/apt/lists/*");
    if (dockerfile.includes("apk add")) expect(dockerfile).toContain("apk add --no-cache");
  },
);

test("a certificate's file is one word for the shell, whatever its name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
      // A description cannot contain control characters in a file's name.
      const name = text.replace(/\p{Cc}/gu, "");
      const printed = execFileSync("/bin/sh", ["-c", `printf %s ${name === "" ? "''" : shellWord(name)}`]);
      expect(printed.toString()).toBe(name);
    }),
    { numRuns: 60 },
  );
});

test("rsyslogd listens where HAProxy writes", () => {
  const files = layersOf({ ...DESCRIPTION, image: { logs: "rsyslog" } });
  const [, socket = "nowhere"] = /^ +log (\S+) /m.exec(fileOf(files, "haproxy/haproxy.cfg")) ?? [];
  expect(socket).toMatch(/^\//);
  expect(fileOf(files, "image/rsyslog.conf")).toContain(`socket="${socket}"`);
  expect(fileOf(files, "image/start-edge")).toContain(`\nsocket=${socket}\n`);
});
