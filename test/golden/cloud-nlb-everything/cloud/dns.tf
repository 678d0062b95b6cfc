# DNS records of the load balancer.

# Aliases, because the addresses of the load balancer change.
resource "aws_route53_record" "hosts" {
  for_each = toset(["shop.example.com"])
  zone_id  = var.route53_zone_id
  name     = each.key
  type     = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }
}
