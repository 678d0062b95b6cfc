# Certificate of the load balancer.

# Renewed by AWS as long as the records below exist.
resource "aws_acm_certificate" "this" {
  domain_name               = "shop.example.com"
  subject_alternative_names = ["*.shop.example.com"]
  validation_method         = "DNS"
  tags                      = local.tags

  lifecycle {
    # The load balancer uses the old one until the new one exists.
    create_before_destroy = true
  }
}

locals {
  certificate_records = { for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => option }
}

# Prove ownership of the names; *.example.com uses the record of example.com.
resource "aws_route53_record" "certificate" {
  for_each = toset(["shop.example.com"])
  zone_id  = var.route53_zone_id
  name     = local.certificate_records[each.key].resource_record_name
  type     = local.certificate_records[each.key].resource_record_type
  records  = [local.certificate_records[each.key].resource_record_value]
  ttl      = 300

  # Certificates of this account share the record of a name.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.certificate : record.fqdn]
}
