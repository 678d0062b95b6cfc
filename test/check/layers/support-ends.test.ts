// Which releases count as out of support: by tag, by code name, by an image name that contains the release.
import { expect, test } from "vitest";
import { endedSupport } from "../../../src/check/layers/support-ends.ts";

test.each([
  ["ubuntu:16.04", "Ubuntu 16.04", "April 2021"],
  ["docker.io/library/ubuntu:xenial-20210804", "Ubuntu 16.04", "April 2021"],
  ["registry.example.com/base/ubuntu1604", "Ubuntu 16.04", "April 2021"],
  ["debian:11-slim", "Debian 11", "August 2026"],
  ["debian:bullseye", "Debian 11", "August 2026"],
  ["alpine:3.20.3", "Alpine 3.20", "April 2026"],
  ["haproxy:2.4-alpine", "HAProxy 2.4", "2026"],
  ["centos:centos7.9.2009", "CentOS 7", "June 2024"],
])("%s", (image, release, since) => {
  expect(endedSupport(image)).toMatchObject({ release, since });
});

test.each([
  "ubuntu:24.04",
  "debian:12",
  "debian:trixie-slim",
  "alpine:3.22",
  "alpine:3.200",
  "haproxy:2.6",
  "haproxy:2.40",
  "alpine",
  "a/b:7",
])("%s is supported or unknown", (image) => {
  expect(endedSupport(image)).toBeUndefined();
});
