# DNS records of the load balancer.

# Aliases, because the addresses of the load balancer change.
resource "aws_route53_record" "hosts" {
  for_each = toset(["shop.example.com"])
  zone_id  = var.route53_zone_id
  name     = each.key
  type     = "A"

  alias {
    name                   = aws_elb.this.dns_name
    zone_id                = data.aws_elb_hosted_zone_id.this.id
    evaluate_target_health = true
  }
}
