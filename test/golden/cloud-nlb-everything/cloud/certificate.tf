# What clients are shown.

# Renewed by AWS for as long as the records below stand.
resource "aws_acm_certificate" "this" {
  domain_name               = "shop.example.com"
  subject_alternative_names = ["*.shop.example.com"]
  validation_method         = "DNS"
  tags                      = local.tags

  lifecycle {
    # The load balancer shows the old one until the new one is there.
    create_before_destroy = true
  }
}

locals {
  certificate_records = { for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => option }
}

# Prove that the names are ours; a wildcard has the record of the name below it.
resource "aws_route53_record" "certificate" {
  for_each = toset(["shop.example.com"])
  zone_id  = var.route53_zone_id
  name     = local.certificate_records[each.key].resource_record_name
  type     = local.certificate_records[each.key].resource_record_type
  records  = [local.certificate_records[each.key].resource_record_value]
  ttl      = 300

  # Every certificate of this account for a name has the same record.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.certificate : record.fqdn]
}
