// AWS Load Balancer Controller: an Application Load Balancer for an Ingress.
import type { HealthCheckFields } from "../provider.ts";

export const ALB = "alb.ingress.kubernetes.io/";

/** https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/ */
export const ALB_CONTROLLER = "ingress.k8s.aws/alb";

/** https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/ */
export const ALB_HEALTH_CHECK: HealthCheckFields = {
  protocol: `${ALB}healthcheck-protocol`,
  port: `${ALB}healthcheck-port`,
  path: `${ALB}healthcheck-path`,
  intervalS: `${ALB}healthcheck-interval-seconds`,
  timeoutS: `${ALB}healthcheck-timeout-seconds`,
  healthy: `${ALB}healthy-threshold-count`,
  unhealthy: `${ALB}unhealthy-threshold-count`,
  statuses: `${ALB}success-codes`,
};

/** Defaults of the same document. */
export const ALB_DEFAULTS = {
  path: "/",
  intervalS: 15,
  timeoutS: 5,
  healthy: 2,
  unhealthy: 2,
  idleTimeoutS: 60,
  drainingS: 300,
} as const;
