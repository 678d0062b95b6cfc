// Typical Dockerfiles, and truncated or mistyped ones.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDockerfile } from "../../../src/wiring/dockerfile/read.ts";

const file = "Dockerfile";
const golden = new URL("../../golden/", import.meta.url);

function read(...lines: readonly string[]) {
  return readDockerfile({ file, text: lines.join("\n") });
}

function packagesOf(...lines: readonly string[]) {
  return read(...lines).image?.packages.map(({ value }) => value);
}

test("the Dockerfile of examples/hand-written", () => {
  const text = readFileSync(new URL("../../../examples/hand-written/Dockerfile", import.meta.url), "utf8");
  const { image, leftOut } = readDockerfile({ file, text });
  expect(leftOut).toEqual([]);
  expect(image).toMatchObject({
    base: { value: "debian-10", at: { line: 1, column: 6, length: 9 } },
    packages: [
      { value: "haproxy", at: { line: 5, column: 48, length: 7 } },
      { value: "rsyslog", at: { line: 5, column: 56, length: 7 } },
      { value: "ca-certificates", at: { line: 5, column: 64, length: 15 } },
    ],
    command: { form: "shell", at: { line: 15, column: 5 } },
    copies: [
      { from: "haproxy.cfg", to: "/etc/haproxy/haproxy.cfg" },
      { from: "moved.map", to: "/etc/haproxy/moved.map" },
      { from: "rsyslog-haproxy.conf", to: "/etc/rsyslog.d/49-haproxy.conf" },
      { from: "resolv.conf.extra", to: "/etc/resolv.conf.extra" },
    ],
  });
  expect([image?.user, image?.stopSignal, image?.entrypoint]).toEqual([undefined, undefined, undefined]);
  expect(image?.exposed.map(({ value }) => value)).toEqual([10080, 10443, 10900]);
});

const COPIED = ["FROM haproxy:3.2", "COPY haproxy.cfg /usr/local/etc/haproxy/haproxy.cfg"];

test.each([
  ["RUN sed -i s/a/b/ /usr/local/etc/haproxy/haproxy.cfg"],
  ["WORKDIR /usr/local/etc/haproxy\nRUN cd . && sed -i s/a/b/ haproxy.cfg"],
  ["RUN echo '  maxconn 5' >>/usr/local/etc/haproxy/haproxy.cfg"],
  ["RUN envsubst < /tmp/x > /usr/local/etc/haproxy/haproxy.cfg"],
  ['RUN ["sed", "-i", "s/a/b/", "/usr/local/etc/haproxy/haproxy.cfg"]'],
  ["ADD https://example.com/haproxy.cfg /usr/local/etc/haproxy/haproxy.cfg"],
  ["COPY <<EOF /usr/local/etc/haproxy/haproxy.cfg\nglobal\nEOF"],
])("a copied file that a later instruction may change is named: %s", (later) => {
  expect(read(...COPIED, later).leftOut).toMatchObject([
    {
      what: "this instruction may change haproxy.cfg, which an earlier one copies into the image",
      severity: "note",
    },
  ]);
});

test.each([
  [
    "RUN chown haproxy /usr/local/etc/haproxy/haproxy.cfg && haproxy -c -f /usr/local/etc/haproxy/haproxy.cfg",
  ],
  ["RUN apt-get install -y haproxy"],
  ["COPY <<EOF /etc/motd\nhaproxy.cfg\nEOF"],
])("a copied file that no later instruction changes is not: %s", (later) => {
  expect(read(...COPIED, later).leftOut).toEqual([]);
});

test("every Dockerfile that Portico writes is read completely", () => {
  const cases = readdirSync(golden, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("/Dockerfile"),
  );
  expect(cases.length).toBeGreaterThan(5);
  for (const path of cases) {
    const { image, leftOut } = readDockerfile({
      file: path,
      text: readFileSync(new URL(path, golden), "utf8"),
    });
    expect([path, leftOut]).toEqual([path, []]);
    expect(image).toMatchObject({
      user: { value: "99:99" },
      stopSignal: { value: "SIGUSR1" },
      entrypoint: { form: "exec" },
    });
  }
});

describe("the base", () => {
  test("an ARG before FROM is substituted", () => {
    expect(read("ARG RELEASE=24.04", "FROM ubuntu:${RELEASE}").image?.base).toMatchObject({
      value: "ubuntu:24.04",
    });
  });

  test("an ARG without a default is not guessed", () => {
    expect(read("ARG RELEASE", "FROM ubuntu:$RELEASE").image?.base).toEqual({
      unknown: "the build argument RELEASE has no default",
      at: { file, line: 2, column: 6, length: 15 },
    });
    expect(read("ARG RELEASE", "FROM ubuntu:${RELEASE:-22.04}").image?.base).toMatchObject({
      value: "ubuntu:22.04",
    });
  });

  test("a stage's name is resolved, with the stage's settings", () => {
    const { image } = read(
      "FROM --platform=linux/amd64 debian:12 AS Parts",
      "USER haproxy",
      "RUN apt-get install -y haproxy",
      "FROM alpine AS other",
      "RUN apk add rsyslog",
      "FROM parts",
      'CMD ["haproxy"]',
    );
    expect(image).toMatchObject({
      base: { value: "debian:12", at: { line: 1 } },
      user: { value: "haproxy", at: { line: 2 } },
      packages: [{ value: "haproxy" }],
      at: { line: 6 },
    });
  });

  test("from scratch, with files of a stage", () => {
    const { image } = read(
      "FROM debian:12 AS parts",
      "COPY conf /etc/haproxy",
      "RUN apt-get install -y haproxy",
      "FROM scratch",
      "COPY --from=parts /etc/haproxy /usr/local/etc/haproxy",
    );
    expect(image).toMatchObject({
      base: { value: "scratch" },
      packages: [],
      copies: [{ from: "conf", to: "/usr/local/etc/haproxy" }],
    });
  });
});

describe("packages", () => {
  test.each([
    [
      "options and versions",
      "RUN apt-get -qq install --yes -t bookworm-backports haproxy=2.6.* rsyslog:amd64",
    ],
    [
      "variables before it",
      "RUN set -eux; DEBIAN_FRONTEND=noninteractive apt-get install -y haproxy rsyslog",
    ],
    [
      "apk with a virtual group that is removed again",
      "RUN apk add --no-cache --virtual .build gcc make && apk add haproxy rsyslog && apk del .build",
    ],
    [
      "microdnf",
      "RUN microdnf install -y --setopt install_weak_deps=0 haproxy rsyslog > /dev/null 2>&1 && microdnf clean all",
    ],
    ["exec form", 'RUN ["apt-get", "install", "-y", "haproxy", "rsyslog"]'],
    ["quotes", "RUN apt-get install -y 'haproxy' \"rsyslog\""],
    ["an ENV", 'ENV PKG="haproxy rsyslog"\nRUN yum -y install $PKG'],
    ["a mount", "RUN --mount=type=cache,target=/var/cache/apt apt-get install -y haproxy rsyslog"],
    ["sudo and if", "RUN if true; then sudo apt-get install -y haproxy rsyslog; fi"],
    ["a removed package", "RUN apt-get install -y curl haproxy rsyslog && apt-get purge -y curl"],
    ["a heredoc", "RUN <<EOF\napt-get update\napt-get install -y haproxy rsyslog\nEOF"],
    [
      "comments between lines",
      "RUN apt-get install -y \\\n  # the proxy\n  haproxy \\\n\n  # its log\n  rsyslog",
    ],
  ])("%s", (_, line) => {
    expect(packagesOf("FROM debian", line)).toEqual(["haproxy", "rsyslog"]);
  });

  test("a package that is only mentioned is not installed", () => {
    expect(
      packagesOf("FROM debian", "RUN echo 'apt-get install -y haproxy' # apt-get install rsyslog"),
    ).toEqual([]);
  });

  test("a name that is known only at build time is reported", () => {
    expect(read("FROM debian", "ARG PKG", "RUN apt-get install -y $PKG rsyslog")).toMatchObject({
      image: { packages: [{ value: "rsyslog" }] },
      leftOut: [
        {
          what: "the package $PKG is left out: the build argument PKG has no default",
          severity: "note",
          at: { line: 3, column: 24, length: 4 },
        },
      ],
    });
  });

  test("each has its position, with CRLF and a byte order mark too", () => {
    const { image } = readDockerfile({
      file,
      text: "\uFEFFFROM debian\r\nRUN apt-get install -y \\\r\n    haproxy\r\nUSER 99\r\n",
    });
    expect(image?.packages).toEqual([{ value: "haproxy", at: { file, line: 3, column: 5, length: 7 } }]);
    expect(image?.user).toEqual({ value: "99", at: { file, line: 4, column: 6, length: 2 } });
  });
});

describe("the command", () => {
  test("an ENTRYPOINT resets the base stage's CMD, not its own", () => {
    expect(read("FROM a AS x", "CMD run", "FROM x", 'ENTRYPOINT ["haproxy"]').image?.command).toBeUndefined();
    expect(read("FROM a", 'CMD ["-W"]', 'ENTRYPOINT ["haproxy"]').image?.command).toMatchObject({
      words: ["-W"],
    });
  });

  test("across several lines", () => {
    expect(
      read("FROM a", 'CMD ["haproxy", \\', "  # in the foreground", '  "-db"]').image?.command,
    ).toMatchObject({
      form: "exec",
      words: ["haproxy", "-db"],
    });
  });

  test("ports, copies and a destination with a trailing slash", () => {
    const { image } = read(
      "FROM a",
      "EXPOSE 80/tcp 8000-8002",
      "COPY a/haproxy.cfg conf.d /etc/haproxy/",
      'ADD --chown=99 ["x y", "/z"]',
    );
    expect(image?.exposed.map(({ value }) => value)).toEqual([80, 8000, 8001, 8002]);
    expect(image?.copies.map(({ from, to }) => [from, to])).toEqual([
      ["a/haproxy.cfg", "/etc/haproxy/haproxy.cfg"],
      ["conf.d", "/etc/haproxy/conf.d"],
      ["x y", "/z"],
    ]);
  });
});

describe("invalid input", () => {
  test.each([
    ["no FROM", ["RUN ls"], "RUN is before the first FROM", 1],
    ["nothing", [""], "has no FROM, so it builds no image", 1],
    ["an unknown instruction", ["FROM a", "INSTALL haproxy"], "INSTALL is not a Dockerfile instruction", 2],
    [
      "truncated after a continuation",
      ["FROM a", "RUN apt-get update && \\"],
      "the file ends in the middle of RUN",
      2,
    ],
    [
      "truncated in a heredoc",
      ["FROM a", "RUN <<EOF", "apt-get update"],
      "the file ends in the middle of RUN",
      2,
    ],
    ["truncated in a list", ["FROM a", 'CMD ["haproxy", "-f'], "CMD starts like a list and is not JSON", 2],
    ["single quotes in a list", ["FROM a", "CMD ['haproxy']"], "CMD starts like a list and is not JSON", 2],
    ["bytes", ["FROM a", "\u0000\u0001"], "not read: it is not text", 2],
    ["a trigger", ["FROM a", "ONBUILD RUN ls"], "ONBUILD is left out", 2],
    ["an empty FROM", ["FROM"], "FROM names no image", 1],
    ["a lone USER", ["FROM a", "USER"], "USER is left out: it has no argument", 2],
  ])("%s", (_, lines, what, line) => {
    expect(read(...lines).leftOut).toContainEqual(
      expect.objectContaining({ what, at: expect.objectContaining({ line }) }),
    );
  });

  test("content over the limits is not read, and reported", () => {
    expect(read("FROM a", ...Array<string>(30_000).fill("RUN ls  # x")).leftOut).toMatchObject([
      { what: "not read: larger than 256 KiB" },
    ]);
  });

  test("real files with random deletions and insertions never throw", () => {
    const texts = readdirSync(golden, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith("/Dockerfile"))
      .map((path) => readFileSync(new URL(path, golden), "utf8"));
    const piece = fc.constantFrom(
      "\\\n",
      "<<EOF",
      "FROM ",
      "--from=",
      "${",
      "}",
      '["',
      "'",
      '"',
      "\n",
      "\r",
      "#",
      "`",
      "$X",
      "RUN ",
      "é😀",
      "[",
      "&&",
    );
    const edit = fc.record({
      at: fc.nat(4000),
      drop: fc.nat(60),
      put: fc.oneof(piece, fc.string({ unit: "binary" })),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        (text, edits) => {
          let made = text;
          for (const { at, drop, put } of edits) {
            const place = at % (made.length + 1);
            made = made.slice(0, place) + put + made.slice(place + drop);
          }
          const { image, leftOut } = readDockerfile({ file, text: made });
          // A file that builds nothing is always reported.
          expect(image !== undefined || leftOut.length > 0).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
