// Every rule, by subject. A test fails when a file of this folder is missing here.
import type { PlanRule } from "../rule.ts";
import { accessListSeesLoadBalancer } from "./access-list-sees-load-balancer.ts";
import { hashingOverOneAddress } from "./affinity-over-one-address.ts";
import { ambiguousPathsAllowed } from "./ambiguous-paths-allowed.ts";
import { asIsPathsBypassRules } from "./as-is-paths-bypass-rules.ts";
import { bodyLimitIncomplete } from "./body-limit-incomplete.ts";
import { clientAddressFromPods } from "./client-address-from-pods.ts";
import { cloudSettingWithoutEffect } from "./cloud-setting-without-effect.ts";
import { drainingOutOfRange } from "./draining-out-of-range.ts";
import { duplicateHeader } from "./duplicate-header.ts";
import { fileNotMounted } from "./file-not-mounted.ts";
import { forgeableHeaderGrantsAccess } from "./forgeable-header-grants-access.ts";
import { headerNeverMatches } from "./header-never-matches.ts";
import { healthCheckOutOfRange } from "./health-check-out-of-range.ts";
import { healthCheckWithProxyHeader } from "./health-check-with-proxy-header.ts";
import { hostBitsSet } from "./host-bits-set.ts";
import { hostWithoutCertificate } from "./host-without-certificate.ts";
import { hstsMaxAgeZero } from "./hsts-max-age-zero.ts";
import { hstsPreloadIncomplete } from "./hsts-preload-incomplete.ts";
import { hstsWithoutHttps } from "./hsts-without-https.ts";
import { httpsRedirectWithoutTls } from "./https-redirect-without-tls.ts";
import { idleTimeoutOutOfRange } from "./idle-timeout-out-of-range.ts";
import { indistinguishableRoutes } from "./indistinguishable-routes.ts";
import { internalSharesPublicPort } from "./internal-shares-public-port.ts";
import { largeFileNeedsShell } from "./large-file-needs-shell.ts";
import { literalPattern } from "./literal-pattern.ts";
import { loadBalancerCannotTerminateTls } from "./load-balancer-cannot-terminate-tls.ts";
import { loadBalancerStaysPublic } from "./load-balancer-stays-public.ts";
import { noClientAllowed } from "./no-client-allowed.ts";
import { noLoadBalancer } from "./no-load-balancer.ts";
import { noPublicPort } from "./no-public-port.ts";
import { proxyProtocolNotPerPort } from "./proxy-protocol-not-per-port.ts";
import { proxyProtocolVersionUnsupported } from "./proxy-protocol-version-unsupported.ts";
import { publicByDefault } from "./public-by-default.ts";
import { rawLines } from "./raw-lines.ts";
import { redirectLeavesHttps } from "./redirect-leaves-https.ts";
import { redirectLoop } from "./redirect-loop.ts";
import { restrictedPathSpellings } from "./restricted-path-spellings.ts";
import { securityGroupTooLarge } from "./security-group-too-large.ts";
import { serverLimitNeverReached } from "./server-limit-never-reached.ts";
import { settingWithoutEffect } from "./setting-without-effect.ts";
import { sharedPortExpectsProxy } from "./shared-port-expects-proxy.ts";
import { tooManyCertificateNames } from "./too-many-certificate-names.ts";
import { tooManyConnections } from "./too-many-connections.ts";
import { tooManyHeadlessPods } from "./too-many-headless-pods.ts";
import { trustedHeadersFromAnySource } from "./trusted-headers-from-any-source.ts";
import { unknownTlsPolicy } from "./unknown-tls-policy.ts";
import { unreachableRoute } from "./unreachable-route.ts";
import { unreachableSite } from "./unreachable-site.ts";
import { unusedBackend } from "./unused-backend.ts";
import { websocketNotUpgraded } from "./websocket-not-upgraded.ts";

export const PLAN_RULES: readonly PlanRule[] = [
  // Routing.
  indistinguishableRoutes,
  unreachableRoute,
  unreachableSite,
  headerNeverMatches,
  duplicateHeader,
  literalPattern,
  redirectLoop,
  redirectLeavesHttps,
  settingWithoutEffect,
  unusedBackend,
  websocketNotUpgraded,
  // Listeners and load balancers.
  noPublicPort,
  httpsRedirectWithoutTls,
  hostWithoutCertificate,
  fileNotMounted,
  noLoadBalancer,
  proxyProtocolVersionUnsupported,
  proxyProtocolNotPerPort,
  healthCheckWithProxyHeader,
  loadBalancerCannotTerminateTls,
  loadBalancerStaysPublic,
  publicByDefault,
  idleTimeoutOutOfRange,
  healthCheckOutOfRange,
  drainingOutOfRange,
  unknownTlsPolicy,
  tooManyCertificateNames,
  securityGroupTooLarge,
  cloudSettingWithoutEffect,
  // HSTS.
  hstsWithoutHttps,
  hstsPreloadIncomplete,
  hstsMaxAgeZero,
  // Trust and access.
  internalSharesPublicPort,
  sharedPortExpectsProxy,
  forgeableHeaderGrantsAccess,
  asIsPathsBypassRules,
  ambiguousPathsAllowed,
  restrictedPathSpellings,
  trustedHeadersFromAnySource,
  accessListSeesLoadBalancer,
  clientAddressFromPods,
  noClientAllowed,
  hostBitsSet,
  // Related timeouts.
  // Limits, servers, and others.
  serverLimitNeverReached,
  tooManyConnections,
  bodyLimitIncomplete,
  hashingOverOneAddress,
  tooManyHeadlessPods,
  largeFileNeedsShell,
  rawLines,
];
