// The ARN of a certificate that a load balancer of AWS can use.

export interface CertificateArn {
  readonly service: "acm" | "iam";
  /** `us-east-1`; undefined: IAM's are in every region. */
  readonly region?: string | undefined;
}

/**
 * IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)"; Service Authorization Reference, resource types of AWS Certificate
 * Manager (`certificate`) and of IAM (`server-certificate`). undefined: it is none.
 */
export function parseCertificateArn(text: string): CertificateArn | undefined {
  const acm = /^arn:aws[a-z-]*:acm:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:certificate\/[A-Za-z0-9-]{1,64}$/.exec(
    text,
  );
  if (acm !== null) return { service: "acm", region: acm[1] };
  return /^arn:aws[a-z-]*:iam::\d{12}:server-certificate\/[\w+=,.@/-]{1,640}$/.test(text)
    ? { service: "iam" }
    : undefined;
}
