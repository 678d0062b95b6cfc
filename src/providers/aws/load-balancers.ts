// Values that AWS accepts for a classic ELB and an NLB: ranges and names that Terraform's schema does not check.

export interface Range {
  readonly least: number;
  readonly most: number;
}

export interface AwsLoadBalancer {
  /** The name in a sentence. */
  readonly name: string;
  /** All in whole seconds. */
  readonly health: {
    readonly intervalS: Range;
    readonly timeoutS: Range;
    readonly threshold: Range;
  };
  readonly drainingS: Range;
  /** Policies for listeners that terminate TLS. */
  readonly tlsPolicies: readonly string[];
  /** The one that AWS recommends. */
  readonly recommendedTlsPolicy: string;
}

/**
 * Elastic Load Balancing API Reference 2012-06-01, HealthCheck and ConnectionDraining; User Guide for Classic Load Balancers, "Configure
 * connection draining" and "Predefined SSL security policies for Classic Load Balancers".
 */
export const CLASSIC_ELB: AwsLoadBalancer = {
  name: "a classic ELB",
  health: {
    intervalS: { least: 5, most: 300 },
    timeoutS: { least: 2, most: 60 },
    threshold: { least: 2, most: 10 },
  },
  drainingS: { least: 1, most: 3600 },
  tlsPolicies: [
    "ELBSecurityPolicy-TLS-1-2-2017-01",
    "ELBSecurityPolicy-TLS-1-1-2017-01",
    "ELBSecurityPolicy-2016-08",
    "ELBSecurityPolicy-2015-05",
    "ELBSecurityPolicy-2015-03",
    "ELBSecurityPolicy-2015-02",
  ],
  recommendedTlsPolicy: "ELBSecurityPolicy-TLS-1-2-2017-01",
};

/**
 * User Guide for Network Load Balancers, "Health checks for Network Load Balancer target groups", "Edit target group attributes" (deregistration
 * delay) and "Security policies for your Network Load Balancer".
 */
export const NLB: AwsLoadBalancer = {
  name: "an NLB",
  health: {
    intervalS: { least: 5, most: 300 },
    timeoutS: { least: 2, most: 120 },
    threshold: { least: 2, most: 10 },
  },
  drainingS: { least: 0, most: 3600 },
  tlsPolicies: [
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-0-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
    "ELBSecurityPolicy-TLS13-1-1-2021-06",
    "ELBSecurityPolicy-TLS13-1-0-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-3-RFC9151-FIPS-2023-07",
    "ELBSecurityPolicy-TLS13-1-2-RFC9151-FIPS-2023-07",
    "ELBSecurityPolicy-TLS13-1-2-Ext0-RFC9151-FIPS-2023-07",
    "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07",
    "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP2-FIPS-2023-07",
    "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP3-FIPS-2023-07",
    "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07",
    "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
    "ELBSecurityPolicy-TLS-1-2-2017-01",
    "ELBSecurityPolicy-TLS-1-1-2017-01",
    "ELBSecurityPolicy-2016-08",
    "ELBSecurityPolicy-2015-05",
    "ELBSecurityPolicy-FS-1-2-Res-2020-10",
    "ELBSecurityPolicy-FS-1-2-Res-2019-08",
    "ELBSecurityPolicy-FS-1-2-2019-08",
    "ELBSecurityPolicy-FS-1-1-2019-08",
    "ELBSecurityPolicy-FS-2018-06",
  ],
  recommendedTlsPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
};

/** TLS listeners of an NLB always have this one ("Update the TCP idle timeout for your Network Load Balancer listener"). */
export const NLB_TLS_IDLE_S = 350;

/** By the description's `kind`; undefined: not a load balancer of AWS. */
export function awsLoadBalancer(kind: string): AwsLoadBalancer | undefined {
  if (kind === "aws-classic-elb") return CLASSIC_ELB;
  return kind === "aws-nlb" ? NLB : undefined;
}
