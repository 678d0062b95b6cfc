// Every rule over layers, by subject. A test fails when a file of this folder is missing here.
import type { LayerRule } from "../layers/layer-rule.ts";
import { adminSocketOnNetwork } from "./admin-socket-on-network.ts";
import { balanceOverOneAddress } from "./balance-over-one-address.ts";
import { connectTimeoutTooShort } from "./connect-timeout-too-short.ts";
import { forwardedHeadersPassed } from "./forwarded-headers-passed.ts";
import { haproxyUpgradeRefuses } from "./haproxy-upgrade-refuses.ts";
import { healthCheckWithoutHost } from "./health-check-without-host.ts";
import { hostComparedWithPort } from "./host-compared-with-port.ts";
import { hstsNotSent } from "./hsts-not-sent.ts";
import { httpchkWithoutCheck } from "./httpchk-without-check.ts";
import { internalCallersByHost } from "./internal-callers-by-host.ts";
import { keepAliveOff } from "./keep-alive-off.ts";
import { logSocketNeedsDaemon } from "./log-socket-needs-daemon.ts";
import { nameBlocksStart } from "./name-blocks-start.ts";
import { nameNeverResolvedAgain } from "./name-never-resolved-again.ts";
import { noRequestTimeout } from "./no-request-timeout.ts";
import { noTimeouts } from "./no-timeouts.ts";
import { proxyHeaderFromAnyone } from "./proxy-header-from-anyone.ts";
import { redirectToAnyHost } from "./redirect-to-any-host.ts";
import { statsWithoutPassword } from "./stats-without-password.ts";

export const LAYER_RULES: readonly LayerRule[] = [
  // haproxy.cfg: servers and their health.
  httpchkWithoutCheck,
  healthCheckWithoutHost,
  nameBlocksStart,
  nameNeverResolvedAgain,
  balanceOverOneAddress,
  keepAliveOff,
  // haproxy.cfg: times.
  noRequestTimeout,
  noTimeouts,
  connectTimeoutTooShort,
  // haproxy.cfg: whom it trusts, and what it shows.
  proxyHeaderFromAnyone,
  forwardedHeadersPassed,
  internalCallersByHost,
  adminSocketOnNetwork,
  statsWithoutPassword,
  // haproxy.cfg: hosts, redirects and schemes.
  redirectToAnyHost,
  hostComparedWithPort,
  hstsNotSent,
  // haproxy.cfg: the process, its version and its logs.
  haproxyUpgradeRefuses,
  logSocketNeedsDaemon,
];
