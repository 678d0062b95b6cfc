// The mirror of Debian's packages, from the output of `apt-get update --print-uris` on different machines.
import { expect, test } from "vitest";
import { debianMirrors, mirrorsIn } from "../../scripts/debian-mirror.mjs";

const debian = (base: string, suite: string) =>
  `'${base}/dists/${suite}/InRelease' ${suite}_InRelease 0 \n'${base}/dists/${suite}/main/binary-amd64/Packages.xz' x 0 \n`;

test.each([
  [
    "Debian stable with a repository of another project first",
    debian("https://download.example.com/linux/debian", "trixie") +
      debian("http://mirror.example/debian", "trixie") +
      debian("http://mirror.example/debian", "trixie-updates") +
      debian("http://security.example/debian-security", "trixie-security"),
    { archive: "http://mirror.example/debian", security: "http://security.example/debian-security" },
  ],
  [
    "Debian unstable, which has no updates or security archive",
    debian("http://mirror.example/debian/", "sid"),
    { archive: "http://mirror.example/debian", security: undefined },
  ],
  [
    "Ubuntu",
    debian("http://archive.example/ubuntu", "noble") +
      debian("http://archive.example/ubuntu", "noble-updates"),
    { archive: undefined, security: undefined },
  ],
  ["a machine without apt", "", { archive: undefined, security: undefined }],
])("%s", (_, printed, expected) => {
  expect(mirrorsIn(printed)).toEqual(expected);
});

test("PORTICO_DEBIAN_MIRROR names the archive instead", () => {
  expect(debianMirrors({ PORTICO_DEBIAN_MIRROR: "http://mirror.example/debian/" }).archive).toBe(
    "http://mirror.example/debian",
  );
});
