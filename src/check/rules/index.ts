// Every rule over layers, by subject. A test fails when a file of this folder is missing here.
import type { Rule } from "../rule.ts";
import { accessListSeesLoadBalancer } from "./access-list-sees-load-balancer.ts";
import { addressFamilyMismatch } from "./address-family-mismatch.ts";
import { adminSocketOnNetwork } from "./admin-socket-on-network.ts";
import { affinityOverOneAddress } from "./affinity-over-one-address.ts";
import { allServerWeightsZero } from "./all-server-weights-zero.ts";
import { apiVersionRemoved } from "./api-version-removed.ts";
import { apiVersionUnknown } from "./api-version-unknown.ts";
import { balanceOverOneAddress } from "./balance-over-one-address.ts";
import { baseNotOfficial } from "./base-not-official.ts";
import { baseOutOfSupport } from "./base-out-of-support.ts";
import { bindWithoutIpv6 } from "./bind-without-ipv6.ts";
import { bindWithoutService } from "./bind-without-service.ts";
import { certificateWithoutKey } from "./certificate-without-key.ts";
import { checkTimeoutOutlastsInterval } from "./check-timeout-outlasts-interval.ts";
import { clientAddressLost } from "./client-address-lost.ts";
import { clusterDnsNotUsed } from "./cluster-dns-not-used.ts";
import { clusterDomainsDiffer } from "./cluster-domains-differ.ts";
import { composeFileInvalid } from "./compose-file-invalid.ts";
import { conditionAlwaysTrue } from "./condition-always-true.ts";
import { conditionNeverMetHere } from "./condition-never-met-here.ts";
import { configurationNotMounted } from "./configuration-not-mounted.ts";
import { connectTimeoutTooShort } from "./connect-timeout-too-short.ts";
import { connectionDrainingOff } from "./connection-draining-off.ts";
import { containerPortWithoutBind } from "./container-port-without-bind.ts";
import { containerRunsAsRoot } from "./container-runs-as-root.ts";
import { counterNotTracked } from "./counter-not-tracked.ts";
import { daemonInContainer } from "./daemon-in-container.ts";
import { drainLongerThanGrace } from "./drain-longer-than-grace.ts";
import { drainShorterThanDetection } from "./drain-shorter-than-detection.ts";
import { duplicateServer } from "./duplicate-server.ts";
import { fileNotInContainer } from "./file-not-in-container.ts";
import { forwardedHeaderFirstEntry } from "./forwarded-header-first-entry.ts";
import { forwardedHeaderTrusted } from "./forwarded-header-trusted.ts";
import { forwardedHeadersPassed } from "./forwarded-headers-passed.ts";
import { guessablePassword } from "./guessable-password.ts";
import { haproxyUpgradeRefuses } from "./haproxy-upgrade-refuses.ts";
import { haproxyVersionRefuses } from "./haproxy-version-refuses.ts";
import { healthCheckFails } from "./health-check-fails.ts";
import { healthCheckOnOtherTarget } from "./health-check-on-other-target.ts";
import { healthCheckTargetLowerCase } from "./health-check-target-lower-case.ts";
import { healthCheckWithoutHost } from "./health-check-without-host.ts";
import { healthCheckWithoutSni } from "./health-check-without-sni.ts";
import { holdTimeTooShort } from "./hold-time-too-short.ts";
import { hostComparedWithPort } from "./host-compared-with-port.ts";
import { hstsNotSent } from "./hsts-not-sent.ts";
import { httpchkWithoutCheck } from "./httpchk-without-check.ts";
import { httpsRedirectLoop } from "./https-redirect-loop.ts";
import { imageNotPinned } from "./image-not-pinned.ts";
import { imageReferenceInvalid } from "./image-reference-invalid.ts";
import { impossibleCondition } from "./impossible-condition.ts";
import { ingressValueInvalid } from "./ingress-value-invalid.ts";
import { insecureCookie } from "./insecure-cookie.ts";
import { internalAccessByHost } from "./internal-access-by-host.ts";
import { internalSharesProxyPort } from "./internal-shares-proxy-port.ts";
import { keepAliveOff } from "./keep-alive-off.ts";
import { keepAliveOutlastsLoadBalancer } from "./keep-alive-outlasts-load-balancer.ts";
import { livenessProbeChecksServers } from "./liveness-probe-checks-servers.ts";
import { livenessProbeTooEarly } from "./liveness-probe-too-early.ts";
import { loadBalancerHairpin } from "./load-balancer-hairpin.ts";
import { loadBalancerReusesClosedConnection } from "./load-balancer-reuses-closed-connection.ts";
import { loadBalancerWithoutNodes } from "./load-balancer-without-nodes.ts";
import { logLinesLost } from "./log-lines-lost.ts";
import { logSocketNeedsDaemon } from "./log-socket-needs-daemon.ts";
import { lowPortNotPermitted } from "./low-port-not-permitted.ts";
import { memoryTooLow } from "./memory-too-low.ts";
import { metricsExposedPublicly } from "./metrics-exposed-publicly.ts";
import { moreThreadsThanCpu } from "./more-threads-than-cpu.ts";
import { muslIgnoresResolverOptions } from "./musl-ignores-resolver-options.ts";
import { nameResolvedOnlyAtStart } from "./name-resolved-only-at-start.ts";
import { networkPolicyBlocksClients } from "./network-policy-blocks-clients.ts";
import { networkPolicyBlocksDns } from "./network-policy-blocks-dns.ts";
import { networkPolicyBlocksServers } from "./network-policy-blocks-servers.ts";
import { noConnectionLimit } from "./no-connection-limit.ts";
import { noDisruptionBudget } from "./no-disruption-budget.ts";
import { noHealthCheck } from "./no-health-check.ts";
import { noReadinessProbe } from "./no-readiness-probe.ts";
import { noRequestTimeout } from "./no-request-timeout.ts";
import { noTimeouts } from "./no-timeouts.ts";
import { nodePortOpenToInternet } from "./node-port-open-to-internet.ts";
import { nonRootNotVerified } from "./non-root-not-verified.ts";
import { openPortWithoutListener } from "./open-port-without-listener.ts";
import { pathNotWritable } from "./path-not-writable.ts";
import { pathRuleBypassed } from "./path-rule-bypassed.ts";
import { plainHttpNotRedirected } from "./plain-http-not-redirected.ts";
import { plainHttpWithHsts } from "./plain-http-with-hsts.ts";
import { podPortMissing } from "./pod-port-missing.ts";
import { podPortUndeclared } from "./pod-port-undeclared.ts";
import { podStopsWithoutDraining } from "./pod-stops-without-draining.ts";
import { portMismatch } from "./port-mismatch.ts";
import { privilegeMissing } from "./privilege-missing.ts";
import { probeFails } from "./probe-fails.ts";
import { proxyHeaderFromAnySource } from "./proxy-header-from-any-source.ts";
import { proxyProtocolOneSided } from "./proxy-protocol-one-sided.ts";
import { queueTimeoutWithoutLimit } from "./queue-timeout-without-limit.ts";
import { redirectLoop } from "./redirect-loop.ts";
import { redirectToAnyHost } from "./redirect-to-any-host.ts";
import { referencedKeyMissing } from "./referenced-key-missing.ts";
import { requestTimeoutOutlastsClient } from "./request-timeout-outlasts-client.ts";
import { resolverAnswerTruncated } from "./resolver-answer-truncated.ts";
import { retryRepeatsRequests } from "./retry-repeats-requests.ts";
import { secureCookieOverHttp } from "./secure-cookie-over-http.ts";
import { securityGroupBlocksListener } from "./security-group-blocks-listener.ts";
import { securityGroupBlocksNodes } from "./security-group-blocks-nodes.ts";
import { selectorMissing } from "./selector-missing.ts";
import { serverCertificateUnverified } from "./server-certificate-unverified.ts";
import { serverNameInOtherDomain } from "./server-name-in-other-domain.ts";
import { serverNameWithoutDomain } from "./server-name-without-domain.ts";
import { serverNotOnNetwork } from "./server-not-on-network.ts";
import { serverPortMissing } from "./server-port-missing.ts";
import { serverServiceMissing } from "./server-service-missing.ts";
import { serverWithoutCookie } from "./server-without-cookie.ts";
import { serverWithoutPods } from "./server-without-pods.ts";
import { serviceSelectsNoPods } from "./service-selects-no-pods.ts";
import { serviceSelectsOtherPods } from "./service-selects-other-pods.ts";
import { singleReplica } from "./single-replica.ts";
import { singleRequestCoversRaceOnly } from "./single-request-covers-race-only.ts";
import { sourceFilterRefusesClients } from "./source-filter-refuses-clients.ts";
import { statsAdminUnrestricted } from "./stats-admin-unrestricted.ts";
import { statsPasswordInPlainText } from "./stats-password-in-plain-text.ts";
import { statsWithoutPassword } from "./stats-without-password.ts";
import { stopSignalCutsRequests } from "./stop-signal-cuts-requests.ts";
import { stopSignalNotReceived } from "./stop-signal-not-received.ts";
import { terraformSyntaxRemoved } from "./terraform-syntax-removed.ts";
import { timeoutOutlastsLoadBalancer } from "./timeout-outlasts-load-balancer.ts";
import { tlsNeverTerminated } from "./tls-never-terminated.ts";
import { tlsOneSided } from "./tls-one-sided.ts";
import { tooFewFileDescriptors } from "./too-few-file-descriptors.ts";
import { trafficPolicyHidesClients } from "./traffic-policy-hides-clients.ts";
import { unreachableMapEntry } from "./unreachable-map-entry.ts";
import { unreachableRule } from "./unreachable-rule.ts";
import { unresolvableNameBlocksStart } from "./unresolvable-name-blocks-start.ts";
import { unusedAcl } from "./unused-acl.ts";
import { unusedBackendOfLayers } from "./unused-backend.ts";
import { unusedVariable } from "./unused-variable.ts";
import { variableNotSet } from "./variable-not-set.ts";

export const RULES: readonly Rule[] = [
  // haproxy.cfg: servers and their health.
  httpchkWithoutCheck,
  noHealthCheck,
  duplicateServer,
  healthCheckWithoutHost,
  healthCheckWithoutSni,
  checkTimeoutOutlastsInterval,
  unresolvableNameBlocksStart,
  nameResolvedOnlyAtStart,
  serverNameWithoutDomain,
  serverNameInOtherDomain,
  clusterDomainsDiffer,
  clusterDnsNotUsed,
  holdTimeTooShort,
  resolverAnswerTruncated,
  balanceOverOneAddress,
  serverWithoutCookie,
  affinityOverOneAddress,
  allServerWeightsZero,
  secureCookieOverHttp,
  keepAliveOff,
  retryRepeatsRequests,
  // haproxy.cfg: times.
  noRequestTimeout,
  requestTimeoutOutlastsClient,
  queueTimeoutWithoutLimit,
  noTimeouts,
  connectTimeoutTooShort,
  // haproxy.cfg: trust and exposure.
  proxyHeaderFromAnySource,
  forwardedHeadersPassed,
  forwardedHeaderTrusted,
  forwardedHeaderFirstEntry,
  accessListSeesLoadBalancer,
  internalAccessByHost,
  adminSocketOnNetwork,
  statsWithoutPassword,
  statsPasswordInPlainText,
  statsAdminUnrestricted,
  guessablePassword,
  serverCertificateUnverified,
  pathRuleBypassed,
  counterNotTracked,
  // haproxy.cfg: rules without effect.
  unreachableMapEntry,
  unreachableRule,
  impossibleCondition,
  conditionAlwaysTrue,
  conditionNeverMetHere,
  unusedAcl,
  unusedVariable,
  unusedBackendOfLayers,
  // haproxy.cfg: hosts, redirects and schemes.
  httpsRedirectLoop,
  redirectLoop,
  redirectToAnyHost,
  hostComparedWithPort,
  hstsNotSent,
  plainHttpWithHsts,
  insecureCookie,
  // haproxy.cfg: the process, its version and its logs.
  haproxyVersionRefuses,
  haproxyUpgradeRefuses,
  daemonInContainer,
  logSocketNeedsDaemon,
  logLinesLost,
  // Inconsistent hops: PROXY, TLS, ports.
  proxyProtocolOneSided,
  internalSharesProxyPort,
  tlsOneSided,
  tlsNeverTerminated,
  plainHttpNotRedirected,
  portMismatch,
  containerPortWithoutBind,
  bindWithoutService,
  serviceSelectsNoPods,
  serviceSelectsOtherPods,
  clientAddressLost,
  sourceFilterRefusesClients,
  loadBalancerHairpin,
  addressFamilyMismatch,
  bindWithoutIpv6,
  trafficPolicyHidesClients,
  // Behind HAProxy: Services, pods, policies.
  serverPortMissing,
  serverServiceMissing,
  serverNotOnNetwork,
  composeFileInvalid,
  serverWithoutPods,
  podPortMissing,
  podPortUndeclared,
  networkPolicyBlocksServers,
  networkPolicyBlocksDns,
  networkPolicyBlocksClients,
  // Health checks and probes.
  healthCheckFails,
  healthCheckOnOtherTarget,
  probeFails,
  noReadinessProbe,
  livenessProbeTooEarly,
  livenessProbeChecksServers,
  healthCheckTargetLowerCase,
  // Security groups.
  securityGroupBlocksListener,
  securityGroupBlocksNodes,
  openPortWithoutListener,
  nodePortOpenToInternet,
  metricsExposedPublicly,
  // Times and limits of several layers.
  podStopsWithoutDraining,
  drainShorterThanDetection,
  drainLongerThanGrace,
  stopSignalCutsRequests,
  connectionDrainingOff,
  keepAliveOutlastsLoadBalancer,
  loadBalancerReusesClosedConnection,
  timeoutOutlastsLoadBalancer,
  memoryTooLow,
  // The image, and how HAProxy runs in it.
  baseOutOfSupport,
  baseNotOfficial,
  imageReferenceInvalid,
  imageNotPinned,
  containerRunsAsRoot,
  stopSignalNotReceived,
  muslIgnoresResolverOptions,
  singleRequestCoversRaceOnly,
  // Whether HAProxy starts in its container.
  configurationNotMounted,
  fileNotInContainer,
  certificateWithoutKey,
  referencedKeyMissing,
  variableNotSet,
  privilegeMissing,
  pathNotWritable,
  lowPortNotPermitted,
  nonRootNotVerified,
  noConnectionLimit,
  tooFewFileDescriptors,
  moreThreadsThanCpu,
  // Kubernetes and Terraform alone.
  apiVersionRemoved,
  apiVersionUnknown,
  ingressValueInvalid,
  selectorMissing,
  singleReplica,
  noDisruptionBudget,
  loadBalancerWithoutNodes,
  terraformSyntaxRemoved,
];
