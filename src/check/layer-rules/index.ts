// Every rule over layers, by subject. A test fails when a file of this folder is missing here.
import type { LayerRule } from "../layers/layer-rule.ts";
import { httpchkWithoutCheck } from "./httpchk-without-check.ts";
import { noRequestTimeout } from "./no-request-timeout.ts";
import { statsWithoutPassword } from "./stats-without-password.ts";

export const LAYER_RULES: readonly LayerRule[] = [
  // haproxy.cfg: servers and their health.
  httpchkWithoutCheck,
  // haproxy.cfg: times.
  noRequestTimeout,
  // haproxy.cfg: whom it trusts, and what it shows.
  statsWithoutPassword,
];
