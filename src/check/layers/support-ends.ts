// Releases of distributions and of HAProxy whose support has ended, as of November 2026. The check does not use the
// current date: the same files have the same findings, and later releases are added here.
import { parseImageName } from "../../wiring/image-names.ts";

export interface EndedSupport {
  /** `Ubuntu 16.04` */
  readonly release: string;
  /** `April 2021` */
  readonly since: string;
  /** The replacement. */
  readonly instead: string;
}

/** Free support, security fixes included. undefined: still supported, or not known. */
export function endedSupport(text: string): EndedSupport | undefined {
  const image = parseImageName(text);
  const { name, tag } = (image && gluedTo(image.name)) ?? image ?? {};
  if (tag === undefined) return undefined;
  const family = FAMILIES.find((one) => one.image === name);
  if (family === undefined) return undefined;
  const found = family.ended.find(([versions]) => versions.some((version) => startsWith(tag, version)));
  if (found === undefined) return undefined;
  const [[version = ""], since] = found;
  return { release: `${family.called} ${version}`, since, instead: family.instead };
}

/** `ubuntu1604`, `debian-9`: a release in the name, whatever the tag is. */
function gluedTo(text: string): { readonly name: string; readonly tag: string } | undefined {
  const [, name = "", release = ""] = /(?:^|\/)(ubuntu|debian|centos)[-_]?(\d[\d._]*)$/.exec(text) ?? [];
  if (release === "") return undefined;
  const dotted = /^\d{4}$/.test(release) && name === "ubuntu";
  return { name, tag: dotted ? `${release.slice(0, 2)}.${release.slice(2)}` : release };
}

/** `16.04`, `16.04-slim`, `xenial-20210804`, `2.2.33`, and not `2.20`. */
function startsWith(tag: string, version: string): boolean {
  return tag === version || (tag.startsWith(version) && /^[-.]/.test(tag.slice(version.length)));
}

interface Family {
  readonly image: string;
  readonly called: string;
  readonly instead: string;
  readonly ended: readonly (readonly [readonly string[], string])[];
}

const FAMILIES: readonly Family[] = [
  {
    // ubuntu.com, "The Ubuntu lifecycle and release cadence": end of standard support.
    image: "ubuntu",
    called: "Ubuntu",
    instead: "ubuntu:24.04",
    ended: [
      [["12.04", "precise"], "April 2017"],
      [["14.04", "trusty"], "April 2019"],
      [["16.04", "xenial"], "April 2021"],
      [["18.04", "bionic"], "May 2023"],
      [["20.04", "focal"], "May 2025"],
    ],
  },
  {
    // wiki.debian.org/LTS: end of long-term support.
    image: "debian",
    called: "Debian",
    instead: "debian:trixie-slim",
    ended: [
      [["7", "wheezy"], "May 2018"],
      [["8", "jessie"], "June 2020"],
      [["9", "stretch"], "June 2022"],
      [["10", "buster"], "June 2024"],
      [["11", "bullseye"], "August 2026"],
    ],
  },
  {
    // alpinelinux.org/releases
    image: "alpine",
    called: "Alpine",
    instead: "a newer Alpine",
    ended: [
      [["3.14"], "May 2023"],
      [["3.15"], "November 2023"],
      [["3.16"], "May 2024"],
      [["3.17"], "November 2024"],
      [["3.18"], "May 2025"],
      [["3.19"], "November 2025"],
      [["3.20"], "April 2026"],
      [["3.21"], "November 2026"],
      ...["3.13", "3.12", "3.11", "3.10", "3.9", "3.8", "3.7", "3.6", "3.5", "3.4", "3.3"].map(
        (version) => [[version], "2022 or before"] as const,
      ),
    ],
  },
  {
    // centos.org/centos-linux-eol
    image: "centos",
    called: "CentOS",
    instead: "almalinux:9 or rockylinux:9",
    ended: [
      [["6", "centos6"], "November 2020"],
      [["7", "centos7"], "June 2024"],
      [["8", "centos8"], "December 2021"],
    ],
  },
  {
    // haproxy.org, table of branches
    image: "haproxy",
    called: "HAProxy",
    instead: "haproxy:3.2",
    ended: [
      ...["1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "2.0", "2.1", "2.3"].map(
        (version) => [[version], "2024 or before"] as const,
      ),
      [["2.5"], "2023"],
      [["2.7"], "2024"],
      [["2.2"], "2025"],
      [["2.9"], "2025"],
      [["3.1"], "2026"],
      [["2.4"], "2026"],
    ],
  },
];
